"""`make bench`: run each benchmark some times and write docs/benchmarks.md.

Figures are kept in docs/benchmarks.json, so that a run of some leaves the others. Nothing here
fails for being slow: a machine's speed is no test.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import sys
import tempfile
import traceback
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import activity, arrow, calls, clients, collecting, large_file, others, steady
from benchmarks.measure import Benchmark, Failed, Figure, NotRun, Setting
from benchmarks.table import Kept, page, profile_page
from scripts.machine import machine_line

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS: tuple[Benchmark, ...] = (
    *clients.BENCHMARKS,
    *others.BENCHMARKS,
    *arrow.BENCHMARKS,
    *collecting.BENCHMARKS,
    *large_file.BENCHMARKS,
    *calls.BENCHMARKS,
    *activity.BENCHMARKS,
    *steady.BENCHMARKS,
)


def one(benchmark: Benchmark, part: float, shared: Path, profile: bool) -> Figure | NotRun:
    """One run of one benchmark, told as it ends."""
    load = round(os.getloadavg()[0], 1)
    with tempfile.TemporaryDirectory(prefix="orgwarden-bench-") as folder:
        try:
            figure = benchmark.body(Setting(Path(folder), part, shared, profile))
        except NotRun as why:
            print(f"  {benchmark.key}: not run: {why}", flush=True)
            return why
        except Exception as error:  # noqa: BLE001  the others go on, and the row says so
            traceback.print_exc()
            return Failed(f"it failed: {error}"[:300])
    figure.notes["load_before"] = load
    print(
        f"  {benchmark.key}: {figure.value:,.2f} {benchmark.told_in}"
        f" ({figure.count:,} {benchmark.unit} in {figure.seconds:.2f} s; {figure.notes})",
        flush=True,
    )
    return figure


def measure(
    chosen: Sequence[Benchmark], times: int, part: float, profile: bool
) -> dict[str, list[Figure] | NotRun]:
    """All of them once, then all of them again: what is compared was measured close together."""
    found: dict[str, list[Figure] | NotRun] = {b.key: [] for b in chosen}
    with tempfile.TemporaryDirectory(prefix="orgwarden-bench-shared-") as shared:
        for number in range(times):
            print(f"round {number + 1} of {times}", flush=True)
            for benchmark in chosen:
                figures = found[benchmark.key]
                if isinstance(figures, NotRun) or number >= (benchmark.times or times):
                    continue
                outcome = one(benchmark, part, Path(shared), profile)
                if isinstance(outcome, NotRun):
                    found[benchmark.key] = outcome
                else:
                    figures.append(outcome)
    return found


def row(figures: list[Figure] | NotRun, run: str) -> dict[str, Any]:
    """What is kept of a measurement: what it found, not what was promised."""
    told: dict[str, Any] = {
        "on": run[:10],
        "run": run,
        "machine": f"{machine_line()}, Python {platform.python_version()}",
    }
    if isinstance(figures, NotRun):
        return told | {"not_run": str(figures)}
    values = [figure.value for figure in figures]
    return told | {
        "count": figures[-1].count,
        "runs": len(figures),
        "median": statistics.median(values),
        "min": min(values),
        "max": max(values),
        "notes": figures[-1].notes,
    }


def keep(found: dict[str, list[Figure] | NotRun], run: str, *, profile: bool) -> None:
    """Rewrite the rows of what was measured, and the pages."""
    kept_at = ROOT / "docs/benchmarks.json"
    kept: Kept = json.loads(kept_at.read_text()) if kept_at.is_file() else {}
    for key, figures in found.items():
        was = kept.setdefault(key, {})
        if not profile:
            profiled = {"profile": was["profile"]} if "profile" in was else {}
            kept[key] = row(figures, run) | profiled
        elif not isinstance(figures, NotRun) and figures[-1].profile:
            load = figures[-1].notes["load_before"]
            was["profile"] = figures[-1].profile | {"on": run[:10], "load": load}
    kept = {b.key: kept[b.key] for b in BENCHMARKS if kept.get(b.key)}
    kept_at.write_text(json.dumps(kept, indent=2, ensure_ascii=False) + "\n")
    (ROOT / "docs/benchmarks.md").write_text(page(BENCHMARKS, kept))
    (ROOT / "docs/benchmarks-profile.md").write_text(profile_page(BENCHMARKS, kept))
    print("wrote docs/benchmarks.md and docs/benchmarks-profile.md")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=3, help="runs of each")
    parser.add_argument("--only", action="append", default=[], help="a key; may be repeated")
    parser.add_argument("--large", action="store_true", help="the large ones instead")
    parser.add_argument("--part", type=float, default=1.0, help="part of the size; nothing is kept")
    parser.add_argument("--page", action="store_true", help="write the pages anew, measure nothing")
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    parser.add_argument(
        "--profile",
        action="store_true",
        help="write docs/benchmarks-profile.md instead; rates are lower then, and not kept",
    )
    chosen = parser.parse_args()
    known = {benchmark.key: benchmark for benchmark in BENCHMARKS}
    if chosen.list:
        for key, benchmark in known.items():
            print(f"{key}: {benchmark.title}{' (large)' if benchmark.large else ''}")
        return 0
    if chosen.page:
        keep({}, "", profile=False)
        return 0
    unknown = [key for key in chosen.only if key not in known]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; see --list", file=sys.stderr)
        return 2
    if chosen.only:
        wanted = [known[key] for key in chosen.only]
    else:
        wanted = [b for b in BENCHMARKS if chosen.large == b.large]
    if chosen.profile:
        chosen.times = 1
    run = datetime.now(UTC).isoformat(timespec="seconds")
    found = measure(wanted, chosen.times, chosen.part, chosen.profile)
    if chosen.part == 1.0:
        keep(found, run, profile=chosen.profile)
    else:
        print("docs/benchmarks.md is left as it is: these were not the whole sizes")
    return 1 if any(isinstance(f, Failed) for f in found.values()) else 0


if __name__ == "__main__":
    sys.exit(main())
