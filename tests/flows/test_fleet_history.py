"""Spark answers as DuckDB does: every query the product ships, on a cluster of two workers."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyspark.sql import SparkSession

from orgwarden.flows import ask, directory
from orgwarden.flows.lakes import lake_root
from orgwarden.lake import activity
from orgwarden.lake.activity import NONE, Key, Question
from orgwarden.lake.overview import histogram, overview
from orgwarden.lake.spark import SparkReader, session
from orgwarden.lake.sql_check import Refused
from tests.flows.conftest import SMALL
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer
from tests.support.spark import ENOUGH, Cluster, spark_cluster

__all__ = ["spark_cluster"]
pytestmark = pytest.mark.xdist_group("spark")  # one cluster is enough

ROOT = Path(__file__).resolve().parents[2]
Asked = tuple[str, Sequence[Any]]

# Constructs of the portable subset that no shipped query has.
MORE = (
    "SELECT actor, time FROM login_history QUALIFY row_number() OVER"
    " (PARTITION BY actor ORDER BY time DESC, event_uid) = 1 ORDER BY actor",
    "WITH seen AS (SELECT actor, date_trunc('day', time) AS day, count(*) AS n FROM activity"
    " GROUP BY 1, 2) SELECT actor, max(n), min(day), avg(n) FROM seen GROUP BY actor"
    " HAVING max(n) > 1 ORDER BY 2 DESC, 1",
    "SELECT a.actor, u.\"Name\" FROM (SELECT DISTINCT actor FROM login_history) a"
    " LEFT JOIN users u ON u.\"Username\" = a.actor ORDER BY 1",
    "SELECT actor FROM login_history INTERSECT SELECT \"Username\" FROM users ORDER BY 1",
    "SELECT \"Username\" FROM users EXCEPT SELECT actor FROM login_history ORDER BY 1",
    "SELECT extract(hour FROM time) AS h, count(*) FILTER (WHERE outcome = 'failure') AS f,"
    " count_if(ip IS NULL) AS without FROM activity GROUP BY 1 ORDER BY 1",
    "SELECT time, lag(time, 1) OVER (PARTITION BY actor ORDER BY time, event_uid) AS before,"
    " sum(1) OVER (PARTITION BY actor ORDER BY time, event_uid ROWS BETWEEN 2 PRECEDING AND"
    " CURRENT ROW) AS three FROM login_history ORDER BY time, event_uid",
    "SELECT actor, CASE WHEN app ILIKE 'sales%' THEN upper(app) ELSE lower(app) END AS a,"
    " substr(actor, 1, 3) || '|' || trim(' x ') AS s, split_part(actor, '@', 2) AS host,"
    " replace(actor, '.', '-') AS r, length(actor) AS l, coalesce(country, '?') AS c"
    " FROM login_history ORDER BY time, event_uid LIMIT 50",
    "SELECT sum(arrived_seq) / 7 AS a, arrived_seq % 3 AS b, abs(-arrived_seq) AS c,"
    " greatest(arrived_seq, 2) AS d, least(arrived_seq, max(rows)) AS e,"
    " floor(arrived_seq / 2) AS f FROM activity GROUP BY arrived_seq ORDER BY 3",
    "SELECT TRY_CAST(x AS DOUBLE) AS n FROM (SELECT 'a' AS x UNION ALL SELECT ' 12 ' UNION ALL"
    " SELECT '-1.5e3' UNION ALL SELECT '' UNION ALL SELECT '.5' UNION ALL SELECT NULL)"
    " ORDER BY n",
    "SELECT CAST(time AS DATE) AS day, count(DISTINCT actor) FROM activity"
    " WHERE time >= TIMESTAMPTZ '2020-01-01 00:00:00+00:00' AND time < now() + INTERVAL 1 DAY"
    " GROUP BY 1 ORDER BY 1",
    r"SELECT 'a\n''b' AS kept FROM users LIMIT 1",
    "SELECT org, count(*) FROM activity WHERE EXISTS (SELECT 1 FROM users) AND"
    " actor IS NOT DISTINCT FROM actor AND source IN (SELECT source FROM activity)"
    " AND arrived_seq BETWEEN 0 AND 1000000 GROUP BY 1 ORDER BY 1",
)  # fmt: skip


class Recorder:
    """Notes what the pages' questions ask, and answers as DuckDB does."""

    def __init__(self, reader: Any) -> None:
        self._reader = reader
        self.asked: list[Asked] = []

    def sources(self) -> list[str]:
        found: list[str] = self._reader.sources()
        return found

    def run(self, sql: str, parameters: Sequence[Any] = (), *, seconds: float = 60) -> pa.Table:
        self.asked.append((sql, list(parameters)))
        table: pa.Table = self._reader.run(sql, parameters, seconds=seconds)
        return table


@pytest.fixture(scope="module")
def spark(spark_cluster: Cluster) -> Iterator[SparkSession]:
    made = session(spark_cluster.master, ENOUGH)
    yield made
    made.stop()


@pytest.fixture
def collected(house: House, shared_orgsim: StartOrgsim) -> House:
    """Two tenants, one with log files; a user of the first was changed between two readings."""
    plain: OrgsimServer = shared_orgsim(**SMALL)
    other: OrgsimServer = shared_orgsim(**SMALL, seed=5)
    house.admit(plain, other)
    one, two = house.connect(plain, "one"), house.connect(other, "two")
    few = ("login_history", "setup_audit_trail", "users", "organization", "limits")
    house.collect(one, *few, "event_log_file")
    house.collect(two, *few)
    [user, *_] = house.ask('SELECT "Username" FROM users WHERE org = \'' + one.key + "'")
    plain.control("clock", {"advance": "PT1H"})
    changed = {"object": "User", "row": user["Username"], "values": {"Title": "Head of X"}}
    plain.control("change", changed)
    house.collect(one, "users")
    return house


def shipped(house: House) -> list[Asked]:
    """What the pages, the flows and the documents ask."""
    now = datetime.now(UTC)
    whole = Question(now - timedelta(days=90), now + timedelta(days=1))
    questions = (
        whole,
        replace(whole, outcome=("failure", NONE), country=("US",), actor="a", text="log"),
        replace(whole, source=("login_history", "users"), ip="1", app=(NONE,), action="e"),
        replace(whole, actor=NONE, ip=NONE, without=("limits",)),
    )
    with ask.reader(None) as reader:
        noted = Recorder(reader)
        for question in questions:
            bars = histogram(noted, question)
            overview(noted, question)
            rows, _ = activity.newest(noted, question, limit=20, bars=bars)
            activity.table_of(noted, question, 500)
            if rows:
                last = rows[-1]
                after = Key(last["time"], last["event_uid"])
                activity.newest(noted, question, after=after, limit=5)
                activity.one(noted, last["source"], last["event_uid"], last["time"])
            noted.asked.append((activity.as_sql(question, ["nobody"]), ()))
        noted.asked += [(f'SELECT * FROM "{view}"', ()) for view in reader.sources()]
        noted.asked += [("SELECT * FROM connected_applications", ())]  # no rows yet
    noted.asked += [(directory.USERS, ()), (directory.ORGANIZATION, ())]
    texts = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
    for text in texts:
        found = re.findall(r'events query (?:--[^"\\]*\\?\s*)*"(SELECT [^"]+)"', text.read_text())
        noted.asked += [(sql, ()) for sql in dict.fromkeys(found)]
    return noted.asked


def rows_of(table: pa.Table, sql: str) -> list[tuple[Any, ...]]:
    """The rows, in order if the query says one; numbers with a fraction to nine digits."""
    found = [
        tuple(float(f"{v:.9g}") if isinstance(v, float) else v for v in row.values())
        for row in table.rename_columns([str(n) for n in range(table.num_columns)]).to_pylist()
    ]
    ordered = re.search(r"ORDER BY [^()]*$", sql)
    return found if ordered else sorted(found, key=repr)


def test_both_engines_answer_every_shipped_query_alike(
    collected: House, spark: SparkSession
) -> None:
    root = lake_root()
    every = [*shipped(collected), *((sql, ()) for sql in MORE)]
    assert len(every) > 40
    different: list[tuple[Any, ...]] = []
    with (
        ask.reader(None) as duckdb,
        SparkReader(spark, root, ask.keys(None), declared=ask.declared()) as asked,
    ):
        for sql, parameters in every:
            expected, found = duckdb.run(sql, parameters), asked.run(sql, parameters)
            if found.schema != expected.schema:
                different.append((sql, "schema", found.schema, expected.schema))
            elif rows_of(found, sql) != rows_of(expected, sql):
                different.append((sql, parameters, found.to_pylist(), expected.to_pylist()))
    assert different == []


def test_a_person_is_refused_what_is_not_portable_and_told_when_rows_were_cut(
    collected: House, spark: SparkSession
) -> None:
    root = lake_root()
    with SparkReader(spark, root, ask.keys(None), declared=ask.declared()) as asked:
        rows, cut = asked.run_for_user('SELECT "Id" FROM users', limit=3)
        assert (rows.num_rows, cut) == (3, True)
        for sql, why in (
            ("SELECT median(rows) FROM activity", "median"),
            ("SELECT * FROM 'users.parquet'", "no view"),
            ("COPY users TO 'x'", "Only SELECT"),
            ("SELECT nobody FROM users", "nobody"),
        ):
            with pytest.raises(Refused, match=why):
                asked.run_for_user(sql)
