"""Adding rows to an emulated org with the fields every object has filled in."""

from __future__ import annotations

from typing import Any

from orgsim.org import Org

DAY = 86_400_000
HOUR = 3_600_000
MINUTE = 60_000


def add(
    org: Org, name: str, at: int, *, by: str | None = None, visible_from: int = 0, **values: Any
) -> str:
    """Add one row made at `at` (epoch ms) by the user `by`; returns its id ("" if it has none).

    The audit fields the object has are filled; Salesforce keeps them to the second."""
    table = org.store[name]
    type = table.type
    at -= at % 1000
    by = by or (org.world.admin if org.world else "")
    usual: dict[str, Any] = {
        "CreatedDate": at,
        "LastModifiedDate": at,
        "SystemModstamp": at,
        "CreatedById": by,
        "LastModifiedById": by,
    }
    full = {k: v for k, v in usual.items() if k in type.position} | values
    id18 = str(full.get("Id") or (org.new_id(type.prefix) if type.prefix else ""))
    if id18:
        full["Id"] = id18
    table.add(table.make(full), visible_from)
    return id18
