"""The ready message is sent exactly once: read from a real mail server, through kills."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model

from orgwarden.flows.tell.deliver import deliver_due
from orgwarden.records.holder import Holder
from orgwarden.records.models import Destination, Message, Org
from tests.support.house import House
from tests.support.mailbox import Mailbox, mail_server
from tests.support.orgsim import OrgsimServer

WHO = "ada@example.com"


@pytest.fixture
def connected(at_home: House, sim: OrgsimServer, mailbox: Mailbox) -> Org:
    """A tenant somebody with an e-mail address connected, one configured address, a mail server."""
    get_user_model().objects.create_user("ada", email=WHO)
    at_home.settings.EMAIL_HOST, at_home.settings.EMAIL_PORT = "127.0.0.1", mailbox.port
    at_home.settings.DEFAULT_FROM_EMAIL = "orgwarden@example.org"
    Destination.objects.create(
        name="The team",
        kind="email",
        address="Team@example.com",
        created_at=datetime.now(UTC),
        created_by="ada",
    )
    org = at_home.connect(sim, actor="ada")
    org.told_addresses = ["owner@example.com", "team@example.com", "not an address"]
    org.save()
    return org


def deliver() -> int:
    return deliver_due(holder=Holder.here())


@pytest.mark.seed("Z14", "L14", "Z25")
def test_exactly_one_ready_mail_goes_to_each_address_when_every_source_has_finished_once(
    at_home: House, connected: Org, mailbox: Mailbox
) -> None:
    at_home.collect(connected, "login_history", "users")
    assert deliver() == 0
    assert mailbox.arrived == []
    at_home.collect(connected)
    connected.refresh_from_db()
    assert connected.status == Org.Status.SUCCESS
    assert connected.ready_at == connected.last_synced_at
    assert deliver() == 3
    assert sorted(mailbox.recipients) == ["Team@example.com", WHO, "owner@example.com"]
    [mail] = mailbox.to(WHO)
    assert mail["Subject"] == "prod is ready for review"
    assert mail["From"] == "Orgwarden <orgwarden@example.org>"
    body = mail.get_body(("plain",))
    assert body is not None
    text = body.get_content()
    assert "The first full pull of prod has finished" in text
    assert f"/orgs/{connected.key}/" in text
    for _ in range(3):  # later collections, later deliveries: nothing more
        at_home.collect(connected)
        assert deliver() == 0
    assert len(mailbox.arrived) == 3


def test_without_a_mail_server_the_message_waits_and_says_so(
    at_home: House, connected: Org, mailbox: Mailbox
) -> None:
    at_home.settings.EMAIL_HOST = ""
    at_home.collect(connected)
    assert deliver() == 0
    rows = Message.objects.filter(event="ready")
    assert {r.state for r in rows} == {Message.State.WAITING}
    assert all("E-mail is not configured" in r.problem for r in rows)
    at_home.settings.EMAIL_HOST = "127.0.0.1"
    rows.update(due_at=datetime.now(UTC))
    assert deliver() == 3
    assert len(mailbox.arrived) == 3


def test_a_mail_server_that_is_away_gets_the_message_when_it_is_back(
    at_home: House, connected: Org
) -> None:
    at_home.collect(connected)
    with mail_server() as gone:
        pass
    at_home.settings.EMAIL_PORT = gone.port
    assert deliver() == 0
    row = Message.objects.filter(event="ready").first()
    assert row is not None
    assert "cannot be reached" in row.problem
    assert row.due_at > datetime.now(UTC)
    Message.objects.update(due_at=datetime.now(UTC))
    with mail_server(gone.port) as back:
        assert deliver() == 3
    assert len(back.arrived) == 3


def killed_at(house: House, mailbox: Mailbox, point: str, nth: int = 1) -> int:
    """Deliver in a process of its own that is killed there; how it ended."""
    done = subprocess.run(
        [sys.executable, "-m", "tests.flows.tell_knife", point, str(nth)],
        env={
            **os.environ,
            "ORGWARDEN_HOME": str(house.home),
            "ORGWARDEN_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
            "ORGWARDEN_MAIL_FROM": "orgwarden@example.org",
        },
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode in (0, -signal.SIGKILL), done.stderr
    return done.returncode


@pytest.mark.seed("Z14")
@pytest.mark.parametrize(
    ("point", "arrives"), [("claimed", 3), ("handing", 2), ("taken", 3), ("sent", 3)]
)
def test_a_worker_killed_anywhere_sends_no_ready_mail_twice(
    at_home: House, connected: Org, mailbox: Mailbox, point: str, arrives: int
) -> None:
    at_home.collect(connected)
    assert killed_at(at_home, mailbox, point) == -signal.SIGKILL
    deliver()
    deliver()
    assert len(mailbox.arrived) == arrives
    assert len(set(mailbox.recipients)) == arrives
    states = sorted(Message.objects.values_list("state", flat=True))
    if point in ("handing", "taken"):  # nobody saw the answer: a person is told, not the reader
        assert states == ["sent", "sent", "unclear"]
        [row] = Message.objects.filter(state="unclear")
        assert "may have arrived" in row.problem
    else:
        assert states == ["sent"] * 3


def test_a_ready_mail_survives_a_restart(at_home: House, connected: Org, mailbox: Mailbox) -> None:
    at_home.collect(connected)
    assert Message.objects.filter(state="waiting").count() == 3
    assert killed_at(at_home, mailbox, "never") == 0
    assert len(mailbox.arrived) == 3
    assert killed_at(at_home, mailbox, "never") == 0
    assert len(mailbox.arrived) == 3


def test_four_workers_send_each_message_once(
    at_home: House, connected: Org, mailbox: Mailbox
) -> None:
    connected.told_addresses = [f"person{n}@example.com" for n in range(12)]
    connected.save()
    at_home.collect(connected)
    env = {
        **os.environ,
        "ORGWARDEN_HOME": str(at_home.home),
        "ORGWARDEN_SMTP_URL": f"smtp://127.0.0.1:{mailbox.port}",
        "ORGWARDEN_MAIL_FROM": "orgwarden@example.org",
    }
    started = [
        subprocess.Popen([sys.executable, "-m", "tests.flows.tell_knife", "never", "1"], env=env)
        for _ in range(4)
    ]
    assert [p.wait(120) for p in started] == [0] * 4
    assert sorted(mailbox.recipients) == sorted({*mailbox.recipients})
    assert len(mailbox.arrived) == 14


def test_a_sender_that_stalled_and_was_taken_over_sends_nothing_more(
    at_home: House, connected: Org, mailbox: Mailbox
) -> None:
    at_home.collect(connected)
    first = Message.objects.order_by("created_at", "pk").first()
    assert first is not None

    def stall(point: str) -> None:
        row = Message.objects.get(pk=first.pk)
        if point == "claimed" and row.state == "sending" and row.sender == str(stalled):
            # Its time is over while it stands still, and another one delivers meanwhile.
            long_ago = datetime.now(UTC) - timedelta(hours=1)
            Message.objects.filter(pk=first.pk).update(sending_at=long_ago)
            assert deliver_due(holder=Holder.here()) == 3

    stalled = Holder.here()
    assert deliver_due(holder=stalled, at=stall) == 0
    assert len(mailbox.arrived) == 3
