"""Emulated orgs to measure against, and what they use of the machine."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from benchmarks.logs import write_logs
from benchmarks.measure import Setting
from tests.support.orgsim import OrgsimServer
from tests.support.postgres import free_port

SIGN_INS = 1_000_000
PER_PERSON = 90  # 60 days of 1.5 sign-ins
CALLS = 10_000_000  # a day: nobody is to be slowed down by the quota
DAYS = {250_000: 1, 1_000_000: 2, 5_000_000: 5}  # of log files, by rows in all
_TICK = os.sysconf("SC_CLK_TCK")


@contextmanager
def emulated_org(**options: object) -> Iterator[OrgsimServer]:
    """An org that stands still, unless told otherwise, so that every run reads the same."""
    server = OrgsimServer(free_port(), **{"speed": 0, **options})
    try:
        yield server.wait()
    finally:
        server.stop()


@contextmanager
def org_of_sign_ins(setting: Setting, rows: int) -> Iterator[OrgsimServer]:
    """About so many rows of LoginHistory in 60 days."""
    people = max(10, setting.scaled(rows) // PER_PERSON)
    with emulated_org(users=people, days=60, daily_api_limit=CALLS) as org:
        yield org


@contextmanager
def org_of_logs(folder: Path) -> Iterator[OrgsimServer]:
    """The log files of a folder, and few rows of its own."""
    with emulated_org(users=5, days=1, files=folder, daily_api_limit=CALLS) as org:
        yield org


def logs_of(setting: Setting, rows: int) -> tuple[Path, dict[str, float]]:
    """A folder of log files of five wide types with `rows` rows in all, made once for all that an
    invocation measures; and its rows and bytes. They are read, never changed."""
    count = setting.scaled(rows)
    folder = setting.shared / f"logs-{count}"
    if not folder.is_dir():
        folder.mkdir()
        write_logs(folder, rows=count, days=DAYS[rows])
    return folder, {"rows": count, "bytes": sum(f.stat().st_size for f in folder.iterdir())}


def calls_of(org: OrgsimServer) -> int:
    """The API calls that the org has counted."""
    return sum(c["count"] for c in org.control("calls"))


def processor_of(org: OrgsimServer) -> float:
    """Seconds of processor time that the emulator has used since it began; 0 where the system does
    not say."""
    try:
        told = Path(f"/proc/{org.process.pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    return (int(told[11]) + int(told[12])) / _TICK


def peak_of(org: OrgsimServer) -> float:
    """The most memory the emulator has had resident, in MB; 0 where the system does not say."""
    try:
        told = Path(f"/proc/{org.process.pid}/status").read_text()
    except OSError:
        return 0.0
    return round(int(re.findall(r"VmHWM:\s+(\d+) kB", told)[0]) * 1024 / 1e6)
