"""The worker collects what is due, leaves the rest, and stops where it may."""

from __future__ import annotations

import signal
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orgwarden.flows.due import due_orgs, due_sources
from orgwarden.records import leases
from orgwarden.records.models import Lease, Org, Run, SourceState
from orgwarden.worker import loop
from tests.support.command import Installation
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.opted import ON
from tests.support.orgsim import OrgsimServer

PATIENCE = 180.0


@pytest.mark.seed("Z1", "L1")
def test_an_org_that_is_due_is_collected_and_others_are_left_alone(
    at_home: House, sim: OrgsimServer
) -> None:
    due, later = at_home.connect(sim, "due"), at_home.connect(sim, "later")
    tomorrow = datetime.now(UTC) + timedelta(days=1)
    Org.objects.filter(pk=later.pk).update(next_due_at=tomorrow)
    assert due_orgs() == [due]
    assert loop.work_once(threading.Event())
    assert Run.objects.filter(org=due).count() == len(ON)
    assert not Run.objects.filter(org=later).exists()
    due.refresh_from_db()
    assert due.status == Org.Status.SUCCESS
    assert due.next_due_at is not None
    assert due.next_due_at > datetime.now(UTC)
    assert not loop.work_once(threading.Event())
    assert_everything_landed(sim, at_home.ask, at_home.sources(due))


def test_only_the_sources_that_are_due_are_read(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    loop.work_once(threading.Event())
    past = datetime.now(UTC) - timedelta(seconds=1)
    SourceState.objects.filter(org=org, source="login_history").update(next_due_at=past)
    assert [s.id for s in due_sources(org)] == ["login_history"]
    Org.objects.filter(pk=org.pk).update(next_due_at=past)
    loop.work_once(threading.Event())
    assert Run.objects.filter(org=org, source="login_history").count() == 2
    assert Run.objects.filter(org=org, source="users").count() == 1


def test_the_one_due_longest_comes_first(at_home: House, sim: OrgsimServer) -> None:
    made = [at_home.connect(sim, f"org {n}") for n in range(3)]
    for org, minutes in zip(made, (5, 50, 20), strict=True):
        due = datetime.now(UTC) - timedelta(minutes=minutes)
        Org.objects.filter(pk=org.pk).update(next_due_at=due)
    assert [o.name for o in due_orgs()] == ["org 1", "org 2", "org 0"]


def test_a_new_org_comes_first_and_one_that_others_took_meanwhile_is_passed_over(
    at_home: House, sim: OrgsimServer
) -> None:
    now = datetime.now(UTC)
    late, later, new = (at_home.connect(sim, name) for name in ("late", "later", "new"))
    for org, minutes in ((late, 50), (later, 20)):
        Org.objects.filter(pk=org.pk).update(next_due_at=now - timedelta(minutes=minutes))
    Org.objects.filter(pk=new.pk).update(next_due_at=None)
    assert loop.next_org(now, ()) == new
    assert loop.next_org(now, {new.pk}) == late
    held = leases.take(late, holder=leases.Holder.here())
    assert loop.next_org(now, {new.pk}) == later
    leases.release(held)
    Org.objects.filter(pk=late.pk).update(next_due_at=now + timedelta(minutes=1))
    assert loop.next_org(now, {new.pk}) == later
    assert loop.next_org(now, {new.pk, later.pk}) is None


def test_an_org_somebody_else_holds_is_left_to_them(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    held = leases.take(org, holder=leases.Holder.here())
    assert not loop.work_once(threading.Event())
    assert not Run.objects.exists()
    leases.release(held)
    assert loop.work_once(threading.Event())


def test_one_org_in_trouble_does_not_hold_up_the_others(at_home: House, sim: OrgsimServer) -> None:
    bad, good = at_home.connect(sim, "bad"), at_home.connect(sim, "good")
    Org.objects.filter(pk=bad.pk).update(url="https://example.com", instance_url="")
    assert loop.work_once(threading.Event())
    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.status == Org.Status.SUCCESS
    assert bad.next_due_at is not None
    assert bad.next_due_at > datetime.now(UTC)  # not again at once, for ever
    assert (bad.status, bad.problem != "") == (Org.Status.ERROR, True)


@pytest.mark.parametrize("commits", [1, 4])
def test_a_worker_told_to_stop_leaves_after_its_next_commit_and_nothing_is_lost(
    at_home: House, sim: OrgsimServer, commits: int
) -> None:
    org = at_home.connect(sim)
    told = Told(commits)
    assert not loop.work_once(told)
    ended = list(Run.objects.order_by("pk").values_list("outcome", flat=True))
    assert ended[-1] == Run.Outcome.LOST
    assert len(ended) < len(ON)
    assert not Run.objects.filter(outcome=Run.Outcome.RUNNING).exists()
    assert Lease.objects.get(org=org).holder == ""
    org.refresh_from_db()
    assert org.status == Org.Status.IN_PROGRESS
    assert at_home.state(org, "organization").state != SourceState.State.FAILING
    at_home.collect(org)
    assert_everything_landed(sim, at_home.ask, at_home.sources(org))


class Told(threading.Event):
    """Set once it has been asked so often."""

    def __init__(self, times: int) -> None:
        super().__init__()
        self._left = times + 1  # the loop itself asks once before an org

    def is_set(self) -> bool:
        self._left -= 1
        return self._left < 0


def test_four_workers_share_several_orgs_of_one_home(tmp_path: Path, sim: OrgsimServer) -> None:
    made = Installation(tmp_path / "home", sim)
    made.init()
    names = [f"org {n}" for n in range(5)]
    for name in names:
        made.connect(name, sim)
    workers = [made.start("worker") for _ in range(4)]
    try:
        until = time.monotonic() + PATIENCE
        while True:
            told = made.run("status", "--json", exits=0).json["orgs"]
            if all(o["status"] == "success" for o in told):
                break
            assert time.monotonic() < until, [(o["name"], o["status"]) for o in told]
            assert all(w.poll() is None for w in workers)
            time.sleep(1)  # a command is a process, and takes the processors that the workers need
        for worker in workers:
            worker.send_signal(signal.SIGTERM)
        said = [w.communicate(timeout=60)[1] for w in workers]
        assert [w.returncode for w in workers] == [0] * 4, said
    finally:
        for worker in workers:
            worker.kill()
    assert not any("Traceback" in s or "locked" in s for s in said)
    proofs = made.run("lake", "verify", "--json", exits=0).json
    assert [p["wrong"] for p in proofs] == [[]] * 5
    rows = made.query('SELECT "Id", count(*) AS n FROM setup_audit_trail GROUP BY 1')
    assert {r["n"] for r in rows} == {5}
