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
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks import clients, collecting
from benchmarks.measure import Benchmark, Figure, Setting
from scripts.machine import machine_line

ROOT = Path(__file__).resolve().parent.parent
BENCHMARKS: tuple[Benchmark, ...] = (*clients.BENCHMARKS, *collecting.BENCHMARKS)

COLUMNS = "what,size,median,slowest,fastest,aim,ratio,runs,on,notes".split(",")


def measure(benchmark: Benchmark, times: int, part: float) -> list[Figure]:
    figures = []
    for number in range(times):
        load = round(os.getloadavg()[0], 1)
        with tempfile.TemporaryDirectory(prefix="orgwarden-bench-") as folder:
            figure = benchmark.body(Setting(Path(folder), part))
        figure.notes["load_before"] = load
        figures.append(figure)
        print(
            f"  {number + 1}/{times}: {figure.rate:,.0f} {benchmark.unit}/s"
            f" ({figure.count:,} in {figure.seconds:.2f} s)",
            flush=True,
        )
    return figures


def row(benchmark: Benchmark, figures: list[Figure]) -> dict[str, Any]:
    rates = [figure.rate for figure in figures]
    return {
        "title": benchmark.title,
        "unit": benchmark.unit,
        "count": figures[-1].count,
        "runs": len(figures),
        "median": statistics.median(rates),
        "min": min(rates),
        "max": max(rates),
        "beside": benchmark.beside,
        "aim": benchmark.aim,
        "notes": figures[-1].notes,
        "on": datetime.now(UTC).date().isoformat(),
        "machine": f"{machine_line()}, Python {platform.python_version()}",
    }


def page(rows: dict[str, dict[str, Any]]) -> str:
    lines = [
        "# Measurements",
        "",
        "Written by `make bench`. Rates are units per second: the median of the runs, the slowest",
        "and the fastest. The ratio is to the benchmark named beside it, measured on the same",
        "machine. The emulator, and the client that is measured, share the machine's cores.",
        "",
        "`load before` is the machine's load average when the last run began: far above its number",
        "of cores means that other work took processor time too, and a rate is then a lower bound.",
        "`processor s` is what the measured process used of the cores, whoever else was there.",
        "`log-files` and `sign-ins` divide the rows of all commits after the first by the time",
        "from the first commit to the last, every commit forced to disk.",
        "",
    ]
    for machine in sorted({r["machine"] for r in rows.values()}):
        lines.append(f"On {machine}:")
        lines += [
            "",
            "| what | size | median | slowest | fastest | aim | ratio | runs | on | notes |",
        ]
        lines.append("|---|---:|---:|---:|---:|---:|---|---:|---|---|")
        for key, r in rows.items():
            if r["machine"] != machine:
                continue
            other = rows.get(r["beside"])
            same = other is not None and other["machine"] == machine
            ratio = f"{r['median'] / other['median']:.1f} × {r['beside']}" if same and other else ""
            notes = ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in r["notes"].items())
            cells = (
                f"{r['title']} (`{key}`)",
                f"{r['count']:,} {r['unit']}",
                *(f"{r[name]:,.0f}" for name in ("median", "min", "max")),
                f"{r['aim']:,.0f}" if r["aim"] else "",
                ratio,
                str(r["runs"]),
                r["on"],
                notes,
            )
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--times", type=int, default=3, help="runs of each")
    parser.add_argument("--only", action="append", default=[], help="a key; may be repeated")
    parser.add_argument("--part", type=float, default=1.0, help="part of the size; nothing is kept")
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    chosen = parser.parse_args()
    known = {benchmark.key: benchmark for benchmark in BENCHMARKS}
    if chosen.list:
        print("\n".join(f"{key}: {known[key].title}" for key in known))
        return 0
    unknown = [key for key in chosen.only if key not in known]
    if unknown:
        print(f"no such benchmark: {', '.join(unknown)}; see --list", file=sys.stderr)
        return 2
    kept_at = ROOT / "docs/benchmarks.json"
    kept = json.loads(kept_at.read_text()) if kept_at.is_file() else {}
    for key in chosen.only or known:
        print(f"{key}: {known[key].title}", flush=True)
        kept[key] = row(known[key], measure(known[key], chosen.times, chosen.part))
    if chosen.part != 1.0:
        print("docs/benchmarks.md is left as it is: these were not the whole sizes")
        return 0
    kept = {key: kept[key] for key in known if key in kept}
    kept_at.write_text(json.dumps(kept, indent=2) + "\n")
    (ROOT / "docs/benchmarks.md").write_text(page(kept))
    print("wrote docs/benchmarks.md")
    return 0


if __name__ == "__main__":
    sys.exit(main())
