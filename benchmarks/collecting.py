"""Collecting, measured as people meet it: whole processes, the emulator beside them on the same
cores, every commit durable.

The rate is of the lake: rows stored, divided by the time from the commit before the first rows to
the commit with the last ones. Starting Python, signing in and listing come before that; the notes
tell the whole process's time, its peak memory, its processor time and its API calls.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

from benchmarks.clients import PER_PERSON, SIGN_INS, emulated_org
from benchmarks.logs import write_logs
from benchmarks.measure import Benchmark, Figure, Setting, timed
from tests.support.command import ORGWARDEN, Installation
from tests.support.orgsim import OrgsimServer
from tests.support.used import run

DAYS = {1_000_000: 2, 5_000_000: 5}


def collect(home: Path, org: OrgsimServer, source: str) -> Figure:
    """One source of one org into a fresh installation."""
    installation = Installation(home, org)
    installation.init()
    installation.connect("bench", org)
    before = _calls(org)
    words = [str(ORGWARDEN), "collect", "bench", "--source", source, "--json"]
    with timed() as watch:
        used = run(words, installation.env)
    if used.code:
        raise RuntimeError(f"collect ended with {used.code}: {used.printed}")
    rows, seconds, commits = committed(home / "lake")
    return Figure(
        rows,
        seconds,
        {
            "commits": commits,
            "calls": _calls(org) - before,
            "whole_process_s": round(watch.seconds, 1),
            "processor_s": round(used.processor, 1),
            "peak_MB": round(used.peak / 1e6),
        },
    )


def committed(lake: Path) -> tuple[int, float, int]:
    """Rows added, seconds from the commit before the first rows to the last rows' commit, and the
    number of commits with rows; read from the table's log."""
    [log] = lake.glob("*/_delta_log")
    times: list[tuple[int, int]] = []  # milliseconds, rows
    for file in sorted(log.glob("*.json")):
        rows = at = 0
        actions: list[dict[str, Any]] = [json.loads(line) for line in file.open()]
        for action in actions:
            if "add" in action:
                rows += json.loads(action["add"]["stats"])["numRecords"]
            at = action.get("commitInfo", {}).get("timestamp", at)
        if not any("metaData" in action for action in actions):
            times.append((at, rows))  # new columns are declared just before their first rows
    first = next(n for n, (_, rows) in enumerate(times) if rows)
    last = max(n for n, (_, rows) in enumerate(times) if rows)
    seconds = (times[last][0] - times[max(0, first - 1)][0]) / 1000
    return sum(r for _, r in times), seconds, sum(1 for _, r in times if r)


def _calls(org: OrgsimServer) -> int:
    return sum(c["count"] for c in org.control("calls"))


def log_files(rows: int) -> Callable[[Setting], Figure]:
    def body(setting: Setting) -> Figure:
        folder = setting.folder / "files"
        folder.mkdir()
        made = write_logs(folder, rows=setting.scaled(rows), days=DAYS[rows])
        options: dict[str, Any] = {"users": 5, "days": 1, "files": folder}
        try:
            with emulated_org(**options) as org:
                figure = collect(setting.folder / "home", org, "event_log_file")
        finally:
            shutil.rmtree(folder)
        missing = made["rows"] - figure.count
        # The emulated org lists a few files of its own beside ours.
        if missing > 0:
            raise RuntimeError(f"{missing:,} rows are missing")
        figure.notes["bytes_a_row"] = round(made["bytes"] / made["rows"])
        return figure

    return body


def sign_ins(setting: Setting) -> Figure:
    people = max(10, setting.scaled(SIGN_INS) // PER_PERSON)
    with emulated_org(users=people, days=60, daily_api_limit=10_000_000) as org:
        return collect(setting.folder / "home", org, "login_history")


BENCHMARKS = (
    Benchmark(
        "log-files-1m",
        "Event log files of five wide types into the lake",
        "rows",
        log_files(1_000_000),
        beside="simple-salesforce-loop",
        aim=150_000,
    ),
    Benchmark(
        "log-files-5m",
        "The same, five million rows",
        "rows",
        log_files(5_000_000),
        beside="simple-salesforce-loop",
        aim=150_000,
    ),
    Benchmark(
        "sign-ins-1m",
        "LoginHistory through Bulk 2.0 into the lake",
        "rows",
        sign_ins,
        beside="simple-salesforce-loop",
        aim=200_000,
    ),
)
