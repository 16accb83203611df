"""A worker that stalls, and several at once: one org, one holder, nothing doubled, nothing lost."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.flows.knives import ROOT, SOURCES, Knife, Life, World, environment
from tests.support.fixtures import StartOrgsim
from tests.support.orgsim import OrgsimServer

ORGWARDEN = Path(sys.executable).parent / "orgwarden"
LEASE = 2.0
MINUTES = 120.0  # in seconds; a test that needs it has failed
WORDS = [word for source in SOURCES for word in ("--source", source)]


@pytest.fixture
def server(orgsim_server: StartOrgsim) -> OrgsimServer:
    return orgsim_server(users=4, days=1, speed=0, event_monitoring="licensed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def knives(home: Path, server: OrgsimServer) -> Iterator[tuple[Knife, Knife]]:
    """Two forking processes: children of different parents, at the same time."""
    first, second = Knife(home, server), Knife(home, server)
    first.call("prepare")
    yield first, second
    first.close()
    second.close()


def is_stopped(pid: int) -> bool:
    stat = Path(f"/proc/{pid}/stat").read_text()
    return stat.rpartition(")")[2].split()[0] == "T"


def wait_until(condition: Callable[[], bool]) -> None:
    """Look again and again, a little later each time; the condition decides, not the clock."""
    until = time.monotonic() + MINUTES
    while not condition():
        assert time.monotonic() < until, "it never came to that"
        time.sleep(0.01)


@contextmanager
def awake(pid: int) -> Iterator[None]:
    """Whatever happens, the stopped child goes on at the end."""
    try:
        yield
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.fault("F2")
@pytest.mark.parametrize("point", ["landed", "refreshed", "committed", "published"])
@pytest.mark.parametrize("nth", [2, 6])
def test_a_worker_stopped_for_longer_than_its_lease_loses_it_and_harms_nothing(
    server: OrgsimServer, home: Path, knives: tuple[Knife, Knife], point: str, nth: int
) -> None:
    first, second = knives
    life = Life(second, server, home, "stalled")
    order: dict[str, Any] = {"org": life.org, "sources": SOURCES, "lease": LEASE}
    stop = {"point": point, "nth": nth, "signal": signal.SIGSTOP}
    child = first.begin("gather", **order, signals=stop)
    wait_until(lambda: is_stopped(child))
    with awake(child):
        life.look_again()
        done = second.run("gather", **order, wait=3 * LEASE)  # the holder lives: its lease ends
        assert life.finished(done), done
        life.converged()
    lost = first.end()["value"]
    assert lost["problem"] == "LostLease", lost
    assert "worker" in lost["sentence"] or "refused" in lost["sentence"]
    life.converged()
    life.adds_nothing(lambda: second.run("gather", **order))


def test_a_worker_stopped_while_its_successor_works_harms_neither(
    server: OrgsimServer, home: Path, knives: tuple[Knife, Knife]
) -> None:
    """The first wakes in the middle of the second's run, with downloads of its own on their way."""
    first, second = knives
    life = Life(second, server, home, "stalled")
    order: dict[str, Any] = {"org": life.org, "sources": SOURCES, "lease": LEASE}
    stop = {"point": "landed", "nth": 5, "signal": signal.SIGSTOP}
    one = first.begin("gather", **order, signals=stop)
    wait_until(lambda: is_stopped(one))
    with awake(one):
        two = second.begin("gather", **order, wait=3 * LEASE, signals=stop)
        wait_until(lambda: is_stopped(two))
    with awake(two):
        lost = first.end()["value"]
        assert lost["problem"] == "LostLease", lost
    done = second.end()
    if done["value"].get("problem"):  # it was stopped for longer than its lease, too
        done = second.run("gather", **order, wait=3 * LEASE)
    assert life.finished(done), done
    life.converged()


def test_a_dead_holder_on_this_host_is_taken_over_at_once(
    server: OrgsimServer, home: Path, knives: tuple[Knife, Knife]
) -> None:
    first, second = knives
    life = Life(first, server, home, "dead")
    order: dict[str, Any] = {"org": life.org, "sources": SOURCES, "lease": 3600.0}
    kill = {"point": "landed", "nth": 3, "signal": signal.SIGKILL}
    assert first.run("gather", **order, signals=kill)["killed"]
    done = second.run("gather", **order, wait=0)  # an hour of lease is left
    assert life.finished(done), done
    life.converged()


@pytest.mark.fault("F8")
def test_a_living_holder_is_not_disturbed(
    server: OrgsimServer, home: Path, knives: tuple[Knife, Knife]
) -> None:
    first, second = knives
    life = Life(first, server, home, "alive")
    order: dict[str, Any] = {"org": life.org, "sources": SOURCES, "lease": 3600.0}
    stop = {"point": "landed", "nth": 3, "signal": signal.SIGSTOP}
    child = first.begin("gather", **order, signals=stop)
    wait_until(lambda: is_stopped(child))
    with awake(child):
        refused = second.call("gather", **order, wait=0.2)
        assert refused["problem"] == "Busy"
        assert f"process {child} " in refused["sentence"]
    done = first.end()
    assert life.finished(done), done
    life.converged()


@pytest.mark.fault("F8")
def test_two_commands_at_once_collect_once(
    server: OrgsimServer, home: Path, knives: tuple[Knife, Knife]
) -> None:
    life = Life(knives[0], server, home, "both")
    world = World(server, random.Random(1))
    for _ in range(2):
        commands = [
            subprocess.Popen(
                [str(ORGWARDEN), "collect", "both", *WORDS],
                cwd=ROOT, env=environment(home, server), stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
            )
            for _ in range(2)
        ]  # fmt: skip
        ends = [
            (command.communicate(timeout=MINUTES)[1], command.returncode) for command in commands
        ]
        assert sorted(code for _, code in ends) in ([0, 0], [0, 75]), ends
        for words, code in ends:
            assert code == 0 or "is being worked on by process" in words
        life.converged()
        world.hour_passes()
