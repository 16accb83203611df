"""The worker tells while it collects: ready mail, incident, heartbeat, signs of life."""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orgwarden.flows.tell import incidents as tell_incidents
from orgwarden.flows.tell.destinations import Asked, keep
from orgwarden.records.models import Message, Org, WorkerBeat
from orgwarden.worker import telling
from tests.support.command import Installation
from tests.support.house import House
from tests.support.mailbox import Inbox, Mailbox
from tests.support.orgsim import OrgsimServer
from tests.support.postgres import PostgresCluster

PATIENCE = 120.0


def until(true: Callable[[], bool], what: str) -> None:
    """Wait for a condition, at most so long."""
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.05)


@pytest.mark.seed("Z14", "Z25", "L14")
def test_a_worker_sends_the_ready_mail_once_and_beats_and_a_second_one_adds_nothing(
    tmp_path: Path, sim: OrgsimServer, mailbox: Mailbox, inbox: Inbox
) -> None:
    made = Installation(
        tmp_path / "home",
        sim,
        ORGWARDEN_SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}",
        ORGWARDEN_MAIL_FROM="orgwarden@example.org",
        ORGWARDEN_ALLOWED_NOTIFY_HOSTS=inbox.named,
        ORGWARDEN_PACE="30",
    )
    made.init()
    made.run("notify", "add", "team", "--kind", "email", "--address", "team@example.com", exits=0)
    made.run("notify", "add", "watch", "--kind", "heartbeat", "--address-stdin",
             stdin=f"{inbox.url}/ping/canary-0123456789abcdef", exits=0)  # fmt: skip
    made.connect("prod", sim)
    first = made.start("worker")
    try:
        until(lambda: bool(mailbox.arrived), "no mail came")
        until(lambda: len(inbox.got) > 1, "no heartbeat came")
        first.send_signal(signal.SIGKILL)
        first.wait()
        second = made.start("worker")
        try:
            beats = len(inbox.got)
            until(lambda: len(inbox.got) > beats + 2, "the second worker does not beat")
            second.send_signal(signal.SIGTERM)
            said = second.communicate(timeout=60)[1]
        finally:
            second.kill()
    finally:
        first.kill()
        first.communicate()
    assert second.returncode == 0, said
    assert [str(m["Subject"]) for m in mailbox.arrived] == ["prod is ready for review"]
    assert {r.path for r in inbox.got} == {"/ping/canary-0123456789abcdef"}
    listed = made.run("notify", "list", "--json", exits=0)
    assert [(d["name"], d["last_problem"]) for d in listed.json] == [
        ("team", None),
        ("watch", None),
    ]
    assert b"canary-0123456789abcdef" not in made.printed
    assert made.run("notify", "incidents", exits=0).err.strip() == "No incident is open."


def test_two_workers_on_postgresql_send_one_ready_mail_to_each(
    tmp_path: Path, sim: OrgsimServer, mailbox: Mailbox, postgres_cluster: PostgresCluster
) -> None:
    made = Installation(
        tmp_path / "home",
        sim,
        ORGWARDEN_DATABASE_URL=postgres_cluster.create_database("telling"),
        ORGWARDEN_SMTP_URL=f"smtp://127.0.0.1:{mailbox.port}",
        ORGWARDEN_MAIL_FROM="orgwarden@example.org",
        ORGWARDEN_PACE="30",
    )
    made.init()
    addresses = [f"person{n}@example.com" for n in range(6)]
    for n, address in enumerate(addresses):
        made.run("notify", "add", f"d{n}", "--kind", "email", "--address", address, exits=0)
    made.connect("prod", sim)
    workers = [made.start("worker") for _ in range(2)]
    try:
        until(lambda: len(mailbox.arrived) >= len(addresses), "not every mail came")
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        said = [worker.communicate(timeout=60)[1] for worker in workers]
    finally:
        for worker in workers:
            worker.kill()
    assert [w.returncode for w in workers] == [0, 0], said
    assert not any("Traceback" in s for s in said), said
    assert sorted(mailbox.recipients) == addresses


def test_a_worker_whose_collecting_thread_is_dead_gives_no_sign_of_life(
    house: House, inbox: Inbox
) -> None:
    house.settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset({inbox.named})
    keep(Asked("watch", "heartbeat", inbox.url), actor="ada")
    never = threading.Event()
    dead = telling.Teller(lambda: False)
    dead.look(never)
    dead.beat(never)
    assert not WorkerBeat.objects.exists()
    assert inbox.got == []
    alive = telling.Teller(lambda: True)
    alive.beat(never)
    assert inbox.got == []  # nobody has looked yet, so nobody knows
    alive.look(never)
    alive.beat(never)
    assert WorkerBeat.objects.count() == 1
    assert len(inbox.got) == 1
    alive.ends()
    assert not WorkerBeat.objects.exists()


def test_a_look_sees_every_tenant(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    Org.objects.filter(pk=org.pk).update(
        status=Org.Status.ERROR, problem="Grant Expired: it ended."
    )
    telling.Teller(lambda: True).look(threading.Event())
    assert [i.kind for i in org.incidents.all()] == ["grant_expired"]
    tell_incidents.look_at_all()
    assert org.incidents.count() == 1


def test_what_was_sent_long_ago_is_forgotten_and_what_was_not_is_kept(house: House) -> None:
    old = datetime.now(UTC) - timedelta(days=200)
    for state in ("sent", "given_up"):
        Message.objects.create(
            key=state, event="ready", body={}, state=state, created_at=old, due_at=old
        )
    telling.Teller(lambda: True).look(threading.Event())
    assert [m.state for m in Message.objects.all()] == ["given_up"]
