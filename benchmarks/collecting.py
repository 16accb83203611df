"""Collecting, measured as people meet it: whole processes, the emulator beside them on the same
cores, every commit durable.

The rate is of the lake, from its first commit to its last: the rows of the commits after the first,
divided by the time between the two. Starting Python, signing in, listing, and the wait for a Bulk
job at Salesforce's side come before that; the notes tell the whole process's time, all its rows,
its peak memory, its processor time and its API calls.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks import sampling
from benchmarks.measure import Benchmark, Beside, Figure, Setting, timed
from benchmarks.orgs import (
    SIGN_INS,
    calls_of,
    logs_of,
    org_of_logs,
    org_of_sign_ins,
    processor_of,
)
from tests.support.command import ORGWARDEN, Installation
from tests.support.orgsim import OrgsimServer
from tests.support.used import run

BULK_COMMIT = 10_000  # rows; commits of Bulk pages hold more, those of a REST window fewer
CALLS_AT_MOST = 25  # for a million sign-ins


def collect(
    setting: Setting, org: OrgsimServer, source: str, *, least: int = 1, whole: bool = False
) -> Figure:
    """One source of one org into a fresh installation. Commits of fewer rows than `least` are no
    part of the rate; with `whole` it is of the whole process, one commit being enough."""
    home = setting.folder / "home"
    installation = Installation(home, org)
    installation.init()
    installation.connect("bench", org)
    before, emulator = calls_of(org), processor_of(org)
    words = [str(ORGWARDEN), "collect", "bench", "--source", source, "--json"]
    if setting.profile:
        words = sampling.watched(words, setting.folder / sampling.FILE)
    with timed() as watch:
        used = run(words, installation.env)
    emulator = processor_of(org) - emulator
    if used.code:
        raise RuntimeError(f"collect ended with {used.code}: {used.printed}")
    commits = committed(home / "lake")
    measured = [c for c in commits if c.rows >= least]
    if whole:
        count, seconds = sum(c.rows for c in commits), watch.seconds
    elif len(measured) < 2:
        raise RuntimeError("too few commits to tell a rate: take a larger part")
    else:
        count = sum(c.rows for c in measured[1:])
        seconds = (measured[-1].at_ms - measured[0].at_ms) / 1000
    return Figure(
        count,
        seconds,
        {
            "rows": sum(c.rows for c in commits),
            "commits": len(commits),
            "calls": calls_of(org) - before,
            "whole_process_s": round(watch.seconds, 1),
            "processor_s": round(used.processor, 1),
            "emulator_s": round(emulator, 1),
            "peak_MB": round(used.peak / 1e6),
        },
        profile=sampling.seen(setting.folder / sampling.FILE) if setting.profile else None,
    )


@dataclass(frozen=True)
class Commit:
    at_ms: int
    rows: int


def committed(lake: Path) -> list[Commit]:
    """The commits that brought rows, oldest first, from the table's log."""
    [log] = lake.glob("*/_delta_log")
    made = []
    for file in sorted(log.glob("*.json")):
        actions: list[dict[str, Any]] = [json.loads(line) for line in file.open()]
        added = [json.loads(a["add"]["stats"])["numRecords"] for a in actions if "add" in a]
        [at] = [a["commitInfo"]["timestamp"] for a in actions if "commitInfo" in a]
        if added:
            made.append(Commit(at, sum(added)))
    return made


def log_files(rows: int) -> Callable[[Setting], Figure]:
    def body(setting: Setting) -> Figure:
        folder, made = logs_of(setting, rows)
        with org_of_logs(folder) as org:
            figure = collect(setting, org, "event_log_file")
        missing = made["rows"] - int(figure.notes["rows"])
        # The emulated org lists a few files of its own beside ours.
        if missing > 0:
            raise RuntimeError(f"{missing:,} rows are missing")
        figure.notes["bytes_a_row"] = round(made["bytes"] / made["rows"])
        return figure

    return body


def sign_ins(setting: Setting) -> Figure:
    with org_of_sign_ins(setting, SIGN_INS) as org:
        # The newest rows come first, by REST: not what is measured.
        figure = collect(setting, org, "login_history", least=BULK_COMMIT)
    calls = figure.notes["calls"]
    met = "reached" if int(calls) <= CALLS_AT_MOST else "**not reached**"
    figure.notes["calls"] = f"{calls} (aim ≤ {CALLS_AT_MOST}, {met})"
    return figure


BENCHMARKS = (
    Benchmark(
        "log-files-1m",
        "Event log files of five wide types into the lake",
        "rows",
        log_files(1_000_000),
        beside=(Beside("new-relic-log-files", 10), Beside("pyarrow-log-files-1m", 0.5)),
        aim=200_000,
    ),
    Benchmark(
        "log-files-5m",
        "The same, five million rows",
        "rows",
        log_files(5_000_000),
        beside=(Beside("new-relic-log-files", 10), Beside("pyarrow-log-files-5m", 0.5)),
        aim=200_000,
        times=2,
    ),
    Benchmark(
        "sign-ins-1m",
        "LoginHistory through Bulk 2.0 into the lake",
        "rows",
        sign_ins,
        beside=(
            Beside("tap-salesforce", 10),
            Beside("new-relic-sign-ins", 10),
            Beside("simple-salesforce-loop", 5),
            Beside("simple-salesforce-bulk"),
        ),
        aim=300_000,
    ),
)
