"""Calls a day of an org of 1,000 users: as docs/api-cost.md computes them, and as an emulated org
counts them in some hours of its clock for the sources it has."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable

from benchmarks.measure import Benchmark, Figure, Setting, timed
from benchmarks.orgs import CALLS, emulated_org
from orgwarden.core.cost import chance
from scripts.cost_page import GOAL, LIVES, cost_of, sources
from tests.support.command import Installation
from tests.support.used import run

USERS = 1_000
HOURS = 3


def calls(*, licensed: bool) -> Callable[[Setting], Figure]:
    def body(setting: Setting) -> Figure:
        computed = cost_of(USERS, licensed=licensed).total
        notes: dict[str, float | str] = {"sources": len(sources())}
        for one in sources():
            if one.lane == "job_lists":
                seen = f"{chance(LIVES, one.cadence):.0%}"
                notes[f"a_job_of_four_minutes_seen_in_{one.id}"] = seen
        people = setting.scaled(USERS)
        monitored = "licensed" if licensed else "none"
        options = {"users": people, "days": 1, "speed": 1, "event_monitoring": monitored}
        with emulated_org(**options, daily_api_limit=CALLS) as org, timed() as watch:
            home = Installation(setting.folder / "home", org, BENCH_USERS=str(people))
            home.init()
            home.connect("bench", org)
            path = {"PYTHONPATH": os.pathsep.join(sys.path)}
            words = [sys.executable, "-m", "benchmarks.clockwork", org.url, "bench", str(HOURS)]
            used = run(words, home.env | path)
        if used.code:
            raise RuntimeError(f"clockwork ended with {used.code}: {used.printed[-2000:]}")
        told = json.loads(used.printed.splitlines()[-1])
        notes["an_emulated_org_counted"] = (
            f"{told['counted']} in {HOURS} h of {told['sources']} sources and {told['files']} log"
            f" files; computed for these: {told['computed']}"
        )
        notes["readings"] = f"{told['readings']}, not whole: {told['failed']}"
        return Figure(computed, watch.seconds, notes, told=computed)

    return body


BENCHMARKS = tuple(
    Benchmark(
        key,
        f"Calls a day to an org of {USERS:,} users, all sources, {said}",
        "calls",
        calls(licensed=licensed),
        measure="calls a day",
        aim=GOAL[licensed],
        less=True,
        times=1,
    )
    for key, said, licensed in (
        ("calls-unlicensed", "without Event Monitoring", False),
        ("calls-licensed", "with it and hourly files", True),
    )
)
