"""One message when an incident opens, one when it is over: by e-mail, webhook, Slack and Teams."""

from __future__ import annotations

import base64
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from standardwebhooks.webhooks import Webhook

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.problems import Contained, GrantExpired, NeedsPerson, Problem, TryLater
from orgwarden.flows import standing
from orgwarden.flows.tell import destinations as tell_destinations
from orgwarden.flows.tell import incidents as tell_incidents
from orgwarden.flows.tell.deliver import deliver_due
from orgwarden.flows.tell.destinations import Asked
from orgwarden.records import calls, leases
from orgwarden.records.holder import Holder
from orgwarden.records.models import Destination, Incident, Message, Org, SourceState
from orgwarden.records.preferences import MESSAGE_GRACE, put
from tests.support.house import House
from tests.support.mailbox import Inbox, Mailbox
from tests.support.orgsim import OrgsimServer

SECRET = "whsec_" + base64.b64encode(b"k" * 32).decode()


@pytest.fixture
def told(at_home: House, mailbox: Mailbox, inbox: Inbox) -> House:
    """An installation with a destination of each kind."""
    settings = at_home.settings
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    settings.DEFAULT_FROM_EMAIL = "orgwarden@example.org"
    settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset({inbox.named})
    add("mail", "email", "team@example.com")
    for kind in ("webhook", "slack", "teams"):
        add(kind, kind, f"{inbox.url}/{kind}?key=canary-in-the-address",
            secret=SECRET if kind == "webhook" else "")  # fmt: skip
    return at_home


def add(name: str, kind: str, address: str, **more: str) -> None:
    tell_destinations.keep(Asked(name, kind, address, **more), actor="test")


def deliver() -> int:
    Message.objects.filter(state="waiting").update(due_at=datetime.now(UTC))
    return deliver_due(holder=Holder.here())


def later(org: Org, **span: float) -> None:
    """Look at the tenant as if that much time had passed."""
    tell_incidents.look_at(org.pk, datetime.now(UTC) + timedelta(**span))


def subjects(mailbox: Mailbox) -> list[str]:
    return [str(m["Subject"]) for m in mailbox.arrived]


PERMANENT: list[tuple[type[Problem], str]] = [
    (GrantExpired, "Grant Expired"),
    (Contained, "Contained by Salesforce"),
]


@pytest.mark.parametrize(("kind", "title"), PERMANENT)
def test_a_lost_grant_is_told_once_to_every_destination_and_once_when_it_is_over(
    told: House, sim: OrgsimServer, mailbox: Mailbox, inbox: Inbox,
    kind: type[Problem], title: str,
) -> None:  # fmt: skip
    org = told.connect(sim)
    standing.trouble(org, kind("Salesforce no longer takes it.", fix="Reconnect the tenant."))
    for _ in range(3):
        tell_incidents.look_at(org.pk)
    assert deliver() == 4
    assert subjects(mailbox) == [f"prod: {title}"]
    by_path = {r.path.partition("?")[0]: r for r in inbox.got}
    assert set(by_path) == {"/webhook", "/slack", "/teams"}
    hook = by_path["/webhook"]
    told_json = Webhook(SECRET).verify(hook.body, hook.headers)
    assert told_json["type"] == "incident.opened"
    assert told_json["data"]["subject"] == f"prod: {title}"
    assert told_json["data"]["fix"] == "Reconnect the tenant."
    assert title in by_path["/slack"].json["text"]
    card = by_path["/teams"].json["attachments"][0]["content"]
    assert title in card["body"][0]["inlines"][0]["text"]
    assert deliver() == 0

    Org.objects.filter(pk=org.pk).update(status=Org.Status.SUCCESS, problem="", problem_fix="")
    later(org, minutes=1)
    assert deliver() == 0  # not over before that has lasted
    later(org, minutes=12)
    later(org, minutes=13)
    assert deliver() == 4
    assert subjects(mailbox) == [f"prod: {title}", f"Over: prod: {title}"]
    assert Incident.objects.filter(ended_at=None).count() == 0
    ids = {r.headers["webhook-id"] for r in inbox.got if r.path.startswith("/webhook")}
    assert len(ids) == 2


def test_an_error_that_passes_is_not_told(told: House, sim: OrgsimServer, mailbox: Mailbox) -> None:
    org = told.connect(sim)
    standing.trouble(org, NeedsPerson("The secret is wrong.", fix="Enter the right one."))
    tell_incidents.look_at(org.pk)
    assert Incident.objects.filter(told_at=None).count() == 1
    Org.objects.filter(pk=org.pk).update(status=Org.Status.SUCCESS, problem="")
    later(org, minutes=3)
    assert deliver() == 0
    assert not Incident.objects.exists()


def test_an_error_that_lasts_is_told(told: House, sim: OrgsimServer, mailbox: Mailbox) -> None:
    org = told.connect(sim)
    standing.trouble(org, NeedsPerson("The secret is wrong.", fix="Enter the right one."))
    tell_incidents.look_at(org.pk)
    later(org, minutes=11)
    deliver()
    assert subjects(mailbox) == ["prod: Error"]
    put(MESSAGE_GRACE, 0, actor="test")
    Org.objects.filter(pk=org.pk).update(status=Org.Status.SUCCESS, problem="")
    later(org, minutes=12)
    deliver()
    assert subjects(mailbox)[1:] == ["Over: prod: Error"]


def test_a_permission_taken_away_is_told_after_the_collection_and_so_is_its_return(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    org = told.connect(sim)
    told.collect(org)
    deliver()
    mailbox.arrived.clear()
    states = SourceState.objects.filter(org=org, source="login_history")
    states.update(state="dark", reason="Manage Users is missing.", fix="Give it.")
    tell_incidents.look_at(org.pk)
    tell_incidents.look_at(org.pk)
    deliver()
    assert subjects(mailbox) == ["prod: Source gone dark, Sign-in history"] or [
        s.startswith("prod: Source gone dark, ") for s in subjects(mailbox)
    ] == [True]
    put(MESSAGE_GRACE, 0, actor="test")
    told.collect(org)  # the look is part of the collection
    deliver()
    assert len(mailbox.arrived) == 2
    assert subjects(mailbox)[1].startswith("Over: prod: Source gone dark, ")


def test_a_gap_and_a_budget_stop_are_told(told: House, sim: OrgsimServer, mailbox: Mailbox) -> None:
    org = told.connect(sim)
    told.collect(org)
    deliver()
    mailbox.arrived.clear()
    now = datetime.now(UTC)
    begun, end = now - timedelta(days=1), now - timedelta(hours=20)
    SourceState.objects.filter(org=org, source="users").update(
        coverage={"complete": [], "missing": [[begun.isoformat(), end.isoformat(), "Gone."]]}
    )
    Org.objects.filter(pk=org.pk).update(
        stopped_at=now, waiting_rule="stop", waiting_reason="76,000 of 100,000 calls are used.",
        waiting_until=now + timedelta(hours=5),
    )  # fmt: skip
    tell_incidents.look_at(org.pk)
    deliver()
    told_of = sorted(subjects(mailbox))
    assert told_of[0].startswith("prod: Coverage gap, ")
    assert told_of[1] == "prod: Stopped by the API budget"


def test_a_tenants_own_addresses_hear_of_it_alone(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    mine, other = told.connect(sim, "mine"), told.connect(sim, "other")
    Org.objects.filter(pk=mine.pk).update(told_addresses=["owner@example.com"])
    for org in (mine, other):
        standing.trouble(org, GrantExpired("It ended."))
        tell_incidents.look_at(org.pk)
    deliver()
    assert [str(m["Subject"]) for m in mailbox.to("owner@example.com")] == ["mine: Grant Expired"]
    assert len(mailbox.to("team@example.com")) == 2


def test_without_any_destination_the_person_who_connected_hears_of_it(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    get_user_model().objects.create_user("ada", email="ada@example.com")
    org = told.connect(sim, actor="ada")
    Destination.objects.all().delete()
    standing.trouble(org, GrantExpired("It ended."))
    tell_incidents.look_at(org.pk)
    assert deliver() == 1
    assert mailbox.recipients == ["ada@example.com"]


def test_a_paused_tenants_incident_ends_and_says_why(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    org = told.connect(sim)
    standing.trouble(org, GrantExpired("It ended."))
    tell_incidents.look_at(org.pk)
    Org.objects.filter(pk=org.pk).update(paused_at=datetime.now(UTC), paused_by="ada")
    tell_incidents.look_at(org.pk)
    deliver()
    body = mailbox.arrived[-1].get_body(("plain",))
    assert body is not None
    assert "paused" in body.get_content()


def test_the_end_waits_until_the_beginning_was_told(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    org = told.connect(sim)
    put(MESSAGE_GRACE, 0, actor="test")
    standing.trouble(org, GrantExpired("It ended."))
    tell_incidents.look_at(org.pk)
    mailbox.answers += ["451 later"]
    assert deliver() == 3
    Org.objects.filter(pk=org.pk).update(status=Org.Status.SUCCESS, problem="")
    tell_incidents.look_at(org.pk)
    Message.objects.filter(event="incident.ended").update(due_at=datetime.now(UTC))
    assert deliver_due(holder=Holder.here()) == 3  # the mail of the end stays
    assert subjects(mailbox) == []
    assert deliver() == 2 or deliver() == 1
    assert subjects(mailbox) == ["prod: Grant Expired", "Over: prod: Grant Expired"]


def test_a_tenant_that_cannot_be_reached_for_long_is_told_with_the_reason(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    org = told.connect(sim)
    standing.trouble(org, TryLater("acme.my.salesforce.com cannot be reached."))
    later(org, minutes=30)
    deliver()
    assert subjects(mailbox) == []
    later(org, hours=2, minutes=5)
    later(org, hours=2, minutes=16)
    deliver()
    assert subjects(mailbox) == ["prod: Nothing collected"]
    body = mailbox.arrived[0].get_body(("plain",))
    assert body is not None
    assert "for 2 hours: acme.my.salesforce.com cannot be reached." in body.get_content()


def test_a_tenant_looked_at_once_a_day_is_not_silent_after_two_hours(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    org = told.connect(sim)
    rare = dict.fromkeys([s.id for s in SOURCES], 24 * 60)
    Org.objects.filter(pk=org.pk).update(cadence_minutes=rare)
    later(org, hours=30)
    later(org, hours=31)
    assert not Incident.objects.exists()
    later(org, hours=73)
    assert [i.kind for i in Incident.objects.all()] == ["stale"]


def test_at_a_demonstrations_pace_a_tenant_that_is_not_due_yet_is_not_silent(
    told: House, sim: OrgsimServer
) -> None:
    """Somebody collected at the usual pace beside a worker at 30 times that."""
    org = told.connect(sim)
    told.settings.ORGWARDEN_PACE = 30.0
    due = datetime.now(UTC) + timedelta(minutes=15)
    Org.objects.filter(pk=org.pk).update(next_due_at=due)
    later(org, minutes=5)
    later(org, minutes=14)
    assert not Incident.objects.exists()
    later(org, minutes=16)
    assert [i.kind for i in Incident.objects.all()] == ["stale"]


def test_a_tenant_that_is_never_due_again_is_silent_all_the_same(
    told: House, sim: OrgsimServer
) -> None:
    org = told.connect(sim)
    told.settings.ORGWARDEN_PACE = 30.0
    Org.objects.filter(pk=org.pk).update(next_due_at=standing.NEVER)
    later(org, hours=3)
    assert [i.kind for i in Incident.objects.all()] == ["stale"]


def test_a_run_that_hangs_is_silent_and_a_long_one_that_gets_answers_is_not(
    told: House, sim: OrgsimServer
) -> None:
    org = told.connect(sim)
    held = leases.take(org, holder=Holder.here(), length=timedelta(days=1))
    calls.note_usage(org, datetime.now(UTC) + timedelta(hours=3), 100, 100_000)
    later(org, hours=3, minutes=5)
    assert not Incident.objects.exists()
    later(org, hours=5, minutes=30)
    assert [i.kind for i in Incident.objects.all()] == ["stale"]
    leases.release(held)


def test_a_deleted_tenants_messages_are_still_sent(
    told: House, sim: OrgsimServer, mailbox: Mailbox
) -> None:
    org = told.connect(sim)
    standing.trouble(org, GrantExpired("It ended."))
    tell_incidents.look_at(org.pk)
    org.delete()
    assert deliver() == 4
    tell_incidents.look_at(10**6)  # and looking at one that is gone is nothing
