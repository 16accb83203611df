"""How much of the lake each source of a tenant takes, from the table's log alone."""

from __future__ import annotations

from typing import Any

from orgwarden.flows.lakes import lake_of
from orgwarden.flows.prune import days_of
from orgwarden.lake.table import LakeFile, OrgLake, is_table
from orgwarden.records.models import Org


def usage(org: Org) -> dict[str, Any]:
    """Bytes, rows, files and days by source, the largest first. `keep_days` None is for ever."""
    by_source: dict[str, list[LakeFile]] = {}
    if is_table(lake_of(org)):
        for file in OrgLake.open(lake_of(org)).files():
            by_source.setdefault(file.source, []).append(file)
    largest = sorted(by_source, key=lambda s: (-sum(f.size for f in by_source[s]), s))
    sources = [_source(source, by_source[source], org) for source in largest]
    return {
        "name": org.name,
        "bytes": sum(s["bytes"] for s in sources),
        "rows": sum(s["rows"] for s in sources),
        "pruned_at": org.pruned_at,
        "sources": sources,
    }


def _source(source: str, files: list[LakeFile], org: Org) -> dict[str, Any]:
    return {
        "source": source,
        "files": len(files),
        "rows": sum(f.rows for f in files),
        "bytes": sum(f.size for f in files),
        "oldest": min(f.date for f in files).isoformat(),
        "newest": max(f.date for f in files).isoformat(),
        "keep_days": days_of(org.keep_days, source),
    }
