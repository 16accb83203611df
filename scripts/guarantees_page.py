"""`docs/guarantees.md`: what is promised of each source, on which condition, and what shows it.

What differs from source to source is read off its declaration in `orgwarden.catalog.sources`; the
promise of a kind is written here, with the rows of `docs/fault-rows.toml` whose tests show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from orgwarden.catalog.sources import MADE, SOURCES
from orgwarden.core.source import Kind, Source
from scripts import faults_page, marks
from scripts.markdown import cell

HEAD = """\
# What is promised of each source

Written by `make docs` from `orgwarden.catalog.sources`, `docs/fault-rows.toml` and the marks on the
tests; do not edit.

**Not promised:** what Salesforce never showed to our user, or deleted before we came, is not here;
Salesforce itself calls its log files no system of record, and nobody can prove from outside that it
wrote down everything. How soon something is here depends on Salesforce, on the budget of calls and
on a worker that runs. All of this was shown with an emulated org, whose ways are those of the
documentation and of published reports; no test here has seen Salesforce's own servers.

**Promised of all:** a range that is called complete was read to its end, and what it held is stored
once. A row that cannot be placed is kept in the quarantine with the reason: read = rows + duplicate
+ quarantined. What could not be read is never an empty result: the source says so, with the reason
and what to do. After a kill or a lost connection the next run goes on from the last commit.
"""


CONTRACT = "tests/catalog/test_contracts.py"


@dataclass(frozen=True)
class Promise:
    """Of one kind of source. `missing`: what may be lacking, and how that is told. `rows`: the
    faults whose tests show it."""

    title: str
    promise: str
    start: str
    missing: str
    rows: tuple[str, ...]


PROMISES = {
    "ROWS": Promise(
        "Rows with a time",
        "Each row that our user can see is stored exactly once, known by its id, also when it is "
        "seen late, read twice or shares its second with thousands.",
        "from 00:00 UTC of the first day of the backfill, which is shown",
        "A row that Salesforce shows later than the overlap after its own time is found by no read "
        "and told by nothing. What Salesforce deleted before it was read is a gap with the reason.",
        ("C1", "C2", "C3", "C4", "E1", "E2", "E3", "E4", "E5", "E6", "E7", "F1"),
    ),
    "LOG_FILES": Promise(
        "Event log files",
        "Each event of each file that was listed is stored exactly as often as the file that shows "
        "it most often, also when a file comes late, again, in pieces or as hours and day.",
        "from the oldest day the org still held when it was first asked, at most 30 days back",
        "Events that Salesforce never wrote into a file. A listed file that is gone, and what was "
        "deleted before it was listed, are gaps with the reason. Two rows that are alike in every "
        "column in two different files are one event.",
        ("C9", "D1", "D2", "D3", "D4", "D5", "D6", "D7", "D8", "D14", "D15", "D16", "D17", "F1"),
    ),
    "EVENT_STORE": Promise(
        "Stored real-time events",
        "Each event that our user can see in a window is stored exactly once, known by its "
        "identifier.",
        "from the beginning of the backfill, which is shown",
        "An event that Salesforce stores later than the overlap after its own time. The store "
        "cannot be counted, so that a result is proven whole by its pages alone.",
        ("C1", "C3", "E4", "F1"),
    ),
    "SNAPSHOT": Promise(
        "Lists that are read whole",
        "Every difference between two whole readings is a version and one change, told once, with "
        "the values before and after.",
        "from the first reading; what was there then is told as found, not as new",
        "What came and went, or changed and changed back, between two readings. A list that was "
        "not read to its end is not compared, and nothing is called removed while the org still "
        "counts it.",
        ("C4", "C8", "F1"),
    ),
    "LIMITS": Promise(
        "Limits",
        "Each reading is stored as it came.",
        "from the first reading",
        "What was used between two readings is known as a sum only. A limit of an unknown name is "
        "kept under that name.",
        ("A12",),
    ),
    "MADE": Promise(
        "Changes, made of what others read",
        "A change is committed together with the versions it was made of: neither without the "
        "other.",
        "from the second reading of each list",
        "As its lists; who did it is named only where the record or the audit trail says so.",
        ("F1",),
    ),
}


def promise_of(source: Source) -> Promise:
    """Raises KeyError for a kind that nothing is promised of."""
    return PROMISES[source.kind.name]


def span(length: timedelta) -> str:
    """In its largest whole unit."""
    for seconds, name in ((86400, "day"), (3600, "hour"), (60, "minute")):
        count, rest = divmod(int(length.total_seconds()), seconds)
        if count and not rest:
            return f"{count} {name}{'s' if count > 1 else ''}"
    return f"{length.total_seconds():.0f} seconds"


def how_late(source: Source) -> str:
    if source.kind is Kind.MADE:
        return "with the reading it is made of"
    if source.kind in (Kind.SNAPSHOT, Kind.LIMITS):
        return f"within {span(source.cadence)}"
    return f"within {span(source.cadence)}; called complete {span(source.lag)} later"


def condition(source: Source) -> str:
    """What must hold for the promise, from its needs; what goes dark says the source itself."""
    parts = [f"the user has {need.permission}" for need in source.needs]
    if source.tier:
        parts.append(f"the tier `{source.tier}` is opted in to")
    return "; ".join(parts) or "the lists it is made of are read"


def kept(source: Source) -> str:
    if source.kind in (Kind.MADE, Kind.LIMITS):
        return "—"
    return source.kept or "not stated"


def page() -> str:
    """The page as Markdown."""
    shown = marks.by_row(faults_page.shown())
    every = (*SOURCES, *MADE)
    lines = HEAD.splitlines()
    for name, given in PROMISES.items():
        members = [s for s in every if s.kind.name == name]
        if not members:
            continue
        tests = {t.test: t for row in given.rows for t in shown.get(row, [])}
        lines += [
            "", f"## {given.title}", "",
            f"- Promised: {given.promise}",
            f"- Begins {given.start}.",
            f"- What may be missing: {given.missing}",
            f"- Shown by: {marks.links(list(tests.values()))}",
            "",
            "| source | how late | Salesforce keeps it | on the condition that |",
            "|---|---|---|---|",
        ]  # fmt: skip
        lines += [
            f"| `{s.id}` | {how_late(s)} | {cell(kept(s))} | {cell(condition(s))} |"
            for s in members
        ]
    contract = [t for t in shown["E5"] if t.file == CONTRACT]
    lines += [
        "",
        "Every source is read twice against the emulated org, and adds nothing the second time:",
        f"{marks.links(contract)}.",
    ]
    return "\n".join(lines) + "\n"
