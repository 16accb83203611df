"""Delivery: each message of the outbox is sent by one worker, and once as far as that can be.

A row is claimed by a conditional update (waiting → sending), sent without a transaction, and marked
`handed_at` durably right before its last byte leaves. A sender that is killed before that mark
left nothing behind at the receiver, so another sends it. After it nobody can know: what may be told
twice is told again under the same id, the rest stays `unclear` for a person
(docs/decisions/0010-once-is-once.md).
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.db.models import F, Q, QuerySet

from orgwarden.core.problems import LostLease, NeedsPerson, Problem
from orgwarden.flows.tell import send as tell_send
from orgwarden.flows.tell.doubt import may_repeat, take_back
from orgwarden.notify.content import Unclear
from orgwarden.records.holder import Holder
from orgwarden.records.models import Destination, Message

PAUSES = tuple(timedelta(minutes=m) for m in (1, 2, 5, 15, 30, 60))
GIVE_UP = timedelta(days=3)
_NOT_SET_UP = timedelta(minutes=1)
# What an SMTP server refused, or a web server gave up; a web server's 500 passes.
_FOR_GOOD = frozenset({"GONE", *(str(code) for code in range(500, 600))})
WAITING, SENDING = Message.State.WAITING, Message.State.SENDING


def deliver_due(
    *,
    holder: Holder,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    at: Callable[[str], None] = lambda point: None,
    stop: Callable[[], bool] = lambda: False,
) -> int:
    """Send everything that is due; how much was sent. `at` is called at the points a test may want
    to be killed at: claimed, handing (all but the last byte is out), taken, sent."""
    take_back(now())
    done = 0
    due = Message.objects.filter(state=WAITING, due_at__lte=now())
    for pk in list(due.order_by("created_at", "pk").values_list("pk", flat=True)):
        if stop():
            break
        done += deliver_one(pk, holder=holder, now=now, at=at)
    return done


def deliver_one(
    pk: int,
    *,
    holder: Holder,
    now: Callable[[], datetime] = lambda: datetime.now(UTC),
    at: Callable[[str], None] = lambda point: None,
) -> int:
    """Send one message if it is due and nobody else has it: 1 when it was sent."""
    message = _claim(pk, str(holder), now())
    if message is None:
        return 0
    at("claimed")
    return _send(message, str(holder), now, at)


def _claim(pk: int, holder: str, now: datetime) -> Message | None:
    row = Message.objects.filter(pk=pk, state=WAITING, due_at__lte=now).first()
    if row is None or _follows_another(row):
        return None
    taken = Message.objects.filter(pk=pk, state=WAITING, due_at__lte=now).update(
        state=SENDING, sender=holder, sending_at=now, handed_at=None, tries=F("tries") + 1
    )
    return Message.objects.select_related("destination").get(pk=pk) if taken else None


def _follows_another(row: Message) -> bool:
    """The end of an incident waits for its beginning to be told."""
    before = row.key.replace(":ended:", ":opened:", 1)
    on_its_way = Message.objects.filter(key=before, state__in=(WAITING, SENDING))
    return row.event == "incident.ended" and on_its_way.exists()


def _send(row: Message, holder: str, now: Callable[[], datetime], at: Callable[[str], None]) -> int:
    mine = Message.objects.filter(pk=row.pk, state=SENDING, sender=holder)

    def hand_over() -> None:
        if not mine.update(handed_at=now()):
            raise LostLease("Another worker took this message over.")
        at("handing")

    try:
        tell_send.send(row, hand_over)
    except LostLease:
        return 0
    except Unclear as problem:
        again = may_repeat(row.event, row.destination)
        state = WAITING if again else Message.State.UNCLEAR
        _back(row, mine, problem, now(), state)
    except Problem as problem:
        old = now() - row.created_at > GIVE_UP
        refused = isinstance(problem, NeedsPerson) and problem.code in _FOR_GOOD
        given_up = refused or (old and problem.code != tell_send.NOT_SET_UP)
        _back(row, mine, problem, now(), Message.State.GIVEN_UP if given_up else WAITING)
    else:
        at("taken")
        mine.update(state=Message.State.SENT, sent_at=now(), problem="", sender="")
        if row.destination is not None:
            to = Destination.objects.filter(pk=row.destination.pk)
            to.update(last_ok_at=now(), last_problem="", last_problem_at=None)
        at("sent")
        return 1
    return 0


def _back(
    row: Message, mine: QuerySet[Message], problem: Problem, now: datetime, state: str
) -> None:
    values: dict[str, object] = {"state": state, "problem": problem.sentence(), "sender": ""}
    pause = PAUSES[min(row.tries, len(PAUSES)) - 1]
    if problem.code == tell_send.NOT_SET_UP:
        pause, values["tries"] = _NOT_SET_UP, 0
    values["due_at"] = due = now + pause
    if state != Message.State.UNCLEAR:
        values["handed_at"] = None
    mine.update(**values)
    if row.destination is not None:
        to = Destination.objects.filter(pk=row.destination.pk)
        to.update(last_problem=problem.sentence(), last_problem_at=now)
    if state == WAITING:  # what goes the same way would meet the same
        same = Q(destination=row.destination) if row.destination else Q(address=row.address)
        if problem.code in tell_send.NO_MAIL:
            same = Q(destination=None) | Q(destination__kind=Destination.Kind.EMAIL)
        others = Message.objects.filter(same, state=WAITING, due_at__lt=due)
        others.update(due_at=due, problem=problem.sentence())
