"""Brings the records database to this version's tables."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.core.management import call_command
from django.db import DatabaseError, OperationalError, connection

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import audit_guard

# Any fixed number; it names "migrating Orgwarden" among the server's advisory locks.
_MIGRATING = 0x6F72677761726465


def prepare_database() -> None:
    """Apply what is missing of the migrations. Idempotent; of several processes one does it and
    the others wait. Raises NeedsPerson when the database cannot be opened or is damaged."""
    try:
        with _alone():
            _refuse_damaged()
            call_command("migrate", interactive=False, verbosity=0)
            audit_guard.install()
    except OperationalError as e:
        # The driver's words name host and user, never the password.
        raise NeedsPerson(
            f"The records database cannot be opened: {str(e).strip().splitlines()[0]}.",
            fix="Check ORGWARDEN_DATABASE_URL and that the server answers, or unset it for SQLite.",
            code="DATABASE",
        ) from e


def _refuse_damaged() -> None:
    """Nothing is written to a damaged SQLite file: what can be saved of it is saved first."""
    if connection.vendor != "sqlite":
        return
    try:
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA quick_check(1)")
            found = cursor.fetchone()[0]
    except OperationalError:  # locked, or not to be opened: not damaged
        raise
    except DatabaseError as e:
        found = str(e)
    if found != "ok":
        file = connection.settings_dict["NAME"]
        raise NeedsPerson(
            f"The records database {file} is damaged: {found.splitlines()[0]}.",
            fix="Put a backup of it back, or keep the file for rescue and run orgwarden init: the "
            "events are in the lake, the orgs have to be connected again.",
            code="DATABASE_DAMAGED",
        )


@contextmanager
def _alone() -> Iterator[None]:
    """Nobody else migrates meanwhile; a killed process leaves nothing locked behind."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_MIGRATING])
        try:
            yield
        finally:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(%s)", [_MIGRATING])
        return
    file = Path(str(connection.settings_dict["NAME"]))
    try:
        lock = os.open(
            file.with_name(file.name + ".lock"), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600
        )
    except OSError as e:
        raise NeedsPerson(
            f"The folder {file.parent} cannot be written to: {e.strerror}.",
            fix="Run orgwarden init first, or set ORGWARDEN_HOME to a folder you may write to.",
            code="HOME",
        ) from e
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
    finally:
        os.close(lock)
