"""Reading events with Apache Spark: fleet-wide history, over the same snapshot and the same views.

A question is asked of DuckDB first: its parser, its check and its binding decide whether it may be
asked and which columns the answer has. Then `lake.portable` puts it into Spark's words, and Spark
reads the Parquet files of the snapshot, by name: no Delta jar is needed.
The driver and all executors must reach the lake's folder under the same path.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import pyarrow as pa

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.source import NORMALISED
from orgwarden.lake.layouts import Layout, stored_name
from orgwarden.lake.place import Place
from orgwarden.lake.portable import for_spark
from orgwarden.lake.reading import GONE, ROW_LIMIT, Reader
from orgwarden.lake.snapshot import OrgFiles
from orgwarden.lake.sql_check import Refused

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

TYPES = {"time": "timestamp", "rows": "bigint", "bytes": "bigint", "arrived_seq": "bigint"}
PLACED = frozenset({"source", "date"})  # in the files' paths, not in the files
HELD = ("layout", "from_file", "event_uid")  # columns of every file that views are made of
SETTINGS = {
    "spark.sql.session.timeZone": "UTC",
    "spark.sql.ansi.enabled": "true",
    "spark.sql.caseSensitive": "false",
    "spark.sql.sources.partitionColumnTypeInference.enabled": "false",
    "spark.sql.execution.arrow.pyspark.enabled": "true",
    # The files are named one by one: nothing has to be discovered by a job of its own.
    "spark.sql.sources.parallelPartitionDiscovery.threshold": "1000000",
    "spark.ui.enabled": "false",
}


def session(master: str, settings: Mapping[str, str] | None = None) -> SparkSession:
    """A session on a master: `local[*]`, `spark://host:port` or what else Spark knows.

    `settings` are Spark's own and go before ours, but for those that equal answers rest on.
    Raises NeedsPerson if Spark or Java is not installed, or the master cannot be reached."""
    try:
        from pyspark.errors import PySparkException
        from pyspark.sql import SparkSession
    except ImportError:
        raise NeedsPerson(
            "Apache Spark is not installed beside Orgwarden.",
            fix="Install orgwarden[spark] and Java 17, or leave --engine out to ask DuckDB.",
            code="SPARK_MISSING",
        ) from None
    _start_java()
    builder = SparkSession.builder.master(master).appName("orgwarden events")
    for name, value in {**dict(settings or {}), **SETTINGS}.items():
        builder = builder.config(name, value)
    try:
        made = builder.getOrCreate()
    except (PySparkException, OSError, RuntimeError) as error:
        raise NeedsPerson(
            f"Spark did not start: {str(error).splitlines()[0]}",
            fix="Check that Java 17 is installed and that the master's address is right.",
            code="SPARK_START",
        ) from None
    made.sparkContext.setLogLevel("ERROR")
    return made


def _start_java() -> None:
    """Start Spark's Java, which ends with us, and tell PySpark where it is.

    PySpark's own way runs Python between fork and exec, and a process whose libraries keep threads
    (Arrow's allocator does) may not survive that."""
    if "PYSPARK_GATEWAY_PORT" in os.environ:
        return
    import pyspark
    from pyspark.serializers import UTF8Deserializer, read_int

    home = os.environ.get("SPARK_HOME") or str(Path(pyspark.__file__).parent)
    with tempfile.TemporaryDirectory(prefix="orgwarden-spark-") as folder:
        told = Path(folder, "gateway")
        java = subprocess.Popen(
            [f"{home}/bin/spark-submit", "pyspark-shell"],
            stdin=subprocess.PIPE,  # closed with us: Java waits for that
            env={**os.environ, "_PYSPARK_DRIVER_CONN_INFO_PATH": str(told)},
            start_new_session=True,  # a Ctrl-C is ours to handle
        )
        while not told.is_file():
            try:
                ended = java.wait(0.1)
            except subprocess.TimeoutExpired:
                continue
            raise NeedsPerson(
                f"Spark's Java ended with {ended} before it began.",
                fix="Check that Java 17 is installed; what it said stands above.",
                code="SPARK_START",
            )
        with told.open("rb") as info:
            os.environ["PYSPARK_GATEWAY_PORT"] = str(read_int(info))
            os.environ["PYSPARK_GATEWAY_SECRET"] = UTF8Deserializer().loads(info)
    _JAVA.append(java)


_JAVA: list[subprocess.Popen[bytes]] = []  # kept, so that its input stays open


class SparkReader:
    """A snapshot of some orgs' events, read by Spark. Use it in a `with`; the session is yours."""

    def __init__(
        self,
        spark: SparkSession,
        lake_root: Place | Path,
        org_keys: Sequence[str],
        *,
        declared: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._spark = spark
        self._duckdb = Reader(lake_root, org_keys, declared=declared)
        self._made: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        self._duckdb.close()
        for view in self._made:
            self._spark.catalog.dropTempView(view)

    def run_for_user(self, sql: str, *, limit: int = ROW_LIMIT) -> tuple[pa.Table, bool]:
        """A person's SQL. Returns the rows and whether the limit cut them. Raises Refused."""
        tables = self._duckdb.check(sql)
        return self._run(sql, tables, (), limit)

    def run(self, sql: str, parameters: Sequence[Any] = (), *, limit: int = ROW_LIMIT) -> pa.Table:
        """Our own SQL, with bound parameters. Raises Refused if it is not portable."""
        return self._run(sql, self._duckdb.tables(sql), parameters, limit)[0]

    # --- inside

    def _run(
        self, sql: str, tables: Iterable[str], parameters: Sequence[Any], limit: int
    ) -> tuple[pa.Table, bool]:
        text = for_spark(sql)
        schema = self._duckdb.schema(sql, parameters)
        self._make(tables)
        from pyspark.errors import PySparkException

        try:
            found = self._spark.sql(text, args=list(parameters) or None)
            # Spark names columns in its own way and may repeat names: ours are put on afterwards.
            plain = found.toDF(*(f"c{n}" for n in range(len(found.columns))))
            rows = plain.limit(limit + 1).toArrow()
        except PySparkException as error:
            raise Refused(
                f"Spark: {str(error).splitlines()[0]}",
                fix="Leave --engine out to ask DuckDB, or ask for less.",
            ) from None
        except KeyboardInterrupt:
            self._spark.sparkContext.cancelAllJobs()
            raise
        named = pa.Table.from_arrays(rows.columns, schema.names).cast(schema)
        return named.slice(0, limit), named.num_rows > limit

    def _make(self, tables: Iterable[str]) -> None:
        for table in sorted({t.lower() for t in tables} - self._made):
            view = self._activity() if table == "activity" else self._view(table)
            view.createOrReplaceTempView(table)
            self._made.add(table)

    def _activity(self) -> DataFrame:
        parts = []
        for org in self._duckdb.snapshot.orgs:
            files = {s: f for s, f in org.files.items() if s != "quarantine"}
            paths = [f.path for found in files.values() for f in found]
            if paths:
                parts.append(self._rows(org, paths, ()).selectExpr(*_normalised(org)))
        return self._together(parts, [f"CAST(NULL AS {_type(c)}) AS {c}" for c in NORMALISED])

    def _view(self, source: str) -> DataFrame:
        """As `Reader` makes it: Salesforce's columns under their names, the normalised beside."""
        columns = self._duckdb.columns(source)
        lower = {c.lower() for c in columns}
        parts = []
        for org in self._duckdb.snapshot.orgs:
            files = org.files.get(source)
            if not files:
                continue
            layouts = org.layouts.get(source, [])
            stored = sorted({s for layout in layouts for s in layout.stored})
            picked = [
                f"{_name(s) if s in stored else 'CAST(NULL AS string)'} AS {_name(c)}"
                for c, s in columns.items()
            ]
            beside = zip(NORMALISED, _normalised(org), _normalised(org, "n_"), strict=True)
            for column, plain, prefixed in beside:
                picked += [prefixed] if column in lower else [plain, prefixed]
            if source.startswith("event_log_"):
                picked += ["from_file AS log_file_id", f"{_row_hash(layouts)} AS row_sha256"]
            rows = self._rows(org, [f.path for f in files], stored)
            if GONE in stored:
                rows = _newest(rows)
            parts.append(rows.selectExpr(*picked))
        declared = self._duckdb.declared(source)
        empty = [f"CAST(NULL AS string) AS {_name(c)}" for c in declared]
        taken = {d.lower() for d in declared}
        empty += [f"CAST(NULL AS {_type(c)}) AS {c}" for c in NORMALISED if c not in taken]
        return self._together(parts, empty)

    def _rows(self, org: OrgFiles, paths: Sequence[str], stored: Sequence[str]) -> DataFrame:
        """The rows of these files. What an older file lacks is missing in its rows."""
        own = [c for c in NORMALISED if c not in PLACED and c != "org"]
        columns = [f"{_name(c)} {_type(c)}" for c in own if c != "event_uid"]
        columns += [f"{c} string" for c in HELD]
        columns += [f"{_name(s)} string" for s in stored]
        columns += [f"{_name(c)} string" for c in sorted(PLACED)]
        base = _reached(org.place.uri)
        reader = self._spark.read.schema(", ".join(columns)).option("basePath", base)
        return reader.parquet(*(_reached(path) for path in paths))

    def _together(self, parts: Sequence[DataFrame], empty: Sequence[str]) -> DataFrame:
        if not parts:
            return self._spark.range(0).selectExpr(*empty)
        whole = parts[0]
        for part in parts[1:]:
            whole = whole.unionAll(part)
        return whole


def _reached(path: str) -> str:
    """The same file as Spark names it: of a bucket through S3A, whose jars are the operator's."""
    return f"s3a://{path.removeprefix('s3://')}" if path.startswith("s3://") else path


def _newest(rows: DataFrame) -> DataFrame:
    """Of versions of records: the newest of each, unless it is gone."""
    from pyspark.sql import Window
    from pyspark.sql.functions import col, row_number

    of_each = Window.partitionBy(stored_name("Id")).orderBy(col("arrived_seq").desc())
    numbered = rows.withColumn("_newest", row_number().over(of_each))
    return numbered.where(f"_newest = 1 AND {GONE} IS NULL")


def _type(column: str) -> str:
    return TYPES.get(column, "string")


def _name(column: str) -> str:
    return "`" + column.replace("`", "``") + "`"


def _normalised(org: OrgFiles, prefix: str = "") -> list[str]:
    key = "'" + org.key.replace("\\", "\\\\").replace("'", "\\'") + "'"
    return [f"{key if c == 'org' else _name(c)} AS {_name(prefix + c)}" for c in NORMALISED]


def _row_hash(layouts: Sequence[Layout]) -> str:
    """SHA-256 of a log row: its values in its header's order, joined by U+001F."""
    cases = []
    for layout in layouts:
        values = ", ".join(f"coalesce({_name(s)}, '')" for s in layout.stored)
        cases.append(f"WHEN '{layout.id}' THEN sha2(concat_ws(char(31), {values}), 256)")
    return f"CASE layout {' '.join(cases)} END"
