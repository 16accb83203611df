"""The records as files, and files as records: one consistent moment, beside whoever writes.

- SQLite: its online backup, which reads one moment of the database while others write, then
  without what must not leave this machine (`LEFT_OUT`).
- PostgreSQL: COPY of every table of ours in one read-only transaction that sees one moment. It
  needs no more rights than Orgwarden itself has, and no program beside the driver. What it gives
  is put back under the same migrations, in one transaction.
A backup of one is not put back into the other.
"""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import psycopg
from django.db import connection, connections, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.loader import MigrationLoader
from psycopg import sql

from orgwarden.core.problems import NeedsPerson

MIGRATIONS = "django_migrations"
SQLITE_FILE = "records.sqlite3"
# Sessions are as good as passwords; the others mean nothing on another machine.
LEFT_OUT = ("django_session", "records_sharedvalue", "records_workerbeat")


def engine() -> str:
    """`sqlite` or `postgresql`."""
    return connection.vendor


def dump(folder: Path) -> dict[str, int]:
    """Write the records into `folder` as they are at one moment; returns the rows by table."""
    return _dump_postgres(folder) if engine() == "postgresql" else _dump_sqlite(folder)


def applied() -> tuple[str, ...]:
    """The migrations of this database, as `app.name`."""
    loader = MigrationLoader(connection)
    return tuple(sorted(f"{app}.{name}" for app, name in loader.applied_migrations))


def is_empty() -> bool:
    """Whether no table of ours is there yet."""
    if engine() == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        if not file.exists() or not file.stat().st_size:
            return True
    return "records_org" not in connection.introspection.table_names()


def refuse_unknown(migrations: Iterable[str], from_engine: str) -> None:
    """Raises NeedsPerson for records that cannot be put into this database."""
    if from_engine != engine():
        raise NeedsPerson(
            f"The backup's records are of {from_engine}, and this installation uses {engine()}.",
            fix="Set ORGWARDEN_DATABASE_URL to the same kind of database as before.",
            code="BACKUP_ENGINE",
        )
    known = {f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations}
    if unknown := sorted(set(migrations) - known):
        raise NeedsPerson(
            f"The backup was made by a newer Orgwarden (it has {unknown[0]}).",
            fix="Install that version or a later one, then restore.",
            code="BACKUP_NEWER",
        )


def load_postgres(folder: Path, rows: Mapping[str, int], migrations: Iterable[str]) -> None:
    """Put the tables in `folder` in the place of whatever is there, in one transaction."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            ours = [*connection.introspection.django_table_names(only_existing=True), MIGRATIONS]
            for table in ours:
                cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")
        executor = MigrationExecutor(connection)
        executor.migrate(_newest_of_each(executor.loader, set(migrations)))
        with connection.cursor() as cursor:
            cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")  # of rows that migrations made
            tables = [t for t in connection.introspection.table_names(cursor) if t in rows]
            names = ", ".join(connection.ops.quote_name(t) for t in tables)
            cursor.execute(f"TRUNCATE {names}")
            cursor.execute("SET CONSTRAINTS ALL DEFERRED")
            for table in tables:
                _copy_in(cursor, table, folder / f"{table}.copy", rows[table])
                for sequence in connection.introspection.get_sequences(cursor, table):
                    _go_on_counting(cursor, table, sequence["column"])


def replace_sqlite(copy: Path, file: Path, stamp: str) -> list[str]:
    """Put a copied SQLite file in the place of `file`, which goes aside with its journal. Returns
    where to."""
    connections.close_all()
    moved = []
    if file.exists() and file.stat().st_size:
        moved = [str(file.with_name(f"{file.name}.{stamp}"))]
    for behind in ("", "-wal", "-shm"):
        part = file.with_name(file.name + behind)
        if part.exists():
            part.rename(file.with_name(f"{file.name}.{stamp}{behind}"))
    copy.rename(file)
    folder = os.open(file.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
    return moved


# --- SQLite


def _dump_sqlite(folder: Path) -> dict[str, int]:
    target = folder / SQLITE_FILE
    target.touch(mode=0o600)
    address = f"file:{connection.settings_dict['NAME']}?mode=ro"
    source = sqlite3.connect(address, uri=True, timeout=60)
    copy = sqlite3.connect(target)
    try:
        source.backup(copy)  # all pages in one step: one moment, whoever writes meanwhile
        for table in LEFT_OUT:
            copy.execute(f"DELETE FROM {table}")  # noqa: S608  names of ours
        copy.commit()
        copy.execute("PRAGMA journal_mode = DELETE")
        copy.execute("VACUUM")  # what was deleted is gone from the file too
        [[found]] = copy.execute("PRAGMA integrity_check(1)").fetchall()
        if found != "ok":
            raise NeedsPerson(
                f"The records database is damaged: {found.splitlines()[0]}.",
                fix="Keep the file for rescue, and put an older backup back.",
                code="DATABASE_DAMAGED",
            )
        listed = copy.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
        return {
            name: copy.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for (name,) in listed
            if not name.startswith("sqlite_")
        }
    finally:
        copy.close()
        source.close()


# --- PostgreSQL


def _dump_postgres(folder: Path) -> dict[str, int]:
    tables = [*connection.introspection.django_table_names(only_existing=True)]
    counts: dict[str, int] = {}
    # A connection of its own: nobody else's transaction is touched.
    reading = connection.get_new_connection(connection.get_connection_params())
    try:
        reading.autocommit = False
        reading.isolation_level = psycopg.IsolationLevel.REPEATABLE_READ
        reading.read_only = True
        with reading.cursor() as cursor:
            for table in sorted(set(tables) - set(LEFT_OUT)):
                counts[table] = _copy_out(cursor, table, folder / f"{table}.copy")
        reading.rollback()
    finally:
        reading.close()
    return counts


def _copy_out(cursor: Any, table: str, target: Path) -> int:
    """One table: a line that names its columns, then COPY's text."""
    cursor.execute(sql.SQL("SELECT * FROM {} LIMIT 0").format(sql.Identifier(table)))
    columns = [column.name for column in cursor.description]
    with target.open("wb") as out:
        out.write("\t".join(columns).encode() + b"\n")
        with cursor.copy(sql.SQL("COPY {} TO STDOUT").format(sql.Identifier(table))) as copy:
            for block in copy:
                out.write(block)
        rows: int = cursor.rowcount
    return rows


def _copy_in(cursor: Any, table: str, source: Path, rows: int) -> None:
    with source.open("rb") as lines:
        columns = lines.readline().decode().rstrip("\n").split("\t")
        asked = sql.SQL("COPY {} ({}) FROM STDIN").format(
            sql.Identifier(table), sql.SQL(", ").join(map(sql.Identifier, columns))
        )
        with cursor.copy(asked) as copy:
            while block := lines.read(1 << 20):
                copy.write(block)
    if cursor.rowcount != rows:
        raise NeedsPerson(
            f"The backup's table {table} gave {cursor.rowcount:,} rows, not {rows:,}.",
            fix="Use another backup.",
            code="BACKUP_DAMAGED",
        )


def _go_on_counting(cursor: Any, table: str, column: str) -> None:
    named, of = connection.ops.quote_name(table), connection.ops.quote_name(column)
    cursor.execute(
        f"SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max({of}), 1),"  # noqa: S608
        f" max({of}) IS NOT NULL) FROM {named}",
        [named, column],
    )


def _newest_of_each(loader: MigrationLoader, wanted: set[str]) -> list[tuple[str, str]]:
    """Of each app the last migration that was applied when the backup was made."""
    known = sorted(loader.disk_migrations)
    found = {app: name for app, name in known if f"{app}.{name}" in wanted}
    return sorted(found.items())
