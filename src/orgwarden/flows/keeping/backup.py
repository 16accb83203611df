"""Making a backup while everything runs.

1. The records as they are at one moment.
2. Then each tenant's table at its newest commit: never behind what the records know of it, so the
   cursor, which lies in the table, is never ahead of the rows.
3. The manifest, last. A backup that was cut off has none, and the next one goes on from its files.
Files of a table never change, so nothing is held up; a file that a compaction took away meanwhile
is looked for in a newer commit. In a folder only files that no backup there has are copied.
"""

from __future__ import annotations

import secrets
import tempfile
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Protocol

from django.conf import settings

from orgwarden import __version__
from orgwarden.core.manifest import Entry, Manifest, TenantKept
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.keeping.look import new_shelf
from orgwarden.flows.keeping.shelf import NewShelf, Tell
from orgwarden.flows.lakes import lake_of
from orgwarden.lake.copied import Standing, standing
from orgwarden.lake.place import Place, Stored
from orgwarden.lake.seals import seal_of
from orgwarden.lake.table import LakeFile
from orgwarden.records import audit, dump, envelope, key_copy
from orgwarden.records.models import Org

TRIES = 5  # of one table whose files are compacted and swept while they are copied
KEY = "key.sealed"


class Steps(Protocol):
    """Who is told how far it is: the name of a step and its bytes, if they are known."""

    def __call__(self, what: str, total: int | None = None, /) -> Tell: ...


def quietly(what: str, total: int | None = None) -> Tell:
    return lambda done: None


def back_up(
    target: Path,
    *,
    actor: str,
    passphrase: str | None = None,
    step: Steps = quietly,
    at: Callable[[str], None] = lambda point: None,
) -> Manifest:
    """A backup of records and events in `target`; with a passphrase the key file too, sealed under
    it. `at` is called with `records` and `tables` when those are copied."""
    keys = envelope.key_ids()
    now = datetime.now(UTC)
    id = f"{now:%Y%m%dT%H%M%S}{now.microsecond // 1000:03}Z-{secrets.token_hex(2)}"
    sealed = key_copy.wrapped(passphrase, id) if passphrase is not None else None
    shelf = new_shelf(target)
    try:
        tip = audit.tip()
        files, counts = _records(shelf, id, sealed, step("records"))
        at("records")
        before = {f.path: f for made in shelf.made() for f in made.under("files/")}
        tenants = []
        for org in Org.objects.order_by("name"):
            kept = _table(shelf, id, org, before, step)
            if kept is not None:
                tenants.append(kept[0])
                files += kept[1]
        at("tables")
        manifest = Manifest(
            id, now, __version__, dump.engine(), dump.applied(), counts, tuple(tenants), keys,
            passphrase is not None, (tip.id, tip.digest) if tip else None, tuple(files),
        )  # fmt: skip
        shelf.close(manifest)
    except BaseException:
        shelf.abandon()
        raise
    told = {"id": id, "at": shelf.name, "tenants": len(tenants), "events": manifest.rows}
    audit.record(actor, audit.Action.BACKUP_MADE, id, told | {"key_file": manifest.with_key})
    return manifest


def _records(
    shelf: NewShelf, id: str, sealed: bytes | None, tell: Tell
) -> tuple[list[Entry], dict[str, int]]:
    home = Path(settings.ORGWARDEN_HOME) / "spool"
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    files = []
    with tempfile.TemporaryDirectory(prefix="backup-", dir=home) as folder:
        counts = dump.dump(Path(folder))
        if sealed is not None:
            (Path(folder) / KEY).write_bytes(sealed)
        for path in sorted(Path(folder).iterdir()):
            with path.open("rb") as file:
                size = path.stat().st_size
                files.append(shelf.add(f"{id}/records/{path.name}", file, size, tell))
    return files, counts


def _table(
    shelf: NewShelf, id: str, org: Org, before: Mapping[str, Entry], step: Steps
) -> tuple[TenantKept, list[Entry]] | None:
    for left in reversed(range(TRIES)):
        try:
            table = standing(lake_of(org))
            if table is None:
                return None  # connected, and nothing was collected yet
            return _copied(shelf, id, org, table, before, step)
        except FileNotFoundError:
            if not left:
                raise
    raise AssertionError("unreachable")


def _copied(
    shelf: NewShelf, id: str, org: Org, table: Standing, before: Mapping[str, Entry], step: Steps
) -> tuple[TenantKept, list[Entry]]:
    wanted = {f"files/{org.key}/{table.place.relative(f.path)}": f for f in table.files}
    there = {p: before[p] for p in wanted if p in before and shelf.has(before[p])}
    tell = step(org.name, sum(f.size for p, f in wanted.items() if p not in there))
    files = list(there.values())
    for path, file in wanted.items():
        if path not in there:
            files.append(_add(shelf, path, table.place, file, tell))
    for small in table.small:
        files.append(_add(shelf, f"{id}/lake/{org.key}/", table.place, small, lambda done: None))
    counts = len(wanted), sum(f.rows for f in table.files), sum(f.size for f in table.files)
    return TenantKept(org.key, org.name, table.version, table.epoch, table.seq, *counts), files


def _add(shelf: NewShelf, path: str, place: Place, source: LakeFile | Stored, tell: Tell) -> Entry:
    """Copy a file of a table; a `path` that ends in a slash goes on with its name there."""
    relative = place.relative(source.path)
    with place.stream(relative) as file:
        entry = shelf.add(path + relative if path.endswith("/") else path, file, source.size, tell)
    if (seal := seal_of(relative)) is not None and entry.sha256 != seal:
        raise NeedsPerson(
            f"{source.path} was altered since it was stored, so no sound backup can be made.",
            fix="Run orgwarden lake verify: it names every damaged file and says what to do.",
            code="LAKE_DAMAGED",
        )
    return entry
