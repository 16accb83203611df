"""What others do with the same rows, on the same emulator and machine.

They run in an environment of their own, made for the invocation from
`benchmarks/requirements-peers.txt`. Their rates are of reading alone.
"""

from __future__ import annotations

import json
import shutil
import venv
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from benchmarks.measure import Benchmark, Figure, NotRun, Setting
from benchmarks.orgs import (
    SIGN_INS,
    calls_of,
    logs_of,
    org_of_logs,
    org_of_sign_ins,
    processor_of,
)
from scripts import parts
from tests.support.orgsim import OrgsimServer
from tests.support.used import run

HERE = Path(__file__).parent
REQUIREMENTS = HERE / "requirements-peers.txt"
A_PART = 100_000  # sign-ins of the slowest peers: they go as fast with few as with many

Org = Callable[[Setting], AbstractContextManager[OrgsimServer]]


def environment(shared: Path) -> Path:
    """The Python of the peers. Raises NotRun when they could not be installed."""
    folder = shared / "peers"
    python = folder / "bin/python"
    failed = shared / "peers-failed"
    if failed.exists():
        raise NotRun(failed.read_text())
    if python.exists():
        return python
    venv.create(folder, with_pip=True)
    if wrong := parts.install(str(python), "--require-hashes", "-r", str(REQUIREMENTS)):
        shutil.rmtree(folder, ignore_errors=True)
        failed.write_text(f"the peers could not be installed: {wrong[:200]}")
        raise NotRun(failed.read_text())
    return python


def peer(script: str, org_of: Org) -> Callable[[Setting], Figure]:
    """Run one of `benchmarks/peers` against an org made for it."""

    def body(setting: Setting) -> Figure:
        python = environment(setting.shared)
        with org_of(setting) as org:
            calls, before = calls_of(org), processor_of(org)
            words = [str(python), str(HERE / f"peers/{script}.py"), org.url, org.token()]
            used = run([*words, str(setting.folder)], {"PYTHONDONTWRITEBYTECODE": "1"})
            emulator, calls = processor_of(org) - before, calls_of(org) - calls
        if used.code:
            raise RuntimeError(f"{script} ended with {used.code}: {used.printed[-2000:]}")
        told = json.loads(used.printed.splitlines()[-1])
        notes: dict[str, float | str] = {
            "calls": calls,
            "processor_s": round(used.processor, 1),
            "emulator_s": round(emulator, 1),
            "peak_MB": round(used.peak / 1e6),
            "changed": told["changed"],
        }
        return Figure(told["rows"], told["seconds"], notes)

    return body


def sign_ins(rows: int) -> Org:
    return lambda setting: org_of_sign_ins(setting, rows)


def logs(rows: int) -> Org:
    @contextmanager
    def made(setting: Setting) -> Iterator[OrgsimServer]:
        folder, _ = logs_of(setting, rows)
        with org_of_logs(folder) as org:
            yield org

    return made


BENCHMARKS = (
    Benchmark(
        "simple-salesforce-loop",
        "A plain simple-salesforce loop that only reads LoginHistory",
        "rows",
        peer("sign_ins_loop", sign_ins(SIGN_INS)),
    ),
    Benchmark(
        "simple-salesforce-bulk",
        "simple-salesforce's Bulk 2.0 download of LoginHistory, raw CSV to disk",
        "rows",
        peer("sign_ins_bulk", sign_ins(SIGN_INS)),
    ),
    Benchmark(
        "tap-salesforce",
        "tap-salesforce reading LoginHistory its own way, by REST",
        "rows",
        peer("tap", sign_ins(A_PART)),
    ),
    Benchmark(
        "tap-salesforce-1m",
        "The same, as many rows as we read",
        "rows",
        peer("tap", sign_ins(SIGN_INS)),
        large=True,
        times=1,
    ),
    Benchmark(
        "new-relic-sign-ins",
        "LoginHistory as New Relic's exporter reads it: query, pages of JSON",
        "rows",
        peer("sign_ins_records", sign_ins(2 * A_PART)),
    ),
    Benchmark(
        "new-relic-log-files",
        "Log files as New Relic's exporter reads them: query, download, csv.DictReader",
        "rows",
        peer("log_lines", logs(250_000)),
    ),
)
