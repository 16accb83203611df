"""Bars and facets of one scan are what a plain count of every row says."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.catalog.sources import event_log_file
from orgwarden.lake.activity import FACET_VALUES, FACETS, FAILED, NONE, Bar, Question, conditions
from orgwarden.lake.overview import Overview, histogram, overview
from orgwarden.lake.reading import open_reader
from orgwarden.lake.table import OrgLake
from tests.lake.ground import DAY, LOGOUT, csv_bytes, land, row

LOGIN = event_log_file.of_type("Login")
HEADER = ("EVENT_TYPE", "TIMESTAMP_DERIVED", "REQUEST_ID", "USER_NAME", "SOURCE_IP", "LOGIN_STATUS")
SINCE = datetime(2026, 3, 18, tzinfo=UTC)
ALL = Question(SINCE, SINCE + timedelta(days=4))
# Hostile, empty and common values: a tie is broken by the value, a missing one comes last.
PEOPLE = ("ada@acme.example", "Bob", "", "' OR 1=1 --", "\u202egpj", "<script>", *"cdefghij")
QUESTIONS: tuple[dict[str, Any], ...] = (
    {},
    {"source": ("event_log_login",)},
    {"source": ("event_log_login", NONE)},
    {"without": ("event_log_logout",)},
    {"outcome": (FAILED,)},
    {"outcome": (FAILED, NONE)},
    {"source": ("event_log_logout",), "outcome": (NONE,)},
    {"actor": "A"},
    {"actor": NONE},
    {"ip": "203.0.113.1"},
    {"ip": NONE},
    {"country": (NONE,)},
    {"app": ("nobody",)},
    {"action": "o"},
    {"text": "script"},
)


def sign_in(n: int, day: int) -> tuple[str, ...]:
    at = SINCE + timedelta(days=day, minutes=(n * 37) % 1440)
    status = "LOGIN_NO_ERROR" if n % 3 else "LOGIN_ERROR_INVALID_PASSWORD"
    stamp = f"{at:%Y-%m-%dT%H:%M:%S}.000Z"
    who = PEOPLE[n * n % len(PEOPLE)]
    return ("Login", stamp, f"R{day}-{n}", who, f"203.0.113.{n % 13}", status)


@pytest.fixture
def held(lake: OrgLake) -> OrgLake:
    """Sixty sign-ins a day for four days, some failed; a few sign-outs that name nobody."""
    for n in range(4):
        day = DAY + timedelta(days=n)
        rows = [sign_in(i, n) for i in range(60)]
        land(lake, [csv_bytes(rows, HEADER)], source=LOGIN, day=day)
        land(lake, [csv_bytes([row(i, kind="Logout", day=day) for i in range(n)])], source=LOGOUT,
             day=day)  # fmt: skip
    return lake


def by_hand(rows: list[dict[str, Any]], question: Question) -> Overview:
    """The same of all rows, one after another."""
    step = question.step().total_seconds()
    bars: Counter[tuple[float, str]] = Counter()
    failed: Counter[tuple[float, str]] = Counter()
    for each in rows:
        at = (each["time"].timestamp() // step * step, each["source"])
        bars[at] += 1
        failed[at] += each["outcome"] == FAILED
    facets = {}
    for name in FACETS:
        counts = Counter(each[name] or None for each in rows)
        ranked = sorted(counts.items(), key=lambda i: (-i[1], i[0] is None, i[0] or ""))
        facets[name] = [(NONE if v is None else v, n) for v, n in ranked[:FACET_VALUES]]
    return Overview(
        [
            Bar(datetime.fromtimestamp(a, UTC), s, n, failed[a, s])
            for (a, s), n in sorted(bars.items())
        ],
        facets,
    )


def rows_of(reader: Any, question: Question) -> list[dict[str, Any]]:
    where, params = conditions(question)
    rows: list[dict[str, Any]] = reader.run(
        f"SELECT time, {', '.join(FACETS)} FROM activity WHERE {where}", params
    ).to_pylist()
    return rows


def test_bars_and_facets_are_those_of_the_rows_counted_by_hand(held: OrgLake) -> None:
    with open_reader(held.folder.parent, [held.folder.name]) as reader:
        for narrow in QUESTIONS:
            question = replace(ALL, **narrow)
            seen = overview(reader, question)
            assert seen == by_hand(rows_of(reader, question), question), narrow
            assert seen.bars == histogram(reader, question)
        assert len(overview(reader, ALL).bars) > 30
        assert {v for v, _ in overview(reader, ALL).facets["outcome"]} == {"success", FAILED, NONE}
