"""Putting a backup back.

1. Refuse what cannot work: another kind of database, a newer version, no key, no room, a home that
   is not empty.
2. Read every file of the backup and compare it with the manifest. Nothing is written before.
3. Write the tables beside their place, then move them there; put the records in theirs.
4. Settle: what was running is not running any more, caches follow the tables, everything is due.
What was there goes aside, not away. Cut off anywhere, it is repeated with `--replace`.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings
from django.db import connection

from orgwarden.core.manifest import Manifest
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.keeping import keys, settle, tables
from orgwarden.flows.keeping.backup import Steps, quietly
from orgwarden.flows.keeping.look import chosen, shelf_of, wrong_files
from orgwarden.flows.keeping.shelf import Shelf, Tell, damaged
from orgwarden.flows.lakes import lake_root
from orgwarden.records import dump, setup


@dataclass(frozen=True)
class Restored:
    """What was put back, and where that lies which was there before."""

    manifest: Manifest
    aside: tuple[str, ...]
    reconnect: tuple[str, ...]  # tenants whose secrets could not be brought along


def restore(
    source: Path,
    *,
    actor: str,
    id: str | None = None,
    replace: bool = False,
    without_key: bool = False,
    passphrase: Callable[[], str] | None = None,
    step: Steps = quietly,
) -> Restored:
    """Put one backup of `source` back, the newest without `id`. `passphrase` is asked for when the
    key has to come out of the backup."""
    with shelf_of(source) as shelf:
        manifest = chosen(shelf, id)
        dump.refuse_unknown(manifest.migrations, manifest.engine)
        _refuse_full(replace)
        tables.refuse_without_room(lake_root(), manifest)
        if wrong := wrong_files(shelf, manifest, step("verify", manifest.size)):
            raise damaged(f"{manifest.id} in {shelf.name}", "; ".join(wrong[:3]))
        key = None if without_key else keys.key_for(shelf, manifest, passphrase, replace=replace)
        stamp = f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        tell = step("restore", manifest.size)
        aside = tables.put(shelf, manifest, lake_root(), stamp, tell)
        aside += _records(shelf, manifest, stamp, tell)
    aside += keys.put(key, stamp)
    setup.prepare_database()
    reconnect = settle.settle(manifest, actor=actor, without_key=without_key)
    return Restored(manifest, tuple(aside), tuple(reconnect))


def _refuse_full(replace: bool) -> None:
    there = tables.are_there(lake_root())
    if replace:
        settle.refuse_running()
    elif there or not dump.is_empty():
        what = f"Events are in {lake_root()}" if there else "The records database is in use"
        raise NeedsPerson(
            f"{what}, so nothing was restored over it.",
            fix="Restore into an empty ORGWARDEN_HOME, or stop Orgwarden and add --replace.",
            code="HOME_NOT_EMPTY",
        )


def _records(shelf: Shelf, manifest: Manifest, stamp: str, tell: Tell) -> list[str]:
    home = Path(settings.ORGWARDEN_HOME)
    with tempfile.TemporaryDirectory(prefix=".restoring-", dir=home) as folder:
        for entry in manifest.under(f"{manifest.id}/records/"):
            tables.write(shelf, entry.path, Path(folder) / Path(entry.path).name, tell)
        if manifest.engine == "postgresql":
            dump.load_postgres(Path(folder), manifest.records, manifest.migrations)
            return []
        file = Path(str(connection.settings_dict["NAME"]))
        return dump.replace_sqlite(Path(folder) / dump.SQLITE_FILE, file, stamp)
