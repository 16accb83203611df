"""The most that could be had: PyArrow parses and writes the same log files and does nothing else.

No typed columns, nothing compared, no identity, no cursor, no table: every value as text, Parquet
with zstd, each file forced to disk. Two files at a time, as there are two cores. The rate is the
rows after the first durable file by the time from it to the last, as ours is from commit to commit.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from time import perf_counter
from typing import Any

import pyarrow.csv as pacsv
import pyarrow.parquet as pq
import requests

from benchmarks.logs import HEADERS
from benchmarks.measure import Benchmark, Figure, Setting
from benchmarks.orgs import calls_of, logs_of, org_of_logs, processor_of

QUERY = "SELECT Id, EventType, LogFile FROM EventLogFile"
BLOCK = 8 << 20
AT_A_TIME = 2


def _file(url: str, token: str, path: Path, header: str) -> tuple[int, float]:
    """Rows of one file, and when it was durable."""
    columns = dict.fromkeys(header.split(), "string")
    with requests.Session() as session:
        session.trust_env = False
        head = {"Authorization": f"Bearer {token}", "Accept-Encoding": "identity"}
        with session.get(url, headers=head, stream=True, timeout=60) as answer:
            answer.raise_for_status()
            reader = pacsv.open_csv(
                answer.raw,
                pacsv.ReadOptions(block_size=BLOCK),
                pacsv.ParseOptions(newlines_in_values=True),
                pacsv.ConvertOptions(column_types=columns, strings_can_be_null=True),
            )
            rows = 0
            with path.open("wb") as out:
                with pq.ParquetWriter(out, reader.schema, compression="zstd") as writer:
                    for batch in reader:
                        writer.write_batch(batch)
                        rows += batch.num_rows
                out.flush()
                os.fsync(out.fileno())
    return rows, perf_counter()


def parsed(rows: int) -> Callable[[Setting], Figure]:
    def body(setting: Setting) -> Figure:
        folder, _ = logs_of(setting, rows)
        with org_of_logs(folder) as org:
            token, emulator = org.token(), processor_of(org)
            head = {"Authorization": f"Bearer {token}"}
            begun, used, calls = perf_counter(), os.times(), calls_of(org)
            found: dict[str, Any] = org.session.get(
                f"{org.url}/services/data/v60.0/query", params={"q": QUERY}, headers=head
            ).json()
            with ThreadPoolExecutor(AT_A_TIME) as pool:
                ours = [r for r in found["records"] if r["EventType"] in HEADERS]
                going = [
                    pool.submit(
                        _file,
                        org.url + record["LogFile"],
                        token,
                        setting.folder / f"{record['Id']}.parquet",
                        HEADERS[record["EventType"]],
                    )
                    for record in ours
                ]
                done = sorted((g.result() for g in going), key=lambda one: one[1])
            now = os.times()
            notes: dict[str, float | str] = {
                "files": len(done),
                "calls": calls_of(org) - calls,
                "whole_s": round(perf_counter() - begun, 1),
                "processor_s": round(now.user + now.system - used.user - used.system, 1),
                "emulator_s": round(processor_of(org) - emulator, 1),
            }
        return Figure(sum(n for n, _ in done[1:]), done[-1][1] - done[0][1], notes)

    return body


BENCHMARKS = (
    Benchmark(
        "pyarrow-log-files-1m",
        "PyArrow parsing and writing the same log files, and nothing else",
        "rows",
        parsed(1_000_000),
    ),
    Benchmark(
        "pyarrow-log-files-5m",
        "The same, five million rows",
        "rows",
        parsed(5_000_000),
        times=2,
    ),
)
