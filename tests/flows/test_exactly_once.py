"""Exactly once under the knife: collections killed anywhere, started again, compared with truth.

A kill is drawn uniformly over what an undisturbed run takes; `ORGWARDEN_TEST_SEED` draws the same
moments again. After every kill the newest commit is read: the cursor may not be ahead of the rows.
"""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.flows.knives import ROOT, SOURCES, Knife, Life, World, environment
from tests.support.fixtures import StartOrgsim
from tests.support.orgsim import OrgsimServer

ORGWARDEN = Path(sys.executable).parent / "orgwarden"
PARTS = 4  # so that two processes share them
LONG_PARTS = [pytest.param(n, marks=pytest.mark.long) for n in range(PARTS, 2 * PARTS)]
KILLS = 50  # in each part
COMMAND_KILLS = 20
KILLS_AN_ORG = 25  # then another org starts from nothing
LEASE = 1.5
POINTS = ("landed", "refreshed", "committed", "published")


@pytest.fixture
def server(orgsim_server: StartOrgsim) -> OrgsimServer:
    return orgsim_server(users=4, days=1, speed=0, event_monitoring="licensed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def knife(home: Path, server: OrgsimServer) -> Iterator[Knife]:
    made = Knife(home, server)
    made.call("prepare")
    yield made
    made.close()


@pytest.fixture
def chance() -> random.Random:
    seed = int(os.environ.get("ORGWARDEN_TEST_SEED") or random.SystemRandom().randrange(10**9))
    print(f"ORGWARDEN_TEST_SEED={seed}")
    return random.Random(seed)


class Durations:
    """How long undisturbed work takes, by kind of work; the longest of the last few."""

    def __init__(self) -> None:
        self._seen: dict[str, list[float]] = {}

    def add(self, kind: str, seconds: float) -> None:
        self._seen.setdefault(kind, []).append(seconds)

    def moment(self, kind: str, chance: random.Random) -> float:
        return chance.uniform(0, max(self._seen[kind][-5:]))


@pytest.mark.fault("E4", "F1")
@pytest.mark.seed("Z10")
@pytest.mark.parametrize("part", [*range(PARTS), *LONG_PARTS])
def test_a_run_killed_anywhere_loses_doubles_and_overtakes_nothing(
    part: int,
    server: OrgsimServer,
    home: Path,
    knife: Knife,
    chance: random.Random,
    scale: int,
    record_assurance: Callable[..., None],
) -> None:
    durations, world = Durations(), World(server, chance)
    calm = Life(knife, server, home, "calm")
    for kind in ("backfill", "more"):
        done = knife.run("gather", org=calm.org, sources=SOURCES, lease=LEASE)
        assert calm.finished(done), done
        durations.add(kind, done["seconds"])
        calm.converged()
        world.hour_passes()
    kills = hits = orgs = 0
    while hits < KILLS * scale:
        life = Life(knife, server, home, f"org {orgs}")
        orgs += 1
        kind, until = "backfill", min(KILLS * scale, hits + KILLS_AN_ORG)
        while hits < until:
            after = durations.moment(kind, chance)
            done = knife.run("gather", kill_after=after, org=life.org, sources=SOURCES, lease=LEASE)
            hit = life.look_again()
            if done["killed"]:
                kills += 1
                hits += hit
                continue
            assert life.finished(done), done
            life.converged()
            world.hour_passes()
            life.truth.changed()
            kind = "more"
        done = knife.run("gather", org=life.org, sources=SOURCES, lease=LEASE)
        assert life.finished(done), done
        life.converged()
        life.adds_nothing(lambda org=life.org: knife.run(
            "gather", org=org, sources=SOURCES, lease=LEASE
        ))  # fmt: skip
    record_assurance(
        f"kills, part {part + 1}", kills=kills, during_work=hits, orgs=orgs, lost=0, doubled=0
    )


def test_a_command_killed_anywhere_loses_doubles_and_overtakes_nothing(
    server: OrgsimServer,
    home: Path,
    knife: Knife,
    chance: random.Random,
    scale: int,
    record_assurance: Callable[..., None],
) -> None:
    durations, world = Durations(), World(server, chance)
    names = [word for source in SOURCES for word in ("--source", source)]

    def run(name: str, kill_after: float | None = None) -> int:
        process = subprocess.Popen(
            [str(ORGWARDEN), "collect", name, *names],
            cwd=ROOT, env=environment(home, server), stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        try:
            return process.wait(kill_after)
        except subprocess.TimeoutExpired:
            process.kill()
            return process.wait()

    calm = Life(knife, server, home, "calm")
    began = datetime.now(UTC)
    assert run("calm") == 0
    durations.add("command", (datetime.now(UTC) - began).total_seconds())
    calm.converged()
    kills = hits = orgs = 0
    while hits < COMMAND_KILLS * scale:
        life = Life(knife, server, home, f"org-{orgs}")
        orgs += 1
        code = -signal.SIGKILL
        while code == -signal.SIGKILL:
            code = run(life.name, durations.moment("command", chance))
            hit = life.look_again()
            if code == -signal.SIGKILL:
                kills += 1
                hits += hit
        assert code == 0
        life.converged()
        life.adds_nothing(lambda name=life.name: run(name))
        world.hour_passes()
    record_assurance("command kills", kills=kills, during_work=hits, orgs=orgs, lost=0, doubled=0)


@pytest.mark.fault("E4", "F1")
@pytest.mark.parametrize("point", POINTS)
def test_a_run_killed_at_every_step_goes_on(
    server: OrgsimServer, home: Path, knife: Knife, point: str
) -> None:
    life = Life(knife, server, home, point)
    for nth in range(1, 60):  # one step further each time, until a run has no such step
        done = knife.run(
            "gather",
            org=life.org,
            sources=SOURCES,
            lease=LEASE,
            signals={"point": point, "nth": nth, "signal": signal.SIGKILL},
        )
        life.look_again()
        if not done["killed"]:
            break
    assert life.finished(done), done
    assert nth > 3
    life.converged()
    life.adds_nothing(lambda: knife.run("gather", org=life.org, sources=SOURCES, lease=LEASE))


@pytest.mark.fault("E4", "F1")
def test_a_bulk_page_killed_at_every_step_goes_on(
    server: OrgsimServer, home: Path, knife: Knife
) -> None:
    """A backlog long enough for Bulk: more than 20,000 rows, older than a day."""
    life = Life(knife, server, home, "bulk", days=4)
    long_ago = life.now() - timedelta(days=3)
    user = server.app()["run_as"]
    rows = [
        {"UserId": user, "LoginTime": (long_ago + timedelta(seconds=n)).isoformat()}
        for n in range(20_500)
    ]
    server.control("rows", {"object": "LoginHistory", "rows": rows})
    life.truth.changed()
    killed = 0
    for point in ("landed", "refreshed", "committed", "published"):
        for nth in (3, 4):  # the first commits fix the start and land what is fresh
            done = knife.run(
                "gather",
                org=life.org,
                sources=["login_history"],
                lease=LEASE,
                signals={"point": point, "nth": nth, "signal": signal.SIGKILL},
            )
            killed += done["killed"]
            life.look_again()
    done = knife.run("gather", org=life.org, sources=["login_history"], lease=LEASE)
    assert life.finished(done), done
    assert killed
    seen = life.seen
    assert seen is not None
    assert seen.rows["login_history"].total() >= 20_500
    calls: list[dict[str, Any]] = server.control("calls")
    assert any("jobs/query" in c["endpoint"] for c in calls)
