"""The notification pages: destinations, incidents, messages, and the outbound area."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.management import call_command
from django.test import Client

from orgwarden.records import envelope, preferences
from orgwarden.records.models import AuditEntry, Destination, Incident, Message, Org, WorkerBeat
from tests.support.mailbox import Inbox, Mailbox
from tests.web.conftest import SignedIn

HOME = "/settings/notifications/"
CANARY = "T0CANARY0B0CANARY0x9f8e7d6c5b4a"


@pytest.fixture
def admin(signed_in: SignedIn, settings: Any, inbox: Inbox) -> Client:
    settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset({inbox.named})
    envelope.prepare_key_file()
    return signed_in("admin")


def text(answer: Any) -> str:
    page: str = answer.content.decode()
    return page


def add(admin: Client, kind: str, **typed: str) -> Any:
    return admin.post(f"{HOME}add/{kind}/", typed)


def test_nobody_but_an_administrator_of_all_reaches_the_pages(signed_in: SignedIn) -> None:
    for path in (HOME, f"{HOME}add/email/", f"{HOME}1/", f"{HOME}1/delete/"):
        assert signed_in("viewer").get(path).status_code == 403
        assert Client().get(path).status_code == 302
    for path in (f"{HOME}1/test/", f"{HOME}messages/1/again/"):
        assert signed_in("viewer").post(path).status_code == 403


def test_an_empty_page_says_what_will_be_there_and_that_mail_is_not_configured(
    admin: Client,
) -> None:
    page = text(admin.get(HOME))
    assert "No destination yet" in page
    assert "E-mail is not configured" in page
    assert "ORGWARDEN_SMTP_URL" in page
    assert "No worker is running" in page
    assert "Unknown: no worker is running that would look" in page


@pytest.mark.seed("L20")
def test_outbound_integrations_are_an_area_of_the_integrations_page(
    admin: Client, signed_in: SignedIn, inbox: Inbox, tenants: dict[str, Org]
) -> None:
    assert "Outbound integrations" in text(admin.get("/integrations/"))
    add(admin, "slack", name="Alerts", address=f"{inbox.url}/{CANARY}")
    page = text(admin.get("/integrations/"))
    assert "Slack: 1 destination" in page
    assert f'href="{HOME}"' in page
    assert f'href="{HOME}"' not in text(signed_in("viewer").get("/integrations/"))


def test_a_webhook_is_added_tested_edited_and_deleted(admin: Client, inbox: Inbox) -> None:
    made = add(admin, "webhook", name="Pager", address=f"{inbox.url}/in/{CANARY}?k={CANARY}")
    assert made.status_code == 200
    assert "whsec_" in text(made)
    assert "no-store" in made["Cache-Control"]
    row = Destination.objects.get()
    page = text(admin.get(HOME))
    assert "Pager" in page
    assert inbox.named in page
    assert CANARY not in page
    assert "whsec_" not in page
    told = text(admin.post(f"{HOME}{row.pk}/test/", follow=True))
    assert f"A test was sent to {inbox.named}." in told
    assert inbox.got[0].json["type"] == "test"

    edit = text(admin.get(f"{HOME}{row.pk}/"))
    assert CANARY not in edit
    assert f"Unchanged: {inbox.named}" in edit
    changed = admin.post(f"{HOME}{row.pk}/", {"name": "Pager 2", "address": "", "secret": ""})
    assert changed.status_code == 302
    row.refresh_from_db()
    assert (row.name, row.enabled) == ("Pager 2", False)
    assert "Off: nothing is sent there." in text(admin.get(HOME))

    assert "No message waits for it" in text(admin.get(f"{HOME}{row.pk}/delete/"))
    assert "Pager 2 is deleted." in text(admin.post(f"{HOME}{row.pk}/delete/", follow=True))
    assert not Destination.objects.exists()
    acts = list(AuditEntry.objects.order_by("pk").values_list("action", flat=True))
    assert acts == [f"console:destination:{a}" for a in ("added", "tested", "changed", "deleted")]
    assert CANARY not in str(list(AuditEntry.objects.values_list("detail", flat=True)))


@pytest.mark.parametrize(
    ("kind", "typed", "says"),
    [
        ("email", {"name": "x", "address": "nobody"}, "That is not an e-mail address."),
        ("email", {"name": "", "address": "a@x.example"}, "It has no name"),
        ("slack", {"name": "x", "address": f"http://10.0.0.1/{CANARY}"}, "is not https"),
        ("teams", {"name": "x", "address": f"https://10.0.0.1/{CANARY}"}, "own network"),
        ("webhook", {"name": "x", "address": "https://x.example/", "secret": CANARY},
         "That is not a signing secret."),
    ],
)  # fmt: skip
def test_a_form_that_is_wrong_comes_back_with_the_reason_and_without_the_secret(
    admin: Client, kind: str, typed: dict[str, str], says: str
) -> None:
    answer = add(admin, kind, **typed)
    assert answer.status_code == 422
    assert says in text(answer)
    assert CANARY not in text(answer)
    assert 'aria-invalid="true"' in text(answer)
    assert not Destination.objects.exists()


def test_a_test_that_fails_says_why(admin: Client, inbox: Inbox) -> None:
    add(admin, "teams", name="Channel", address=f"{inbox.url}/in")
    inbox.answers = [404]
    page = text(admin.post(f"{HOME}{Destination.objects.get().pk}/test/", follow=True))
    assert "The test of Channel failed" in page
    assert "answered 404" in page
    assert "Last problem" in page


def test_a_mail_test_without_a_mail_server_is_unknown_not_sent(admin: Client) -> None:
    add(admin, "email", name="Team", address="team@example.com")
    page = text(admin.post(f"{HOME}{Destination.objects.get().pk}/test/", follow=True))
    assert "E-mail is not configured, so the message waits." in page
    assert "Messages by e-mail wait and are not sent." in page


def test_a_mail_test_arrives(admin: Client, mailbox: Mailbox, settings: Any) -> None:
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    settings.DEFAULT_FROM_EMAIL = "ow@example.org"
    add(admin, "email", name="Team", address="team@example.com")
    page = text(admin.post(f"{HOME}{Destination.objects.get().pk}/test/", follow=True))
    assert "A test was sent to team@example.com." in page
    assert mailbox.recipients == ["team@example.com"]
    assert f"E-mail leaves through 127.0.0.1:{mailbox.port}, from ow@example.org." in page


def test_open_incidents_and_messages_are_listed_with_what_to_do(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    WorkerBeat.objects.create(holder="elsewhere/x/1/1/1", started_at=now, seen_at=now)
    Incident.objects.create(
        org=tenants["broken"], kind="grant_expired", words="<b>It ended", fix="Reconnect it",
        opened_at=now - timedelta(hours=2), told_at=now,
    )  # fmt: skip
    Incident.objects.create(org=tenants["fine"], kind="error", words="May pass", opened_at=now)
    row = Message.objects.create(
        key="k", event="ready", body={"subject": "<i>x\u202e"}, state="unclear", created_at=now,
        due_at=now, address="ada@example.com", problem="It may have arrived.",
    )  # fmt: skip
    page = text(admin.get(HOME))
    assert "Grant Expired" in page
    assert "&lt;b&gt;It ended." in page
    assert "Not told yet: it may pass." in page
    assert "&lt;i&gt;x⟨U+202E⟩" in page
    assert "It may have arrived." in page
    assert "Send again" in page
    assert admin.post(f"{HOME}messages/{row.pk}/again/").status_code == 302
    row.refresh_from_db()
    assert row.state == "waiting"


def test_the_times_are_set_and_what_is_no_number_is_refused(admin: Client) -> None:
    keys = {p.key: p.default for p in (preferences.MESSAGE_GRACE, preferences.SILENCE)}
    wrong = admin.post(HOME, {**keys, preferences.MESSAGE_GRACE.key: "soon"})
    assert wrong.status_code == 422
    assert "Give a whole number from 0 to 1,440." in text(wrong)
    assert admin.post(HOME, {**keys, preferences.MESSAGE_GRACE.key: "3"}).status_code == 302
    assert preferences.value(preferences.MESSAGE_GRACE) == 3
    entry = AuditEntry.objects.get(action="console:setting:changed")
    assert entry.detail == {"before": 10, "after": 3}


def test_an_unknown_kind_or_destination_is_not_there(admin: Client) -> None:
    assert admin.get(f"{HOME}add/pigeon/").status_code == 404
    assert admin.get(f"{HOME}99/").status_code == 404
    call_command("check")


def test_every_page_says_when_tenants_wait_and_no_worker_runs(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    for path in ("/", "/integrations/", f"/orgs/{tenants['fine'].key}/", HOME):
        assert text(admin.get(path)).count("No worker is running") == 1
    WorkerBeat.objects.create(holder="elsewhere/x/1/1/1", started_at=now, seen_at=now)
    for path in ("/", "/integrations/", HOME):
        assert "No worker is running" not in text(admin.get(path))


def test_the_page_says_whose_ready_message_nobody_would_get(
    admin: Client, tenants: dict[str, Org], now: datetime, people: dict[str, Any]
) -> None:
    Org.objects.exclude(pk=tenants["busy"].pk).update(ready_at=now)
    assert "Nobody will hear that these tenants are ready:" in text(admin.get(HOME))
    people["admin"].email = "ada@example.com"
    people["admin"].save()
    assert "Nobody will hear" not in text(admin.get(HOME))
    people["admin"].email = ""
    people["admin"].save()
    assert "Nobody will hear" in text(admin.get(HOME))
    add(admin, "email", name="Team", address="team@example.com")
    assert "Nobody will hear" not in text(admin.get(HOME))
