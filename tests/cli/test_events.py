"""`events query` and `events sources`: four formats, and SQL that may only look at events."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from tests.support.command import Installation
from tests.support.orgsim import OrgsimServer

KINDS = (
    "SELECT 1 AS whole, 1.5 AS part, sum(x) AS big, true AS flag, NULL AS nothing,"
    " 'é\"' AS text, max(time) AS at, TIMESTAMP '2026-01-02 03:04:05' AS plain,"
    " DATE '2026-01-02' AS day, 'nan'::DOUBLE AS nan, [1, 2] AS list, {'a': 1} AS thing"
    " FROM activity, (VALUES (1), (2)) AS v(x) WHERE source = 'users'"
)


def test_json_keeps_numbers_numbers_and_times_in_utc(collected: Installation) -> None:
    [row] = collected.query(KINDS)
    assert (row["whole"], row["part"], row["flag"], row["nothing"]) == (1, 1.5, True, None)
    assert isinstance(row["big"], int)
    assert row["text"] == 'é"'
    assert row["at"].endswith("Z")
    assert (row["plain"], row["day"]) == ("2026-01-02T03:04:05Z", "2026-01-02")
    assert (row["nan"], row["list"], row["thing"]) == (None, [1, 2], {"a": 1})
    by_format = collected.run("events", "query", KINDS, "--format", "json", exits=0)
    assert by_format.json == [row]
    assert by_format.err == ""


def test_the_same_rows_come_as_csv_and_as_parquet(collected: Installation, tmp_path: Path) -> None:
    sql = 'SELECT "Id", time, ip FROM login_history ORDER BY 1'
    rows = collected.query(sql)
    text = collected.run("events", "query", sql, "--format", "csv", exits=0).text
    read = list(csv.DictReader(io.StringIO(text)))
    assert [r["Id"] for r in read] == [r["Id"] for r in rows]
    assert [r["time"] for r in read] == [r["time"] for r in rows]
    whole = collected.run("events", "query", sql, "--format", "parquet", exits=0).out
    table = pq.read_table(io.BytesIO(whole))
    assert table.column("Id").to_pylist() == [r["Id"] for r in rows]
    assert table.column_names == ["Id", "time", "ip"]


def test_a_table_is_for_people(collected: Installation) -> None:
    ended = collected.run("events", "query", "SELECT source FROM activity LIMIT 3", exits=0)
    assert "source" in ended.text
    assert ended.text.count("│") >= 3


def test_a_cell_that_a_spreadsheet_would_run_is_only_text(collected: Installation) -> None:
    evil = ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "=cmd|' /C calc'!A0"]
    listed = ", ".join("('" + e.replace("'", "''") + "')" for e in evil)
    sql = f'SELECT v, -1 AS number, 1 AS "=bad" FROM (VALUES {listed}) AS t(v)'
    text = collected.run("events", "query", sql, "--format", "csv", exits=0).text
    header, *rows = list(csv.reader(io.StringIO(text, newline="")))
    assert header == ["v", "number", "'=bad"]
    assert [r[0] for r in rows] == [f"'{e}" for e in evil]
    assert {r[1] for r in rows} == {"-1"}


@pytest.mark.parametrize(
    "sql",
    [
        "COPY (SELECT 1) TO '/tmp/x.csv'",
        "SELECT * FROM read_csv('/etc/passwd')",
        "SELECT * FROM '/etc/passwd'",
        "INSERT INTO activity SELECT * FROM activity",
        "SELECT 1; SELECT 2",
        "SELECT nothing FROM activity",
        "SELEC",
        "",
    ],
)
def test_sql_that_is_not_one_look_at_events_is_refused_in_one_sentence(
    collected: Installation, sql: str
) -> None:
    ended = collected.run("events", "query", sql, "--json")
    assert ended.code == 1
    assert ended.out == b""
    assert len(ended.sentence) > 20
    assert ended.err.count("\n") == 1


def test_the_views_are_listed_with_their_columns(collected: Installation) -> None:
    told = collected.run("events", "sources", "--json", exits=0).json
    views = {v["view"]: v for v in told}
    assert {"login_history", "setup_audit_trail", "users", "organization", "limits"} <= set(views)
    held = collected.query("SELECT count(*) AS n FROM login_history")[0]["n"]
    assert views["login_history"]["rows"] == held > 0
    columns = [c["name"] for c in views["login_history"]["columns"]]
    assert "LoginTime" in columns
    assert "event_uid" in columns
    assert all(c["meaning"] for v in told for c in v["columns"])
    assert "login_history" in collected.run("events", "sources", exits=0).text


def test_every_listed_column_can_be_asked_for(collected: Installation) -> None:
    parts = []
    for view in collected.run("events", "sources", "--json", exits=0).json:
        names = ", ".join(f'"{c["name"]}"' for c in view["columns"])
        parts.append(f"(SELECT count(*) AS n FROM (SELECT {names} FROM {view['view']}))")
    assert collected.query(" UNION ALL ".join(parts))


def test_the_limit_is_said_when_it_cuts(collected: Installation) -> None:
    sql = "SELECT * FROM setup_audit_trail"
    ended = collected.run("events", "query", sql, "--limit", "2", "--json", exits=0)
    assert len(ended.json) == 2
    assert "first 2 rows" in ended.err


def test_only_one_tenants_events_are_asked_with_org(
    fresh: Installation, still_org: OrgsimServer
) -> None:
    fresh.init()
    assert fresh.query("SELECT * FROM activity") == []  # before anything is connected
    for name in ("one", "two"):
        fresh.connect(name, still_org)
    fresh.run("collect", "one", exits=0)
    assert (
        fresh.run("events", "query", "SELECT * FROM activity", "--org", "two", "--json").json == []
    )
    key = fresh.org("one")["key"]
    sql = "SELECT DISTINCT org FROM activity"
    found = fresh.run("events", "query", sql, "--org", "one", "--json", exits=0).json
    assert found == [{"org": key}]
