"""The view model of the activity page: query string → typed question → rows, bars, facets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.problems import Problem
from orgwarden.core.source import Kind
from orgwarden.lake import activity as lake
from orgwarden.lake.overview import Overview, overview
from orgwarden.web import frame, gaps, ranges, words

FACET_LABELS = {
    "source": "Source",
    "outcome": "Outcome",
    "actor": "Person",
    "ip": "Address",
    "country": "Country",
    "app": "App",
}
# Readings come by the dozen and nobody did them: asked for by name only. What changed between two
# of them is an event of its own (`entity_changes`).
READINGS = tuple(s.id for s in SOURCES if s.kind in (Kind.LIMITS, Kind.SNAPSHOT))
_MANY = ("source", "outcome", "country", "app")
_ONE = ("actor", "ip", "action", "text")
_LONGEST = 200
_SERIES = 6  # sources with a colour of their own; the rest is drawn together


@dataclass(frozen=True)
class Event:
    """One row. `href` opens it."""

    at: datetime
    org: str
    source: str
    actor: str
    action: str
    about: str  # object and target
    ip: str
    country: str
    app: str
    outcome: str
    failed: bool
    href: str
    uid: str


@dataclass(frozen=True)
class FacetValue:
    label: str
    count: int
    width: str
    href: str
    chosen: bool


@dataclass(frozen=True)
class Facet:
    label: str
    name: str
    values: tuple[FacetValue, ...]
    chosen: int


@dataclass(frozen=True)
class Chip:
    """One part of the filter, and the address without it."""

    label: str
    value: str
    without: str


@dataclass(frozen=True)
class Fields:
    """The filter as typed, for the form."""

    actor: str
    ip: str
    action: str
    text: str
    hidden: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ActivityPage:
    fields: Fields
    chips: tuple[Chip, ...]
    clear: str
    chart: dict[str, Any]
    bars: tuple[tuple[datetime, str, int, int], ...]  # the table behind the chart
    total: int
    failed: int
    failures: str  # the address that shows only what failed
    total_words: str
    facets: tuple[Facet, ...]
    rows: tuple[Event, ...]
    more: str
    csv: str
    json: str
    sql: str
    problem: str
    fix: str
    empty: str
    empty_fix: str
    export_most: str
    many_orgs: bool
    gaps: tuple[gaps.Gap, ...]  # what is not held of the time asked for
    readings: str  # the address that shows the readings of limits


def read(query: QueryDict, what: frame.Asked) -> lake.Question:
    """The question an address asks."""

    def many(name: str) -> tuple[str, ...]:
        return tuple(v[:_LONGEST] for v in query.getlist(name) if v)[:50]

    def one(name: str) -> str:
        return query.get(name, "").strip()[:_LONGEST]

    return lake.Question(
        since=what.range.since,
        until=what.range.until,
        source=many("source"),
        outcome=many("outcome"),
        country=many("country"),
        app=many("app"),
        actor=one("actor"),
        ip=one("ip"),
        action=one("action"),
        text=one("text"),
        without=READINGS,
    )


def build(
    reader: lake.Reader,
    asked: lake.Question,
    what: frame.Asked,
    query: QueryDict,
    *,
    only_rows: bool = False,
) -> ActivityPage:
    """Asks the lake and spells the answer."""
    after = _key(query.get("after", ""))
    seen = Overview() if only_rows else overview(reader, asked)
    # Of what has no bars nothing needs to be looked for.
    nothing = not only_rows and not seen.bars
    rows, following = (
        ([], None) if nothing else lake.newest(reader, asked, after=after, bars=seen.bars)
    )
    names = {o.key: o.name for o in what.orgs}
    return _spell(
        asked,
        what,
        query,
        bars=seen.bars,
        facets={} if only_rows else seen.facets,
        rows=tuple(_event(r, names) for r in rows),
        following=following,
        holes=()
        if only_rows
        else gaps.of(what.meant, asked.source, asked.since, asked.until, what.now),
        empty="" if rows else "No row held matches.",
        empty_fix="" if rows else _widen(asked),
    )


def nobody(asked: lake.Question, what: frame.Asked, query: QueryDict) -> ActivityPage:
    """The page while there is no tenant to ask about."""
    return _spell(
        asked,
        what,
        query,
        empty="No tenant is connected yet.",
        empty_fix="Add one on Integrations: its activity will appear here.",
    )


def unknown(
    asked: lake.Question, what: frame.Asked, query: QueryDict, problem: Problem
) -> ActivityPage:
    """The page when the lake could not be asked: unknown, which is not the same as empty."""
    page = _spell(asked, what, query)
    return replace(page, problem=words.sentence(problem.what), fix=words.sentence(problem.fix))


def _widen(asked: lake.Question) -> str:
    if lake.narrowed(asked):
        return "Take a part of the filter away, or choose a longer time."
    return "Choose a longer time, or look at the tenant's page for what is still being collected."


def _key(text: str) -> lake.Key | None:
    at, _, uid = text.partition("~")
    time = ranges.moment(at)
    return lake.Key(time, uid) if time is not None and uid else None


def _spell(
    asked: lake.Question,
    what: frame.Asked,
    query: QueryDict,
    *,
    bars: Sequence[lake.Bar] = (),
    facets: dict[str, list[tuple[str, int]]] | None = None,
    rows: tuple[Event, ...] = (),
    following: lake.Key | None = None,
    holes: tuple[gaps.Gap, ...] = (),
    empty: str = "",
    empty_fix: str = "",
) -> ActivityPage:
    total, failed = sum(b.events for b in bars), sum(b.failed for b in bars)
    hidden = [(k, v) for k in _MANY for v in getattr(asked, k)]
    pairs = hidden + [(k, v) for k in _ONE if (v := getattr(asked, k))]
    frame_pairs = list(what.query().items())
    fixed = {"from": ranges.stamp(asked.since), "to": ranges.stamp(asked.until)}
    tenant = [(k, v) for k, v in frame_pairs if k == "tenant"]
    export = urlencode(pairs + tenant + list(fixed.items()))
    more = ""
    if following is not None:
        after = f"{following.time.astimezone(UTC).isoformat()}~{following.event_uid}"
        # from and to are fixed with the first page, or "the last hour" would move under the rows
        more = f"{reverse('activity')}?{export}&{urlencode({'after': after})}"
    return ActivityPage(
        fields=Fields(asked.actor, asked.ip, asked.action, asked.text, tuple(hidden + frame_pairs)),
        chips=_chips(pairs, frame_pairs),
        clear=_address(frame_pairs),
        chart=_chart(bars, asked),
        bars=tuple((b.start, words.source_name(b.source), b.events, b.failed) for b in bars),
        total=total,
        failed=failed,
        failures=_address(
            [p for p in pairs if p[0] != "outcome"] + [("outcome", lake.FAILED), *frame_pairs]
        ),
        total_words=words.count_of(total, "event"),
        facets=_facets(facets or {}, pairs, frame_pairs),
        rows=rows,
        more=more,
        csv=f"{reverse('export', args=['csv'])}?{export}",
        json=f"{reverse('export', args=['json'])}?{export}",
        sql=lake.as_sql(asked, [what.chosen.key] if what.chosen else []),
        problem="",
        fix="",
        empty=empty,
        empty_fix=empty_fix,
        export_most=f"{lake.EXPORT_ROWS:,}",
        many_orgs=len(what.meant) > 1,
        gaps=holes,
        readings=_address([("source", s) for s in READINGS] + frame_pairs),
    )


def _address(pairs: Sequence[tuple[str, str]]) -> str:
    return f"{reverse('activity')}?{urlencode(pairs)}" if pairs else reverse("activity")


def label(name: str, value: str) -> str:
    if value == lake.NONE:
        return "not stated"
    return words.source_name(value) if name == "source" else words.visible(value)


def _chips(
    pairs: Sequence[tuple[str, str]], frame_pairs: Sequence[tuple[str, str]]
) -> tuple[Chip, ...]:
    labels = FACET_LABELS | {"action": "Action", "text": "Contains"}
    return tuple(
        Chip(labels[k], label(k, v), _address([p for p in pairs if p != (k, v)] + [*frame_pairs]))
        for k, v in pairs
    )


def _facets(
    found: dict[str, list[tuple[str, int]]],
    pairs: Sequence[tuple[str, str]],
    frame_pairs: Sequence[tuple[str, str]],
) -> tuple[Facet, ...]:
    made = []
    for name, values in found.items():
        most = max((n for _, n in values), default=1)
        spelled = []
        for value, number in values:
            chosen = (name, value) in pairs
            rest = [p for p in pairs if p != (name, value)]
            if not chosen:
                # A person or an address is one; a second choice replaces the first.
                rest = [p for p in rest if name in _MANY or p[0] != name] + [(name, value)]
            spelled.append(
                FacetValue(
                    label(name, value),
                    number,
                    f"{100 * number / most:.1f}",
                    _address(rest + [*frame_pairs]),
                    chosen,
                )
            )
        made.append(Facet(FACET_LABELS[name], name, tuple(spelled), sum(v.chosen for v in spelled)))
    return tuple(made)


def _chart(bars: Sequence[lake.Bar], asked: lake.Question) -> dict[str, Any]:
    """Series by source, the commonest first, the rest together; failures beside them."""
    step = int(asked.step().total_seconds())
    first = int(asked.since.timestamp() // step * step)
    starts = list(range(first, int(asked.until.timestamp()), step))
    place = {start: i for i, start in enumerate(starts)}
    totals: dict[str, int] = {}
    for bar in bars:
        totals[bar.source] = totals.get(bar.source, 0) + bar.events
    ranked = sorted(totals, key=lambda s: (-totals[s], s))
    named = ranked if len(ranked) <= _SERIES else ranked[: _SERIES - 1]
    series = {s: [0] * len(starts) for s in named}
    if len(named) < len(ranked):
        series[""] = [0] * len(starts)
    failed = [0] * len(starts)
    for bar in bars:
        i = place.get(int(bar.start.timestamp()))
        if i is None:
            continue
        series[bar.source if bar.source in series else ""][i] += bar.events
        failed[i] += bar.failed
    return {
        "kind": "activity",
        "label": "Events over time by source; choose a stretch to look closer",
        "starts": [s * 1000 for s in starts],
        "step": step * 1000,
        "until": int(asked.until.timestamp() * 1000),
        "series": [
            {
                "name": words.source_name(s) if s else f"{len(ranked) - len(named)} other sources",
                "events": v,
            }
            for s, v in series.items()
        ],
        "failed": failed,
    }


def _event(row: dict[str, Any], names: dict[str, str]) -> Event:
    at = row["time"].astimezone(UTC)
    about = " · ".join(words.visible(p) for p in (row["object"], row["target"]) if p)
    opens = {
        "org": row["org"],
        "source": row["source"],
        "uid": row["event_uid"],
        "at": at.isoformat(),
    }
    return Event(
        at=at,
        org=names.get(row["org"], ""),
        source=words.source_name(row["source"] or ""),
        actor=words.visible(row["actor"] or row["actor_id"]),
        action=words.visible(row["action"]),
        about=about,
        ip=words.visible(row["ip"]),
        country=words.visible(row["country"]),
        app=words.visible(row["app"] or row["client"]),
        outcome=words.visible(row["outcome"]),
        failed=row["outcome"] == lake.FAILED,
        href=f"{reverse('event')}?{urlencode(opens)}",
        uid=row["event_uid"],
    )
