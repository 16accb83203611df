"""The portable subset: what is not in it is refused by its name, nothing is passed on unread."""

from __future__ import annotations

import pytest
from sqlglot import exp

from orgwarden.lake.portable import for_spark
from orgwarden.lake.portable_subset import CLAUSES, FUNCTIONS, VALUES, listed
from orgwarden.lake.sql_check import Refused


@pytest.mark.parametrize(
    ("construct", "sql"),
    [
        ("quantile_cont()", "SELECT quantile_cont(rows, 0.5) FROM activity"),
        ("time_bucket()", "SELECT time_bucket(INTERVAL '1 hour', time) FROM activity"),
        ("ASOF JOIN", "SELECT * FROM users a ASOF JOIN activity b ON a.time >= b.time"),
        ("POSITIONAL JOIN", "SELECT * FROM users POSITIONAL JOIN activity"),
        ("NATURAL JOIN", "SELECT * FROM users NATURAL JOIN activity"),
        ("SEMI JOIN", "SELECT * FROM users SEMI JOIN activity USING (actor)"),
        ("LATERAL", "SELECT * FROM users u, LATERAL (SELECT u.time) x"),
        ("WITH RECURSIVE", "WITH RECURSIVE r AS (SELECT 1) SELECT * FROM r"),
        ("WITH … AS MATERIALIZED", "WITH r AS MATERIALIZED (SELECT 1) SELECT * FROM r"),
        ("DISTINCT ON", "SELECT DISTINCT ON (actor) * FROM activity"),
        ("SELECT * EXCLUDE", "SELECT * EXCLUDE (actor) FROM activity"),
        ("SELECT * REPLACE", "SELECT * REPLACE (1 AS actor) FROM activity"),
        ("COLUMNS", "SELECT COLUMNS('a.*') FROM activity"),
        ("USING SAMPLE", "SELECT actor FROM activity USING SAMPLE 3"),
        ("GROUP BY ALL", "SELECT actor, count(*) FROM activity GROUP BY ALL"),
        ("ORDER BY ALL", "SELECT actor FROM activity ORDER BY ALL"),
        ("UNION BY NAME", "SELECT actor FROM activity UNION ALL BY NAME SELECT actor FROM users"),
        ("LIMIT in per cent", "SELECT actor FROM activity LIMIT 10%"),
        ("PIVOT", "PIVOT activity ON actor USING count(*)"),
        ("VALUES", "SELECT a FROM (VALUES (1)) v(a)"),
        ("DESCRIBE", "DESCRIBE activity"),
        ("DELETE", "DELETE FROM activity"),
        ("read_parquet()", "SELECT * FROM read_parquet('/etc/passwd')"),
        ("a name with a dot before it", "SELECT * FROM main.activity"),
        ("a name with a dot before it", "SELECT activity.actor.x FROM activity"),
        ("[…]", "SELECT [1, 2] FROM activity"),
        ("{…}", "SELECT {'a': 1} FROM activity"),
        ("x[…]", "SELECT actor[1] FROM activity"),
        ("list()", "SELECT list(actor) FROM activity"),
        ("string_agg()", "SELECT string_agg(actor, ',') FROM activity"),
        ("any_value()", "SELECT any_value(actor) FROM activity"),
        ("regexp_matches()", "SELECT regexp_matches(actor, 'x') FROM activity"),
        ("GLOB", "SELECT actor GLOB 'x*' FROM activity"),
        ("SIMILAR TO", "SELECT actor SIMILAR TO 'x' FROM activity"),
        ("unnest()", "SELECT unnest(actor) FROM activity"),
        ("random()", "SELECT random() FROM activity"),
        ("//", "SELECT rows // 2 FROM activity"),
        ("round() to a number of decimals", "SELECT round(rows, 2) FROM activity"),
        ("Division by what may be zero", "SELECT rows / bytes FROM activity"),
        ("Division by what may be zero", "SELECT rows % bytes FROM activity"),
        ("LIKE with a pattern", r"SELECT actor FROM activity WHERE actor LIKE '100\%'"),
        ("ILIKE with a pattern", "SELECT actor FROM activity WHERE actor ILIKE app"),
        ("ESCAPE", "SELECT actor FROM activity WHERE actor LIKE 'a!%' ESCAPE '!'"),
        ("date_trunc() of anything but", "SELECT date_trunc('hour', actor) FROM activity"),
        ("date_trunc() of decade", "SELECT date_trunc('decade', time) FROM activity"),
        ("extract() of dow", "SELECT extract(dow FROM time) FROM activity"),
        ("INTERVAL of what is no constant", "SELECT time - INTERVAL (rows) DAY FROM activity"),
        ("CAST(… AS TEXT)", "SELECT time::VARCHAR FROM activity"),
        ("CAST(… AS INT)", "SELECT actor::INT FROM activity"),
        ("CAST(… AS BIGINT)", "SELECT (bytes / 3)::BIGINT FROM activity"),
        ("TRY_CAST(… AS BIGINT)", "SELECT TRY_CAST(actor AS BIGINT) FROM activity"),
        ("substr() from a place", "SELECT substr(actor, -2) FROM activity"),
        ("split_part() by what may be empty", "SELECT split_part(actor, '', 1) FROM activity"),
        ("A window's RANGE frame", "SELECT sum(rows) OVER (ORDER BY rows RANGE 1 PRECEDING)"
         " FROM activity"),
        ("One statement", "SELECT 1; SELECT 2"),
    ],
)  # fmt: skip
def test_what_is_outside_is_refused_by_its_name(construct: str, sql: str) -> None:
    with pytest.raises(Refused) as refused:
        for_spark(sql)
    assert refused.value.what.lower().startswith(construct.lower())
    assert refused.value.fix


def test_what_the_translator_would_change_is_put_into_sparks_words() -> None:
    assert "GROUPING_ID(actor, app)" in for_spark(
        "SELECT grouping(actor, app) FROM activity GROUP BY GROUPING SETS ((actor), (app))"
    )
    assert "UNIX_MICROS(time) / 1000000.0D" in for_spark("SELECT epoch(time) FROM activity")
    assert "NULLS LAST" in for_spark("SELECT actor FROM activity ORDER BY actor")
    assert "QUALIFY" in for_spark(
        "SELECT actor FROM activity QUALIFY row_number() OVER (PARTITION BY app ORDER BY time) = 1"
    )


def test_a_text_keeps_every_character_on_its_way_to_spark() -> None:
    assert for_spark(r"SELECT 'a\n''b'") == r"SELECT 'a\\n\'b'"


def test_the_list_for_people_names_every_construct_once() -> None:
    lists = listed()
    assert all(len(set(words)) == len(words) for words in lists.values())
    kinds = {*CLAUSES, *VALUES, *FUNCTIONS}
    assert all(issubclass(kind, exp.Expr) for kind in kinds)
    assert "epoch()" in lists["Functions"]
