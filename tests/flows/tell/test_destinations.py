"""Destinations are kept sealed, tried out, audited; heartbeats are called while all is well."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from orgwarden.core.problems import GrantExpired, NeedsPerson, Problem
from orgwarden.flows import standing
from orgwarden.flows.tell import destinations as tell_destinations
from orgwarden.flows.tell import heartbeat as tell_heartbeat
from orgwarden.flows.tell import incidents as tell_incidents
from orgwarden.flows.tell import send as tell_send
from orgwarden.flows.tell.deliver import deliver_due
from orgwarden.flows.tell.destinations import Asked, keep
from orgwarden.flows.tell.try_out import send_again, try_out
from orgwarden.records import envelope
from orgwarden.records.holder import Holder
from orgwarden.records.models import AuditEntry, Destination, Message, Org, WorkerBeat
from tests.support.canaries import assert_absent
from tests.support.house import House
from tests.support.mailbox import Inbox, Mailbox
from tests.support.orgsim import OrgsimServer

CANARY = "T0CANARY0B0CANARY0x9f8e7d6c5b4a"
NOTHING = timedelta()


@pytest.fixture
def open_house(house: House, inbox: Inbox) -> House:
    house.settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset({inbox.named})
    return house


def heartbeat(inbox: Inbox, name: str = "watch", **more: str) -> Destination:
    asked = Asked(name, "heartbeat", f"{inbox.url}/ping/{CANARY}", **more)
    return keep(asked, actor="ada").destination


def test_an_address_and_its_secret_lie_sealed_and_nowhere_else(
    open_house: House, inbox: Inbox
) -> None:
    kept = keep(Asked("hook", "webhook", f"{inbox.url}/in/{CANARY}?k={CANARY}"), actor="ada")
    try_out(kept.destination, actor="ada")
    row = Destination.objects.get()
    assert row.address == inbox.named
    assert CANARY in tell_send.opened(row).url
    assert kept.secret == tell_send.opened(row).secret
    assert kept.secret not in repr(kept)
    assert inbox.got[0].path.endswith(CANARY)
    assert_absent([CANARY, kept.secret], open_house.home)
    entries = list(AuditEntry.objects.values_list("action", flat=True))
    assert entries == ["console:destination:added", "console:destination:tested"]


def test_changing_keeps_what_is_left_empty(open_house: House, inbox: Inbox) -> None:
    first = keep(Asked("hook", "webhook", f"{inbox.url}/one"), actor="ada")
    row = first.destination
    again = keep(Asked("renamed", "webhook", enabled=False), actor="bob", old=row)
    assert again.secret == ""
    row.refresh_from_db()
    assert (row.name, row.enabled) == ("renamed", False)
    assert tell_send.opened(row).url == f"{inbox.url}/one"
    assert tell_send.opened(row).secret == first.secret
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert entry.action == "console:destination:changed"
    assert entry.detail["before"]["name"] == "hook"
    assert entry.detail["after"]["enabled"] is False


@pytest.mark.parametrize(
    "asked",
    [
        Asked("", "email", "a@example.com"),
        Asked("n" * 81, "email", "a@example.com"),
        Asked("x", "pigeon", "a@example.com"),
        Asked("x", "email", "nobody"),
        Asked("x", "email"),
        Asked("x", "slack", "https://10.0.0.1/"),
        Asked("x", "slack", "http://hooks.slack.com/"),
        Asked("x", "webhook", "https://example.com/", secret="weak"),
        Asked("x", "heartbeat", "https://example.com/", method="DELETE"),
        Asked("TAKEN", "email", "a@example.com"),
    ],
)
def test_what_cannot_be_a_destination_is_refused_and_nothing_is_kept(
    house: House, asked: Asked
) -> None:
    keep(Asked("TAKEN", "email", "first@example.com"), actor="ada")
    with pytest.raises(NeedsPerson):
        keep(asked, actor="ada")
    assert Destination.objects.count() == 1


def test_a_sealed_address_does_not_open_in_another_row(open_house: House, inbox: Inbox) -> None:
    one, two = heartbeat(inbox, "one"), heartbeat(inbox, "two")
    Destination.objects.filter(pk=two.pk).update(sealed=one.sealed)
    two.refresh_from_db()
    with pytest.raises(NeedsPerson):
        tell_send.opened(two)


def test_an_address_whose_key_is_lost_is_replaced_by_a_new_one(
    open_house: House, inbox: Inbox
) -> None:
    row = keep(Asked("hook", "webhook", f"{inbox.url}/one"), actor="ada").destination
    open_house.settings.ORGWARDEN_KEY_FILE.unlink()
    envelope.prepare_key_file()
    with pytest.raises(Problem, match="does not hold"):
        try_out(row, actor="ada")
    with pytest.raises(NeedsPerson):
        keep(Asked("hook", "webhook"), actor="ada", old=row)
    kept = keep(Asked("hook", "webhook", f"{inbox.url}/two"), actor="ada", old=row)
    assert kept.secret.startswith("whsec_")
    try_out(kept.destination, actor="ada")
    assert inbox.got[-1].path == "/two"


def test_a_test_that_fails_says_why_and_leaves_nothing_behind(
    open_house: House, inbox: Inbox
) -> None:
    row = keep(Asked("hook", "webhook", f"{inbox.url}/in"), actor="ada").destination
    inbox.answers = [500]
    with pytest.raises(Problem, match="answered 500"):
        try_out(row, actor="ada")
    assert not Message.objects.exists()
    row.refresh_from_db()
    assert "answered 500" in row.last_problem
    assert try_out(row, actor="ada") == f"A test was sent to {inbox.named}."
    row.refresh_from_db()
    assert row.last_problem == ""
    assert row.last_ok_at is not None


def test_a_web_server_in_trouble_gets_the_alarm_when_it_is_back(
    at_home: House, sim: OrgsimServer, inbox: Inbox
) -> None:
    at_home.settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset({inbox.named})
    row = keep(Asked("hook", "webhook", f"{inbox.url}/in"), actor="ada").destination
    org = at_home.connect(sim)
    standing.trouble(org, GrantExpired("It ended."))
    tell_incidents.look_at(org.pk)
    inbox.answers = [500, 503]
    for _ in range(3):
        Message.objects.filter(state="waiting").update(due_at=datetime.now(UTC))
        deliver_due(holder=Holder.here())
    ids = [r.headers["webhook-id"] for r in inbox.got]
    assert len(ids) == 3
    assert len(set(ids)) == 1
    [message] = Message.objects.filter(destination=row)
    assert (message.state, message.tries) == (Message.State.SENT, 3)


def test_an_address_no_longer_allowed_gets_nothing(open_house: House, inbox: Inbox) -> None:
    row = keep(Asked("hook", "slack", f"{inbox.url}/in"), actor="ada").destination
    open_house.settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset()
    with pytest.raises(Problem):
        try_out(row, actor="ada")
    assert inbox.got == []


def test_deleting_takes_what_waits_with_it(open_house: House, inbox: Inbox) -> None:
    row = keep(Asked("hook", "slack", f"{inbox.url}/in"), actor="ada").destination
    now = datetime.now(UTC)
    Message.objects.create(
        key="k", destination=row, event="test", body={}, created_at=now, due_at=now
    )
    tell_destinations.delete(row, actor="ada")
    assert not Message.objects.exists()
    entry = AuditEntry.objects.order_by("-pk")[0]
    assert (entry.action, entry.detail["waiting"]) == ("console:destination:deleted", 1)


def test_a_message_given_up_goes_out_again_when_a_person_says_so(
    house: House, mailbox: Mailbox
) -> None:
    house.settings.EMAIL_HOST, house.settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    house.settings.DEFAULT_FROM_EMAIL = "ow@example.org"
    row = keep(Asked("mail", "email", "ada@example.com"), actor="ada").destination
    mailbox.answers = ["550 unknown user"]
    with pytest.raises(Problem, match="550 unknown user"):
        try_out(row, actor="ada")
    message = Message.objects.get()
    assert message.state == Message.State.GIVEN_UP
    send_again(message, actor="ada")
    assert deliver_due(holder=Holder.here()) == 1
    assert AuditEntry.objects.order_by("-pk")[0].action == "console:message:sent-again"
    send_again(message, actor="ada")  # it was sent: nothing more
    assert deliver_due(holder=Holder.here()) == 0
    assert len(mailbox.arrived) == 1


def test_a_heartbeat_is_called_each_cycle_and_its_problem_is_shown(
    open_house: House, inbox: Inbox
) -> None:
    row = heartbeat(inbox, method="POST")
    assert tell_heartbeat.call_all(least=NOTHING) == 1
    assert tell_heartbeat.call_all(least=NOTHING) == 1
    assert [r.method for r in inbox.got] == ["POST", "POST"]
    assert tell_heartbeat.call_all(least=timedelta(minutes=1)) == 0  # another worker just did
    inbox.answers = [500]
    assert tell_heartbeat.call_all(least=NOTHING) == 0
    row.refresh_from_db()
    assert "answered 500" in row.last_problem
    Destination.objects.update(enabled=False)
    assert tell_heartbeat.call_all(least=NOTHING) == 0
    assert len(inbox.got) == 3


def test_a_heartbeat_falls_silent_while_a_tenant_is_not_collected(
    at_home: House, sim: OrgsimServer, inbox: Inbox
) -> None:
    at_home.settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset({inbox.named})
    heartbeat(inbox)
    org = at_home.connect(sim)
    tell_incidents.look_at_all()
    assert tell_heartbeat.call_all(least=NOTHING) == 1
    standing.trouble(org, GrantExpired("It ended."))
    tell_incidents.look_at_all()
    assert tell_heartbeat.call_all(least=NOTHING) == 0
    Org.objects.update(paused_at=datetime.now(UTC))  # a person stopped it and knows
    assert tell_heartbeat.call_all(least=NOTHING) == 1
    Org.objects.update(paused_at=None, status=Org.Status.SUCCESS, problem="")
    tell_incidents.look_at_all()
    assert tell_heartbeat.call_all(least=NOTHING) == 1


def test_a_worker_is_seen_while_it_lives(house: House) -> None:
    holder, now = Holder.here(), datetime.now(UTC)
    WorkerBeat.objects.create(
        holder="old", started_at=now - timedelta(days=3), seen_at=now - timedelta(days=2)
    )
    tell_heartbeat.worker_lives(holder, now)
    tell_heartbeat.worker_lives(holder, now, now + timedelta(seconds=30))
    [row] = WorkerBeat.objects.all()
    assert row.seen_at - row.started_at == timedelta(seconds=30)
    tell_heartbeat.worker_ends(holder)
    assert not WorkerBeat.objects.exists()
