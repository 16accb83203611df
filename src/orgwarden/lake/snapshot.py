"""One snapshot of some orgs' events: which files hold the rows of which source, and their columns.

Both engines read the same snapshot: DuckDB (`lake.reading`) and Spark (`lake.spark`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from orgwarden.lake.layouts import Layout, columns_of, load_all
from orgwarden.lake.place import Place, at_place
from orgwarden.lake.table import LakeFile, OrgLake, is_table


@dataclass
class OrgFiles:
    """The files of one org's table at one version, by source, with the layouts of their rows."""

    key: str
    place: Place
    files: dict[str, list[LakeFile]] = field(default_factory=dict)
    layouts: Mapping[str, list[Layout]] = field(default_factory=dict)


@dataclass
class Snapshot:
    """The newest committed version of each org. Files of a snapshot never change."""

    orgs: list[OrgFiles]

    @classmethod
    def of(cls, lake_root: Place | Path, org_keys: Sequence[str]) -> Snapshot:
        """Orgs that are connected, but of which nothing has landed yet, are left out."""
        orgs = []
        for key in org_keys:
            place = at_place(lake_root) / key
            if not is_table(place):
                continue
            table = OrgLake.open(place)
            org = OrgFiles(key, place, layouts=load_all(place))
            for file in table.files():
                org.files.setdefault(file.source, []).append(file)
            orgs.append(org)
        return cls(orgs)

    def sources(self) -> list[str]:
        """The ids of all sources with files, sorted."""
        return sorted({s for org in self.orgs for s in org.files})

    def columns(self, source: str) -> dict[str, str]:
        """Salesforce's column names of a source, with the table's columns behind them."""
        found: dict[str, str] = {}
        for org in self.orgs:
            for name, stored in columns_of(org.layouts.get(source, [])).items():
                found.setdefault(name, stored)
        return found

    def row_counts(self) -> dict[str, int]:
        """Stored rows by source, from the log alone."""
        counts: dict[str, int] = {}
        for org in self.orgs:
            for source, files in org.files.items():
                counts[source] = counts.get(source, 0) + sum(f.rows for f in files)
        return counts
