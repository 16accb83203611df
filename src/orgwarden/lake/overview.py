"""What a question's events are in numbers: counts over time by source, and the commonest values.

Both come of one scan: reading the columns is most of what either costs. What was counted of whole
files before (`lake.counted`) is added to what the scan of the others finds.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol, runtime_checkable

from orgwarden.lake import counted
from orgwarden.lake.activity import (
    FACET_VALUES,
    FACETS,
    FAILED,
    NONE,
    PATIENCE,
    Bar,
    Question,
    Reader,
    among,
    conditions,
)

Facets = dict[str, list[tuple[str, int]]]
# Source and outcome are told by the bars, which are grouped by both.
_GROUPED = ("actor", "ip", "country", "app")
# grouping() has a bit set for each column that is not grouped, the first one highest. Spark wants
# all of the grouped columns in it.
_BARS = 0b000_1111
_FACET = {0b111_1111 ^ (1 << n): name for n, name in enumerate(reversed(_GROUPED))}
_EMPTY = "''"


@dataclass(frozen=True)
class Overview:
    """`bars` oldest first, steps without events left out. `facets` have the commonest values of
    each with their counts; an empty value is NONE."""

    bars: list[Bar] = field(default_factory=list)
    facets: Facets = field(default_factory=lambda: {name: [] for name in FACETS})


@dataclass(frozen=True)
class Split:
    """A view of what has to be scanned, and one of what is counted already: columns facet, value,
    outcome, start, source and events as in `lake.counted`, of files that lie whole within the time
    and have the sources asked for. Empty: nothing is."""

    scanned: str = "activity"
    counted: str = ""


@runtime_checkable
class Counting(Protocol):
    """A reader that knows what was counted before."""

    def split(self, question: Question) -> Split: ...


def overview(reader: Reader, question: Question) -> Overview:
    """Bars and facets of the same events."""
    split = reader.split(question) if isinstance(reader, Counting) else Split()
    where, params = conditions(question)
    values = ", ".join(f"nullif({c}, {_EMPTY}) AS {c}" for c in ("outcome", *_GROUPED))
    names = ", ".join(_GROUPED)
    sets = ", ".join(f"({name})" for name in _GROUPED)
    parts = (
        f"seen AS (SELECT {_start(question, 'epoch(time)')} AS start, source, {values}"
        f" FROM {split.scanned} WHERE {where}),"
        f" grouped AS (SELECT grouping(start, source, outcome, {names}) AS facet, start, source,"
        f" outcome, coalesce({names}) AS value, count(*) AS events FROM seen"
        f" GROUP BY GROUPING SETS ((start, source, outcome), {sets}))"
    )
    found = "grouped"
    if split.counted:
        clause, more = _outcome(question)
        params = params + more
        bar = f"facet = {counted.BAR}"
        facet = " ".join(
            f"WHEN {counted.FACETS.index(name)} THEN {bits}" for bits, name in _FACET.items()
        )
        parts += (
            f", known AS (SELECT CASE facet WHEN {counted.BAR} THEN {_BARS} {facet} END AS facet,"
            f" {_start(question, 'start')} AS start, CASE WHEN {bar} THEN source END AS source,"
            f" CASE WHEN {bar} THEN outcome END AS outcome, value, events FROM {split.counted}"
            f" WHERE {clause}), found AS (SELECT facet, start, source, outcome, value,"
            " CAST(sum(events) AS BIGINT) AS events FROM (SELECT * FROM grouped UNION ALL"
            " SELECT * FROM known WHERE facet IS NOT NULL) GROUP BY ALL)"
        )
        found = "found"
    table = reader.run(
        f"WITH {parts} SELECT facet, start, source, outcome, value, events FROM {found} QUALIFY"
        f" facet = {_BARS} OR row_number() OVER (PARTITION BY facet ORDER BY events DESC, value)"
        f" <= {FACET_VALUES} ORDER BY facet, start, source, outcome, events DESC, value",
        params,
        seconds=PATIENCE,
    )
    return _read(table.to_pylist())


def histogram(reader: Reader, question: Question) -> list[Bar]:
    """The bars alone."""
    split = reader.split(question) if isinstance(reader, Counting) else Split()
    where, params = conditions(question)
    bars = (
        f"SELECT {_start(question, 'epoch(time)')} AS start, source, count(*) AS events,"
        f" count(*) FILTER (WHERE outcome = '{FAILED}') AS failed"
        f" FROM {split.scanned} WHERE {where} GROUP BY 1, 2"
    )
    if split.counted:
        clause, more = _outcome(question)
        params = params + more
        bars = (
            "SELECT start, source, CAST(sum(events) AS BIGINT) AS events,"
            f" CAST(sum(failed) AS BIGINT) AS failed FROM ({bars} UNION ALL"
            f" SELECT {_start(question, 'start')}, source, events,"
            f" CASE WHEN outcome = '{FAILED}' THEN events ELSE 0 END FROM {split.counted}"
            f" WHERE facet = {counted.BAR} AND {clause}) GROUP BY 1, 2"
        )
    table = reader.run(f"{bars} ORDER BY 1, 2", params, seconds=PATIENCE)
    return [
        Bar(datetime.fromtimestamp(r["start"], UTC), r["source"] or "", r["events"], r["failed"])
        for r in table.to_pylist()
    ]


def _start(question: Question, seconds: str) -> str:
    """The beginning of the step that a time lies in, in seconds since 1970."""
    step = int(question.step().total_seconds())
    return f"CAST(floor({seconds} / {step}) AS BIGINT) * {step}"


def _outcome(question: Question) -> tuple[str, list[Any]]:
    return among("outcome", question.outcome) if question.outcome else ("true", [])


def _read(rows: list[dict[str, Any]]) -> Overview:
    read = Overview()
    steps: dict[tuple[int, str], list[int]] = {}
    sources: dict[str | None, int] = {}
    outcomes: dict[str | None, int] = {}
    for row in rows:
        events = row["events"]
        if row["facet"] != _BARS:
            read.facets[_FACET[row["facet"]]].append((_named(row["value"]), events))
            continue
        source, outcome = row["source"] or None, row["outcome"]
        step = steps.setdefault((row["start"], source or ""), [0, 0])
        step[0] += events
        step[1] += events if outcome == FAILED else 0
        sources[source] = sources.get(source, 0) + events
        outcomes[outcome] = outcomes.get(outcome, 0) + events
    for (start, source), (events, failed) in steps.items():
        read.bars.append(Bar(datetime.fromtimestamp(start, UTC), source, events, failed))
    read.facets["source"] = _commonest(sources)
    read.facets["outcome"] = _commonest(outcomes)
    return read


def _commonest(counts: dict[str | None, int]) -> list[tuple[str, int]]:
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0] is None, item[0] or ""))
    return [(_named(value), events) for value, events in ranked[:FACET_VALUES]]


def _named(value: str | None) -> str:
    return NONE if value is None else value
