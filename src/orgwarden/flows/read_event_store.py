"""Reading stored real-time events: bounded windows, newest first, so many a run.

A store may hold millions of events and answers slowly, so no question is open-ended into the past:
1. Of a store that has shown nothing yet, ask for its newest event. None: the source stays dark,
   because a store that is switched off and one that has nothing look the same.
2. Plan as for rows; a window is at most a day, and one that times out is halved.
3. Read so many windows a run; the rest is a gap in what is complete, and the next run goes on.
What Salesforce refuses with INVALID_TYPE is dark for want of a licence or of the permission.
"""

from __future__ import annotations

from datetime import timedelta

from orgwarden.catalog.permissions import label_of
from orgwarden.core.expiry import left_out, read_whole
from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import NotAllowed, TryLater
from orgwarden.core.source import Source
from orgwarden.core.windows import Window, halves, pieces, plan
from orgwarden.flows.fields import Fields
from orgwarden.flows.first_window import first_window
from orgwarden.flows.read_rows import LEAST, TRIES, begin_backfill, conditions_of
from orgwarden.flows.read_window import read_pages, rows_of
from orgwarden.flows.work import Work
from orgwarden.salesforce import CursorGone, Query, select

MOST_WINDOWS = 12  # a run
LONGEST = timedelta(days=1)
LESS = "Older events are still to be read: a run reads 12 windows, and the next one goes on."


def read_event_store(work: Work, source: Source) -> str:
    """Read what is due of a store. Returns a remark for people."""
    fields = Fields(work, source)
    try:
        _refuse_empty(work, source)
    except NotAllowed as problem:
        if problem.code != "INVALID_TYPE":
            raise
        raise not_shown(source, work.org.connected_user) from problem
    begin_backfill(work, source)
    windows = _windows(work, source)
    for _ in range(MOST_WINDOWS):
        if not windows:
            break
        window = windows.pop(0)
        try:
            _read(work, source, fields, window)
        except TryLater as problem:
            if problem.code != "QUERY_TIMEOUT" or window.span.end - window.span.start < LEAST:
                raise
            windows[:0] = halves(window)
    return " ".join(filter(None, (fields.remark, LESS if windows else "")))


def first_question(work: Work, source: Source) -> Query | None:
    """What `read_event_store` is going to ask first."""
    known = work.ledger.of(source.id)
    if known.backfill_from is None or not known.complete.items:
        return _newest(source)
    window = first_window(work, source)
    if window is None:
        return None
    [window, *_] = pieces(window, LONGEST)
    return rows_of(source, conditions_of(source, window), source.field_names())


def _windows(work: Work, source: Source) -> list[Window]:
    known = work.ledger.of(source.id)
    assert known.backfill_from is not None
    planned = plan(
        left_out(known), start=known.backfill_from, now=work.now(), overlap=source.overlap
    )
    return [piece for window in planned for piece in pieces(window, LONGEST)]


def _newest(source: Source) -> Query:
    newest = select(source.object, source.key)
    return newest.order_by(source.time_field, descending=True).at_most(1)


def _refuse_empty(work: Work, source: Source) -> None:
    """Raises NotAllowed of a store that has never shown an event."""
    if work.ledger.of(source.id).complete.items:
        return
    if not work.joined.records(_newest(source), dict[str, object], lane=source.lane):
        raise NotAllowed(
            f"{source.object} holds no event: whether it is switched off or nothing happened, the"
            " org does not say.",
            fix=f"Turn storage of {source.object} on in Setup, Event Manager, if it is off.",
            code="NOTHING_STORED",
        )


def not_shown(source: Source, user: str) -> NotAllowed:
    """The org does not know the object, or not for our user: Salesforce says the same of both."""
    labels = " and ".join(label_of(n.permission) for n in source.needs)
    return NotAllowed(
        f"Salesforce does not show {source.object}: the org has no licence for it, or the connected"
        f" user lacks {labels}.",
        fix=f"With Event Monitoring, give {user} {labels}; without it, leave it dark. It is asked"
        " for once a day.",
        code="INVALID_TYPE",
    )


def _read(work: Work, source: Source, fields: Fields, window: Window) -> None:
    fields.asked_at = work.now()

    def done(ledger: Ledger) -> Ledger:
        was, span, at = ledger.of(source.id), window.span, fields.asked_at
        return ledger.with_source(
            source.id, read_whole(was, span, now=at, lag=source.lag, kept=source.kept_for)
        )

    for attempt in range(1, TRIES + 1):
        try:
            read_pages(work, source, fields, conditions_of(source, window), done)
            return
        except CursorGone:
            if attempt == TRIES:
                raise
