"""The manifest of a backup: what it holds, of which versions, how much, and every file's SHA-256.

It is written last, so a backup without one was cut off. Its own digest finds a damaged manifest;
it is no signature: whoever may write to a backup can make another one.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from orgwarden.core.spans import instant_of, text_of

VERSION = 1


class Damaged(ValueError):
    """The manifest is not what was written, or of a version that is not known here."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One file, by its path beside the manifest's folder."""

    path: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class TenantKept:
    """One tenant's table at one commit. `seq` is its last arrival number."""

    key: str
    name: str
    version: int
    epoch: int
    seq: int
    files: int
    rows: int
    bytes: int


@dataclass(frozen=True)
class Manifest:
    """`id` sorts by time and is the name of the backup. `engine` is the records' database and
    `records` counts its rows by table; `migrations` are those applied, as `app.name`. `key_ids`
    name the keys that open its secrets, `with_key` says whether they lie in it. `audit_tip` is the
    newest entry of the audit chain, as [id, digest]."""

    id: str
    made_at: datetime
    orgwarden: str
    engine: str
    migrations: tuple[str, ...]
    records: Mapping[str, int]
    tenants: tuple[TenantKept, ...]
    key_ids: tuple[str, ...]
    with_key: bool
    audit_tip: tuple[int, str] | None
    files: tuple[Entry, ...] = field(repr=False)

    @property
    def size(self) -> int:
        """Bytes of everything that is needed to restore it."""
        return sum(f.size for f in self.files)

    @property
    def rows(self) -> int:
        """Events in all tenants' tables."""
        return sum(t.rows for t in self.tenants)

    def under(self, prefix: str) -> list[Entry]:
        """The files whose path begins with `prefix`."""
        return [f for f in self.files if f.path.startswith(prefix)]

    def to_text(self) -> str:
        """One JSON document with its own digest."""
        value = self._value()
        return json.dumps({**value, "sha256": _digest(value)}, indent=1, ensure_ascii=False) + "\n"

    def _value(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "id": self.id,
            "made_at": text_of(self.made_at),
            "orgwarden": self.orgwarden,
            "engine": self.engine,
            "migrations": list(self.migrations),
            "records": dict(self.records),
            "tenants": [
                {name: getattr(t, name) for name in TenantKept.__slots__} for t in self.tenants
            ],
            "key_ids": list(self.key_ids),
            "with_key": self.with_key,
            "audit_tip": list(self.audit_tip) if self.audit_tip else None,
            "files": [[f.path, f.size, f.sha256] for f in self.files],
        }

    @classmethod
    def from_text(cls, text: str) -> Manifest:
        """Raises Damaged."""
        try:
            value = json.loads(text)
            said = value.pop("sha256")
            if value["v"] != VERSION:
                raise Damaged(f"it is of version {value['v']}, this Orgwarden knows {VERSION}")
            if said != _digest(value):
                raise Damaged("its digest does not fit")
            tip = value["audit_tip"]
            return cls(
                id=value["id"],
                made_at=instant_of(value["made_at"]),
                orgwarden=value["orgwarden"],
                engine=value["engine"],
                migrations=tuple(value["migrations"]),
                records=value["records"],
                tenants=tuple(TenantKept(**t) for t in value["tenants"]),
                key_ids=tuple(value["key_ids"]),
                with_key=value["with_key"],
                audit_tip=(tip[0], tip[1]) if tip else None,
                files=tuple(_entry(*f) for f in value["files"]),
            )
        except Damaged:
            raise
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise Damaged("it cannot be read") from error


def _entry(path: str, size: int, sha256: str) -> Entry:
    """A path that leads nowhere but into the backup."""
    if not all(part not in ("", ".", "..") for part in path.split("/")) or "\x00" in path:
        raise Damaged(f"it names {path!r}")
    return Entry(path, size, sha256)


def _digest(value: Mapping[str, Any]) -> str:
    text = json.dumps(value, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode("ascii")).hexdigest()
