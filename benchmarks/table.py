"""docs/benchmarks.md: the rows that docs/benchmarks.json keeps, as a page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from benchmarks.measure import Benchmark, Beside

HEAD = """\
# Measurements

Written by `make bench` and, for the large ones, `make bench-large`; `python -m benchmarks.run
--only NAME` measures one and leaves the other rows. Each row has the median of its runs, the
slowest and the fastest. A ratio is to the benchmark named beside it, measured on the same machine;
`(other run)` where the two were not measured by the same invocation. The emulator, and the client
that is measured, share the machine's cores.

`load before` is the machine's load average when the last run began: far above its number of cores
means that other work took processor time too, and a rate is then a lower bound. `processor s` is
what the measured process used of the cores, whoever else was there, `emulator s` what the emulated
org used meanwhile. `log-files` and `sign-ins` divide the rows of all commits after the first by the
time from the first commit to the last, every commit forced to disk; `rows` by `whole process s`
is the rate with starting Python, signing in, listing and the wait for a Bulk job. A peer's rate is
of all its rows from its first question to its last answer. Peers only read (what they read is
thrown away), where ours is typed, compared, hashed and durable. Where a figure was not reached,
[where the time goes](benchmarks-profile.md) says why.
"""
COLUMNS = "what|size|median|slowest|fastest|aim|ratio|runs|on|notes".split("|")


Kept = dict[str, dict[str, Any]]


def page(benchmarks: Sequence[Benchmark], kept: Kept) -> str:
    """The whole page: a table for each machine, and a row for each benchmark, measured or not."""
    lines = [HEAD]
    machines = sorted({r["machine"] for r in kept.values() if "machine" in r})
    for machine in machines:
        here = {key: r for key, r in kept.items() if r.get("machine") == machine}
        lines += [f"On {machine}:", "", f"| {' | '.join(COLUMNS)} |"]
        lines.append("|---|---:|---:|---:|---:|---|---|---:|---|---|")
        lines += [
            f"| {' | '.join(_cells(b, here))} |"
            for b in benchmarks
            if b.key in here or not kept.get(b.key, {}).get("machine")
        ]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _cells(one: Benchmark, rows: Kept) -> tuple[str, ...]:
    what, row = f"{one.title} (`{one.key}`)", rows.get(one.key)
    if row is None:
        how = "make bench-large" if one.large else "make bench"
        return (what, "", "", "", "", _aim(one), "", "", "", f"**not run**: not yet; `{how}` does")
    if "not_run" in row:
        why = row["not_run"].replace("|", "/").replace("\n", " ")
        return (what, "", "", "", "", _aim(one), "", "", row["on"], f"**not run**: {why}")
    first, last = ("max", "min") if one.less else ("min", "max")
    return (
        what,
        f"{row['count']:,} {one.unit}",
        f"{_number(row['median'])} {one.told_in}",
        _number(row[first]),
        _number(row[last]),
        _aim(one, row["median"]),
        "<br>".join(_ratio(row, b, rows) for b in one.beside),
        str(row["runs"]),
        row["on"],
        ", ".join(f"{k.replace('_', ' ')} {v}" for k, v in row["notes"].items()),
    )


def _number(value: float) -> str:
    return f"{value:,.0f}" if abs(value) >= 10 else f"{value:,.2f}"


def _aim(one: Benchmark, median: float | None = None) -> str:
    if one.aim is None:
        return ""
    said = f"{'<' if one.less else '≥'} {_number(one.aim)}"
    if median is None:
        return said
    return f"{said}, {_met(median < one.aim if one.less else median >= one.aim)}"


def _ratio(row: dict[str, Any], beside: Beside, rows: Kept) -> str:
    other = rows.get(beside.key, {})
    if "median" not in other:
        return f"{beside.key}: not run"
    ratio = row["median"] / other["median"]
    said = f"{ratio:.1f} × {beside.key}" if ratio >= 1 else f"{ratio:.2f} × {beside.key}"
    if other["run"] != row["run"]:
        said += " (other run)"
    if beside.times is None:
        return said
    return f"{said}; aim {beside.times:g}, {_met(ratio >= beside.times)}"


def _met(met: bool) -> str:
    return "reached" if met else "**not reached**"


PROFILE_HEAD = """\
# Where the time goes

Written by `python -m benchmarks.run --profile --only NAME`. A thread in the measured process looks
a hundred times a second at what each of the others has used of a processor since the last look, and
where in Orgwarden's code it stands; what a library does for that line counts there, and its name
stands behind it. Threads that libraries start for themselves (Arrow's for parsing) are in the
process's own total only. Watching costs some of the speed, so no rate is taken from these runs.
"""


def profile_page(benchmarks: Sequence[Benchmark], kept: Kept) -> str:
    """docs/benchmarks-profile.md."""
    lines = [PROFILE_HEAD]
    for one in benchmarks:
        found = kept.get(one.key, {}).get("profile")
        if not found:
            continue
        lines += [f"## `{one.key}`", ""]
        when = f"on {found['on']} with a load of {found['load']} before"
        lines += _phases(found["phases"], when) if "phases" in found else _places(one, found, when)
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _phases(phases: dict[str, float], when: str) -> list[str]:
    said = f"A page's questions to the lake, one after another in one process, {when}."
    lines = [said, "", "| step | median ms |", "|---|---:|"]
    return lines + [f"| {name} | {ms:,.0f} |" for name, ms in phases.items()]


def _places(one: Benchmark, found: dict[str, Any], when: str) -> list[str]:
    all_seconds, threads = found["processor"], found["threads"]
    lines = [
        f"{one.title}: {found['seconds']:.1f} s, of which the process used {all_seconds:.1f} s of a"
        f" processor, {when}.",
        "",
        "| threads | processor s | part |",
        "|---|---:|---:|",
    ]
    rest = max(0.0, all_seconds - sum(threads.values()))
    shares = [*threads.items(), ("threads of libraries", rest)]
    lines += [f"| {name} | {s:.1f} | {s / all_seconds:.0%} |" for name, s in shares if s > 0.05]
    lines += ["", "| where | in | processor s | part |", "|---|---|---:|---:|"]
    return lines + [
        f"| `{ours}` | {f'`{inner}`' if inner else ''} | {s:.2f} | {s / all_seconds:.0%} |"
        for ours, inner, s in found["places"]
        if s / all_seconds >= 0.005
    ]
