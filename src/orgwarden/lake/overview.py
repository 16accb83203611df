"""What a question's events are in numbers: counts over time by source, and the commonest values.

Both come of one scan: reading the columns is most of what either costs.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from orgwarden.lake.activity import (
    FACET_VALUES,
    FACETS,
    FAILED,
    NONE,
    PATIENCE,
    Bar,
    Question,
    Reader,
    conditions,
)

Facets = dict[str, list[tuple[str, int]]]
# Source and outcome are told by the bars, which are grouped by both.
_GROUPED = ("actor", "ip", "country", "app")
_BARS = (1 << len(_GROUPED)) - 1  # grouping() has a bit set for each column that is not grouped
_FACET = {_BARS ^ (1 << n): name for n, name in enumerate(reversed(_GROUPED))}
_EMPTY = "''"


@dataclass(frozen=True)
class Overview:
    """`bars` oldest first, steps without events left out. `facets` have the commonest values of
    each with their counts; an empty value is NONE."""

    bars: list[Bar] = field(default_factory=list)
    facets: Facets = field(default_factory=lambda: {name: [] for name in FACETS})


def overview(reader: Reader, question: Question) -> Overview:
    """Bars and facets of the same events."""
    where, params = conditions(question)
    seconds = int(question.step().total_seconds())
    values = ", ".join(f"nullif({c}, {_EMPTY}) AS {c}" for c in ("outcome", *_GROUPED))
    names = ", ".join(_GROUPED)
    sets = ", ".join(f"({name})" for name in _GROUPED)
    table = reader.run(
        f"WITH seen AS (SELECT CAST(floor(epoch(time) / {seconds}) AS BIGINT) * {seconds} AS start,"
        f" source, {values} FROM activity WHERE {where}),"
        f" counted AS (SELECT grouping({names}) AS facet, start, source, outcome,"
        f" coalesce({names}) AS value, count(*) AS events FROM seen"
        f" GROUP BY GROUPING SETS ((start, source, outcome), {sets}))"
        " SELECT facet, start, source, outcome, value, events FROM counted QUALIFY"
        f" facet = {_BARS} OR row_number() OVER (PARTITION BY facet ORDER BY events DESC, value)"
        f" <= {FACET_VALUES} ORDER BY facet, start, source, outcome, events DESC, value",
        params,
        seconds=PATIENCE,
    )
    return _read(table.to_pylist())


def histogram(reader: Reader, question: Question) -> list[Bar]:
    """The bars alone."""
    where, params = conditions(question)
    seconds = int(question.step().total_seconds())
    table = reader.run(
        f"SELECT CAST(floor(epoch(time) / {seconds}) AS BIGINT) * {seconds} AS start, source, "
        f"count(*) AS events, count(*) FILTER (WHERE outcome = '{FAILED}') AS failed "
        f"FROM activity WHERE {where} GROUP BY 1, 2 ORDER BY 1, 2",
        params,
        seconds=PATIENCE,
    )
    return [
        Bar(datetime.fromtimestamp(r["start"], UTC), r["source"] or "", r["events"], r["failed"])
        for r in table.to_pylist()
    ]


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
