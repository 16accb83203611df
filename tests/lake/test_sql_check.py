"""What a person's SQL cannot do: read another org, a file or the machine, or write anything."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from orgwarden.lake.reading import Reader
from orgwarden.lake.sql_check import Refused, check
from orgwarden.lake.table import OrgLake
from tests.lake.ground import ORG, csv_bytes, land, new_lake, row

OTHER = "fedcba987654"
VIEW = "event_log_api"

# {own} and {other} are data files of the person's own org and of another, {secret} is a text file,
# {out} a file that does not exist.
ATTACKS = """
SELECT * FROM '{own}'
SELECT * FROM '{other}'
SELECT * FROM "{other}"
SELECT * FROM read_parquet('{own}')
SELECT * FROM read_parquet('{other}')
SELECT * FROM parquet_scan('{other}')
SELECT * FROM parquet_metadata('{own}')
SELECT * FROM parquet_schema('{other}')
SELECT * FROM read_csv('{secret}')
SELECT * FROM read_csv_auto('{secret}')
SELECT * FROM read_text('{secret}')
SELECT * FROM read_blob('{secret}')
SELECT * FROM read_json('{secret}')
SELECT * FROM sniff_csv('{secret}')
SELECT * FROM glob('/**')
SELECT * FROM '{secret}'
SELECT * FROM 'https://example.com/a.parquet'
SELECT * FROM event_log_api, LATERAL (SELECT * FROM read_text('{secret}'))
SELECT (SELECT content FROM read_text('{secret}'))
SELECT * FROM event_log_api WHERE EXISTS (FROM '{other}')
SELECT * FROM event_log_api UNION ALL SELECT * FROM '{other}'
WITH x AS (SELECT * FROM '{other}') SELECT * FROM x
WITH x AS (SELECT * FROM y), y AS (SELECT 1) SELECT * FROM x
SELECT * FROM '{other}' WHERE 1 IN (WITH "{other}" AS (SELECT 1) SELECT * FROM "{other}")
SELECT * FROM '{own}', (WITH "{own}" AS (SELECT 1) SELECT 1) t
SELECT * FROM duckdb_settings, (WITH duckdb_settings AS (SELECT 1) SELECT 1) t
WITH "{other}" AS (SELECT * FROM "{other}") SELECT * FROM "{other}"
WITH "{own}" AS (WITH RECURSIVE q AS (SELECT 1 UNION SELECT 1 FROM q) FROM "{own}") FROM "{own}"
WITH "{own}" AS (FROM "{own}", (WITH RECURSIVE q AS (SELECT 1 UNION FROM q) FROM q)) FROM "{own}"
SELECT * FROM people, (WITH people AS (SELECT 1) SELECT 1) t
SELECT * FROM people
WITH x AS (INSERT INTO event_log_api SELECT * FROM event_log_api RETURNING 1) SELECT * FROM x
WITH x AS (DELETE FROM event_log_api RETURNING 1) SELECT * FROM x
WITH x AS (UPDATE event_log_api SET "REQUEST_ID" = '' RETURNING 1) SELECT * FROM x
COPY (SELECT 1) TO '{out}'
COPY event_log_api TO '{out}'
COPY event_log_api FROM '{secret}'
EXPORT DATABASE '{out}'
IMPORT DATABASE '{out}'
ATTACH '{out}' AS a
DETACH memory
CREATE TABLE t AS SELECT 1
CREATE VIEW v AS SELECT * FROM '{other}'
CREATE MACRO m() AS TABLE SELECT * FROM '{other}'
CREATE SECRET s (TYPE s3)
DROP VIEW event_log_api
INSERT INTO event_log_api VALUES (1)
UPDATE event_log_api SET "REQUEST_ID" = 'x'
DELETE FROM event_log_api
INSTALL httpfs
LOAD httpfs
SET enable_external_access = true
SET memory_limit = '100GB'
RESET lock_configuration
PRAGMA database_list
PRAGMA version
CALL pragma_version()
CHECKPOINT
VACUUM
BEGIN
USE memory
EXPLAIN ANALYZE SELECT 1
PREPARE p AS SELECT 1
EXECUTE p
SHOW TABLES
SHOW ALL TABLES
SHOW DATABASES
SELECT * FROM (SHOW ALL TABLES)
SELECT 1; SELECT 2
SELECT 1; COPY (SELECT 1) TO '{out}'
SELECT 1 /* ; */ ; DROP VIEW event_log_api --
SELECT * FROM query('SELECT 1')
SELECT * FROM query_table('event_log_api')
SELECT * FROM query_table(['{other}'])
FROM json_execute_serialized_sql(json_serialize_sql('SELECT 1'))
SELECT json_serialize_plan('SELECT * FROM read_text(''{secret}'')')
SELECT * FROM duckdb_settings()
SELECT * FROM duckdb_secrets()
SELECT * FROM duckdb_functions()
SELECT * FROM duckdb_settings
SELECT * FROM duckdb_tables()
SELECT * FROM pragma_database_list()
SELECT * FROM pragma_storage_info('event_log_api')
SELECT * FROM information_schema.tables
SELECT * FROM "information_schema"."columns"
SELECT * FROM pg_catalog.pg_tables
SELECT * FROM memory.main.event_log_api
SELECT * FROM temp.event_log_api
SELECT * FROM sqlite_master
SELECT * FROM pg_class
SELECT getenv('HOME')
SELECT system.main.getenv('HOME')
SELECT GetEnv('HOME')
SELECT list_transform(['HOME'], lambda x: getenv(x))
SELECT current_setting('allowed_paths')
SELECT getvariable('x')
SELECT * EXCLUDE ("REQUEST_ID") REPLACE (getenv('HOME') AS actor) FROM event_log_api
SELECT count(*) FILTER (current_setting('allowed_paths') IS NULL) FROM event_log_api
SELECT 1 ORDER BY current_setting('allowed_paths')
SELECT write_log('x')
SELECT sleep_ms(1)
PIVOT '{other}' ON source
FROM '{other}' SELECT *
TABLE "{other}"
DESCRIBE '{other}'
SUMMARIZE '{other}'
SELECT * FROM 'event_log_api.parquet'
SELECT * FROM event_log_logout
SELECT
"""

FINE = """
SELECT 1
SELECT * FROM event_log_api
SELECT * FROM EVENT_LOG_API
FROM event_log_api
SELECT * FROM event_log_api;
SELECT /* ; */ count(*) FROM event_log_api -- the end
WITH x AS (SELECT * FROM event_log_api) SELECT * FROM x
WITH a AS (SELECT 1 AS n), b AS (SELECT n FROM a) SELECT * FROM b JOIN a USING (n)
WITH event_log_api AS (SELECT * FROM event_log_api) SELECT * FROM event_log_api
WITH RECURSIVE r AS (SELECT 1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 3) SELECT * FROM r
WITH x AS (SELECT 1) SELECT * FROM (SELECT * FROM x) WHERE 1 IN (SELECT * FROM x)
SELECT * FROM activity ORDER BY arrived_seq LIMIT 5
SELECT * FROM event_log_api UNION ALL BY NAME SELECT * FROM activity
SELECT r FROM range(3) t(r)
SELECT unnest([1, 2])
DESCRIBE event_log_api
SUMMARIZE activity
VALUES (1)
SELECT a.actor FROM activity a, LATERAL (SELECT a.ip) WHERE a.actor IS NULL
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("lake")


@pytest.fixture(scope="module")
def paths(folder: Path) -> dict[str, str]:
    """Two orgs with rows, a text file, a Parquet file of nobody's."""
    lake = new_lake(folder)
    land(lake, [csv_bytes([row(1), row(2)])])
    other = OrgLake.open_or_create(folder / OTHER)
    other.take(1)
    land(other, [csv_bytes([row(3)])])
    secret = folder / "secret.csv"
    secret.write_text("a,b\nthe secret,2\n")
    pq.write_table(pa.table({"a": [1]}), folder / "event_log_api.parquet")
    return {
        "own": lake.files()[0].path,
        "other": other.files()[0].path,
        "secret": str(secret),
        "out": str(folder / "out"),
    }


@pytest.mark.parametrize("attack", ATTACKS.strip().splitlines())
def test_an_attack_is_refused_before_it_runs(
    paths: dict[str, str], folder: Path, attack: str
) -> None:
    people = pa.table({"a": ["a variable of ours"]})  # DuckDB would find it by its name
    assert people.num_rows
    for text in (attack, f"  {attack.lower()}" if "{" not in attack else attack):
        with Reader(folder, [ORG]) as reader:
            with pytest.raises(Refused):
                reader.run_for_user(text.format(**paths))
    assert not Path(paths["out"]).exists()


@pytest.mark.parametrize("attack", ATTACKS.strip().splitlines())
def test_the_locked_connection_gives_nothing_away_even_without_the_check(
    paths: dict[str, str], folder: Path, attack: str
) -> None:
    with Reader(folder, [ORG]) as reader:
        reader.run_for_user("SELECT 1 FROM event_log_api")
        try:
            rows = str(reader.connection.execute(attack.format(**paths)).fetchall())
        except duckdb.Error:
            return
        assert "the secret" not in rows
        assert "R3" not in rows
        assert "a variable" not in rows


@pytest.mark.parametrize("sql", FINE.strip().splitlines())
def test_a_select_over_the_views_runs(paths: dict[str, str], folder: Path, sql: str) -> None:
    with Reader(folder, [ORG]) as reader:
        reader.run_for_user(sql)


def test_a_person_reads_the_orgs_the_reader_was_made_for(
    paths: dict[str, str], folder: Path
) -> None:
    with Reader(folder, [ORG]) as reader:
        table, cut = reader.run_for_user("SELECT * FROM event_log_api ORDER BY 3", limit=1)
    assert (table.num_rows, cut) == (1, True)
    assert table.column("org").to_pylist() == [ORG]
    with Reader(folder, [ORG, OTHER]) as reader:
        table, cut = reader.run_for_user("SELECT DISTINCT org FROM activity ORDER BY 1")
    assert table.column(0).to_pylist() == [ORG, OTHER]


def test_the_check_names_the_tables_once_views_are_known() -> None:
    with duckdb.connect() as connection:
        asked = "WITH x AS (SELECT * FROM a) SELECT * FROM x JOIN B USING (n)"
        assert sorted(check(connection, asked, {"a", "b"})) == ["B", "a"]
        with pytest.raises(Refused, match="no view 'B'") as refused:
            check(connection, asked, {"a"})
    assert refused.value.fix


def test_a_refusal_says_what_to_do(paths: dict[str, str], folder: Path) -> None:
    for sql in ("DROP VIEW x", "SELECT * FROM nothing", "SELECT 1; SELECT 2", "SELEC", "SELECT x("):
        with Reader(folder, [ORG]) as reader:
            with pytest.raises(Refused) as refused:
                reader.run_for_user(sql)
        assert refused.value.fix, sql
