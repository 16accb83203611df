"""Questions the pages ask of the view `activity`: what is meant, its rows, one event.

Rules: every value a person typed is a bound parameter; the only names put into a text are
columns listed here and views the connection itself reports. Time is half open: [since, until).
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol, runtime_checkable

import pyarrow as pa

from orgwarden.core.problems import NotThere

NONE = "(none)"  # asks for the rows where the column is empty
FACETS = ("source", "outcome", "actor", "ip", "country", "app")
FACET_VALUES = 8
PAGE_ROWS = 100
EXPORT_ROWS = 50_000
PLENTY = 8  # times as many rows as a page has are looked at first, where there are more
PATIENCE = 20.0  # seconds a page waits for one question
FAILED = "failure"  # core.source: success, failure, or missing where the source does not say
SHOWN = (
    "time org source actor_id actor action object target ip country app client outcome event_uid"
).split()
EXPORTED = (
    "time org source actor_id actor ip country app client action object target rows bytes "
    "outcome session event_uid arrived_seq"
).split()
STEPS = tuple(
    timedelta(seconds=s)
    for s in (10, 60, 300, 900, 1800, 3600, 3 * 3600, 6 * 3600, 12 * 3600, 86400, 7 * 86400)
)
PROVENANCE = ("log_file_id", "row_sha256")  # the reader's own, beside Salesforce's columns
_VIEW = re.compile(r"[a-z][a-z0-9_]{0,120}")
_SEARCHED = "actor, action, object, target, ip, app, client, country, session, source, event_uid"


class Reader(Protocol):
    """What this module needs of `orgwarden.lake.reading.Reader`."""

    def sources(self) -> list[str]: ...

    def run(
        self, sql: str, parameters: Sequence[Any] = (), *, seconds: float = ...
    ) -> pa.Table: ...


@runtime_checkable
class Dated(Protocol):
    """A reader that can leave files of other days out."""

    def within(self, since: datetime, until: datetime) -> str:
        """A view with the events of [since, until), and perhaps others."""
        ...


@dataclass(frozen=True)
class Question:
    """Which events are meant. Empty strings and tuples ask for everything."""

    since: datetime
    until: datetime
    source: tuple[str, ...] = ()
    outcome: tuple[str, ...] = ()
    country: tuple[str, ...] = ()
    app: tuple[str, ...] = ()
    actor: str = ""  # part of a username, or an 18-character id
    ip: str = ""  # an address or its beginning
    action: str = ""  # part of an action
    text: str = ""  # part of any of the searched columns
    without: tuple[str, ...] = ()  # sources left out unless `source` names some

    def step(self, at_most: int = 90) -> timedelta:
        """The width of one bar, so that the range has no more than `at_most` of them."""
        span = self.until - self.since
        return next((s for s in STEPS if span / s <= at_most), STEPS[-1])


@dataclass(frozen=True)
class Key:
    """Where the next page begins: after this row, newest first."""

    time: datetime
    event_uid: str


@dataclass(frozen=True)
class Bar:
    """Events of one source in one step of time, and how many of them failed."""

    start: datetime
    source: str
    events: int
    failed: int


def among(column: str, values: Sequence[str]) -> tuple[str, list[Any]]:
    """The condition that a column has one of these values; NONE is an empty one."""
    stated = [v for v in values if v != NONE]
    parts = []
    if stated:
        parts.append(f"{column} IN ({', '.join('?' * len(stated))})")
    if len(stated) < len(values):
        parts.append(f"({column} IS NULL OR {column} = '')")
    return f"({' OR '.join(parts)})", list(stated)


def _part(column: str, value: str) -> tuple[str, list[Any]]:
    if value == NONE:
        return f"({column} IS NULL OR {column} = '')", []
    return f"contains(lower({column}), lower(?))", [value]


def of_actor(value: str, actor: str, actor_id: str) -> tuple[str, list[Any]]:
    """The condition that it was done by this person: part of a name, or an id."""
    if value == NONE:
        return _part(actor, NONE)
    return f"(contains(lower({actor}), lower(?)) OR {actor_id} = ?)", [value, value]


def of_ip(value: str, ip: str) -> tuple[str, list[Any]]:
    """The condition that it came from this address, or from one that begins so."""
    return _part(ip, NONE) if value == NONE else (f"starts_with({ip}, ?)", [value])


def conditions(question: Question) -> tuple[str, list[Any]]:
    """The question as a WHERE clause with its parameters."""
    clauses = ["time >= ?", "time < ?"]
    params: list[Any] = [question.since, question.until]
    for column in ("source", "outcome", "country", "app"):
        values = getattr(question, column)
        if values:
            clause, more = among(column, values)
            clauses.append(clause)
            params += more
    if question.without and not question.source:
        clauses.append(f"source NOT IN ({', '.join('?' * len(question.without))})")
        params += question.without
    if question.actor:
        clause, more = of_actor(question.actor, "actor", "actor_id")
        clauses.append(clause)
        params += more
    if question.ip:
        clause, more = of_ip(question.ip, "ip")
        clauses.append(clause)
        params += more
    if question.action:
        clause, more = _part("action", question.action)
        clauses.append(clause)
        params += more
    if question.text:
        clauses.append(f"contains(lower(concat_ws(chr(31), {_SEARCHED})), lower(?))")
        params.append(question.text)
    return " AND ".join(clauses), params


def newest(
    reader: Reader,
    question: Question,
    *,
    after: Key | None = None,
    limit: int = PAGE_ROWS,
    bars: Sequence[Bar] = (),
) -> tuple[list[dict[str, Any]], Key | None]:
    """One page of rows, newest first, and the key of the next page (None: this was the last).

    `bars` of the same question let the scan begin at the step that must hold the page's last
    row. Within it the latest part is looked at first, as much as should hold a page: a hundred
    rows are not sorted out of a million.
    """
    asked = question
    if after is not None:
        asked = replace(asked, until=min(asked.until, after.time + timedelta(microseconds=1)))
    first, held = _scan_from(asked, bars, limit + 1)
    asked = replace(asked, since=first)
    rows: list[dict[str, Any]] = []
    for since in _latest_parts(asked, limit + 1, held):
        rows = _newest(reader, replace(asked, since=since), after, limit + 1)
        if len(rows) > limit:
            last = rows[limit - 1]
            return rows[:limit], Key(last["time"], last["event_uid"])
    return rows, None


def _newest(reader: Reader, asked: Question, after: Key | None, most: int) -> list[dict[str, Any]]:
    where, params = conditions(asked)
    if after is not None:
        where += " AND (time < ? OR (time = ? AND event_uid < ?))"
        params += [after.time, after.time, after.event_uid]
    view = reader.within(asked.since, asked.until) if isinstance(reader, Dated) else "activity"
    table = reader.run(
        f"SELECT {', '.join(SHOWN)} FROM {view} WHERE {where} "
        f"ORDER BY time DESC, event_uid DESC LIMIT {int(most)}",
        params,
        seconds=PATIENCE,
    )
    rows: list[dict[str, Any]] = table.to_pylist()
    return rows


def _scan_from(question: Question, bars: Sequence[Bar], wanted: int) -> tuple[datetime, int]:
    """The latest step from which on enough events are certain, and how many there are at least; or
    the question's beginning."""
    held = 0
    for bar in reversed(bars):
        if bar.start >= question.until - question.step():
            continue  # cut by `until`: how many of its rows count is not known
        held += bar.events
        if held >= wanted:
            return max(question.since, bar.start), held
    return question.since, held


def _latest_parts(question: Question, wanted: int, held: int) -> list[datetime]:
    """Where scans begin, one after another until one finds enough: the last one at the question's
    beginning."""
    span = question.until - question.since
    parts = [p for p in (PLENTY * wanted, PLENTY**2 * wanted) if p * PLENTY <= held]
    return [*(question.until - span * (p / held) for p in parts), question.since]


def table_of(reader: Reader, question: Question, limit: int = EXPORT_ROWS) -> pa.Table:
    """The normalised columns of the newest `limit` events, for an export."""
    where, params = conditions(question)
    return reader.run(
        f"SELECT {', '.join(EXPORTED)} FROM activity WHERE {where} "
        f"ORDER BY time DESC, event_uid DESC LIMIT {int(limit)}",
        params,
        seconds=PATIENCE,
    )


def one(
    reader: Reader, source: str, event_uid: str, at: datetime
) -> tuple[dict[str, Any], dict[str, Any]]:
    """One event: its normalised columns, and every column as Salesforce sent it.

    `at` is the event's time; it lets the scan skip all other days. Raises NotThere.
    """
    gone = NotThere("This event is not in the lake.", fix="Reload the page and open it again.")
    if not _VIEW.fullmatch(source) or source not in reader.sources():
        raise gone
    table = reader.run(
        f'SELECT * FROM "{source}" WHERE n_time >= ? AND n_time < ? AND n_event_uid = ? LIMIT 1',
        [at - timedelta(seconds=1), at + timedelta(seconds=1), event_uid],
        seconds=PATIENCE,
    )
    rows = table.to_pylist()
    if not rows:
        raise gone
    normal = {k: rows[0].get(f"n_{k}") for k in EXPORTED}
    normal |= {k: rows[0][k] for k in PROVENANCE if k in rows[0]}
    restored = set(EXPORTED)
    original = {
        k: v
        for k, v in rows[0].items()
        # A normalised name is Salesforce's own only where the two differ in spelling or value.
        if not k.startswith("n_")
        and k not in PROVENANCE
        and not (k in restored and v == normal.get(k))
    }
    return normal, original


def as_sql(question: Question, orgs: Sequence[str] = ()) -> str:
    """The question as one text for `orgwarden events query` and other engines."""
    where, params = conditions(question)
    parts = where.split("?")
    text = "".join(
        part + (_literal(params[i]) if i < len(params) else "") for i, part in enumerate(parts)
    )
    if orgs:
        text += f" AND org IN ({', '.join(_literal(o) for o in orgs)})"
    where_lines = text.replace(" AND time < ", "\n  AND time < ").replace(") AND ", ")\n  AND ")
    return (
        "SELECT time, org, source, actor, action, object, target, ip, country, app, outcome\n"
        f"FROM activity\nWHERE {where_lines}\nORDER BY time DESC\nLIMIT 1000"
    )


def _literal(value: Any) -> str:
    if isinstance(value, datetime):
        return f"TIMESTAMPTZ '{value.astimezone(UTC).isoformat(sep=' ', timespec='seconds')}'"
    return "'" + str(value).replace("'", "''") + "'"


def narrowed(question: Question) -> bool:
    """Whether anything but the time is asked for."""
    return any(getattr(question, f.name) for f in fields(question)[2:] if f.name != "without")
