"""The SQL of expressions, against references written in Python."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgwarden.core.expr import Address, Bare, Column, Expr, Id18, Instant, Match, Text, Whole
from orgwarden.lake import render
from orgwarden.lake.shaping import session

LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"
NOON = datetime(2026, 3, 18, 12, tzinfo=UTC)


@pytest.fixture(scope="module")
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    with session() as made:
        yield made


def value(connection: duckdb.DuckDBPyConnection, expr: Expr, text: str | None) -> object:
    sql = render.sql(expr, {"X": "x"})
    asked = f"SELECT {sql} AS y FROM (SELECT ?::VARCHAR AS x)"
    return connection.sql(asked, params=[text]).to_arrow_table()["y"].to_pylist()[0]


def id_18(id_15: str) -> str:
    """Salesforce's published rule: a check character per five, from which are upper case."""
    checks = ""
    for at in (0, 5, 10):
        bits = sum(1 << i for i, c in enumerate(id_15[at : at + 5]) if "A" <= c <= "Z")
        checks += LETTERS[bits]
    return id_15 + checks


@given(st.text("0123456789abcXYZ", min_size=15, max_size=15))
@settings(max_examples=300, deadline=None)
def test_fifteen_characters_become_eighteen_by_salesforce_s_rule(
    connection: duckdb.DuckDBPyConnection, id_15: str
) -> None:
    assert value(connection, Id18(Column("X")), id_15) == id_18(id_15)
    assert value(connection, Id18(Column("X")), id_18(id_15)) == id_18(id_15)


def test_a_published_id_has_its_published_form(connection: duckdb.DuckDBPyConnection) -> None:
    assert value(connection, Id18(Column("X")), "001A0000006Vm9r") == "001A0000006Vm9rIAC"


@pytest.mark.parametrize("text", [None, "", "none", "005B0000001J", "005B0000001J0r!", "é" * 15])
def test_what_is_no_id_is_missing(connection: duckdb.DuckDBPyConnection, text: str | None) -> None:
    assert value(connection, Id18(Column("X")), text) is None


@pytest.mark.fault("E9")
@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("20260318120000.000", NOON),
        ("20260318120000.123", NOON.replace(microsecond=123000)),
        ("20260318120000", NOON),
        ("2026-03-18T12:00:00.000Z", NOON),
        ("2026-03-18T12:00:00.000+0000", NOON),
        ("2026-03-18T12:00:00Z", NOON),
        ("2026-03-18T14:00:00.000+0200", NOON),
        ("2026-03-18T12:00:00.000", NOON),
        ("2026-02-30T12:00:00Z", None),
        ("20261318120000.000", None),
        ("yesterday", None),
        ("-", None),
        (None, None),
    ],
)
def test_instants_are_read_in_every_documented_form(
    connection: duckdb.DuckDBPyConnection, text: str | None, expected: datetime | None
) -> None:
    assert value(connection, Instant(Column("X")), text) == expected


@pytest.mark.parametrize(
    "text",
    ["infinity", "-infinity", "infinity-", "250000-01-01", "-4000-01-01", " 250000-01-01",
     "00000101000000.000", "0000-01-01T00:00:00Z", "0001-01-01T00:00:00+14:00",
     "9999-12-31T23:59:59-12:00", "99991231235959.999", "1-1-1"],
)  # fmt: skip
def test_a_time_that_no_calendar_of_ours_holds_is_missing(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    assert value(connection, Instant(Column("X")), text) is None


@pytest.mark.parametrize(
    ("expr", "text", "expected"),
    [
        (Whole(Column("X")), "12", 12),
        (Whole(Column("X")), "12.6", 13),
        (Whole(Column("X")), "9007199254740993", 9007199254740993),
        (Whole(Column("X")), "1e400", None),
        (Whole(Column("X")), "many", None),
        (Bare(Column("X")), '"quoted"', "quoted"),
        (Bare(Column("X")), '""', None),
        (Bare(Column("X")), '"', '"'),
        (Address(Column("X")), "192.0.2.1", "192.0.2.1"),
        (Address(Column("X")), "2001:DB8::1", "2001:db8::1"),
        (Address(Column("X")), "Salesforce.com IP", None),
        (Match(Column("X"), (("success", Text("yes")), ("_%", Text("no")))), "SUCCESS", "yes"),
        (Match(Column("X"), (("success", Text("yes")), ("_%", Text("no")))), "Failed", "no"),
        (Match(Column("X"), (("success", Text("yes")), ("_%", Text("no")))), None, None),
    ],
)
def test_an_expression_gives_what_it_says(
    connection: duckdb.DuckDBPyConnection, expr: Expr, text: str, expected: object
) -> None:
    assert value(connection, expr, text) == expected


@given(st.text())
@settings(max_examples=100, deadline=None)
def test_a_hostile_constant_or_name_stays_one(
    connection: duckdb.DuckDBPyConnection, text: str
) -> None:
    plain = text.replace("\x00", "")
    assert connection.execute(f"SELECT {render.text(plain)}").fetchall() == [(plain,)]
    if plain:
        named = connection.execute(f"SELECT 1 AS {render.name(plain)}")
        assert [d[0] for d in named.description] == [plain]
