"""A log file far larger than the memory that may be used lands whole."""

from __future__ import annotations

import csv
import hashlib
import io
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from benchmarks.logs import HEADERS, write_log
from tests.support.command import ORGWARDEN, Installation
from tests.support.fixtures import StartOrgsim
from tests.support.used import run

MB = 1_000_000
LIMIT = 430 * MB  # resident, at its highest
KIND = "LightningPageView"  # the widest rows
SIZE = 929  # bytes a row of it has on average
SAMPLE = 5_000  # rows whose hash is computed here, from the file's start and its end


def ledger_hash(row: list[str]) -> str:
    """The rule of the emulator's ledger, spelled out once more."""
    return hashlib.sha256("\x1f".join(row).encode()).hexdigest()


def ends_of(path: Path) -> list[list[str]]:
    """The first and the last rows of a file without line breaks in its fields."""
    with path.open("rb") as file:
        head = file.read(SAMPLE * 2 * SIZE).decode(errors="ignore").splitlines()[1 : SAMPLE + 1]
        file.seek(-SAMPLE * 2 * SIZE, os.SEEK_END)
        tail = file.read().decode(errors="ignore").splitlines()[-SAMPLE:]
    return list(csv.reader(io.StringIO("\n".join(head + tail))))


@pytest.mark.fault("D16")
@pytest.mark.parametrize(
    "mebibytes",
    [256, pytest.param(1024, marks=pytest.mark.long)],
)
def test_a_large_log_file_lands_whole_in_little_memory(
    mebibytes: int,
    tmp_path: Path,
    orgsim_server: StartOrgsim,
    record_assurance: Callable[..., None],
) -> None:
    files = tmp_path / "files"
    files.mkdir()
    rows = (mebibytes << 20) // SIZE + 1_000
    path = files / f"{KIND}.csv"
    size = write_log(path, KIND, day=0, rows=rows)
    assert size >= mebibytes << 20
    org = orgsim_server(users=5, days=1, speed=0, files=files)
    home = Installation(tmp_path / "home", org)
    home.init()
    home.connect("prod", org)
    peak, seconds = collected(home)
    ends = ends_of(path)
    path.unlink()

    view = f"event_log_{KIND.lower()}"
    sums = "count(*) AS n, count(DISTINCT event_uid) AS uids, count(DISTINCT REQUEST_ID) AS ids"
    [found] = home.query(f"SELECT {sums} FROM {view}")
    assert found == {"n": rows, "uids": rows, "ids": rows}
    at = HEADERS[KIND].split().index("REQUEST_ID")
    first, last = ends[SAMPLE - 1][1], ends[SAMPLE][1]  # TIMESTAMP of the samples' inner edges
    landed = home.query(
        f"SELECT REQUEST_ID, row_sha256 FROM {view}"
        f" WHERE \"TIMESTAMP\" <= '{first}' OR \"TIMESTAMP\" >= '{last}'"
    )
    hashes: dict[str, Any] = {r["REQUEST_ID"]: r["row_sha256"] for r in landed}
    assert [hashes.get(row[at]) for row in ends] == [ledger_hash(row) for row in ends]
    assert peak < LIMIT
    record_assurance(
        f"a log file of {mebibytes} MiB",
        rows=rows,
        peak_resident_MB=peak // MB,
        seconds=round(seconds, 1),
    )


def collected(home: Installation) -> tuple[int, float]:
    """Collect the log files in a process of its own: its peak of resident memory in bytes, and its
    processor seconds."""
    words = [str(ORGWARDEN), "collect", "prod", "--source", "event_log_file", "--json"]
    used = run(words, home.env)
    assert used.code == 0, used.printed
    return used.peak, used.processor
