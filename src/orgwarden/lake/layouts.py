"""Layouts: which columns, in which order, a row came with.

A layout is a small JSON file named by its content, written before the first commit that uses it,
so it needs no fence. Every row names its layout: that is how a log file's header order survives,
and how a view knows the columns of its source without opening data files.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from orgwarden.core.source import NORMALISED
from orgwarden.lake.place import Place, at_place

FOLDER = "_orgwarden"  # Delta readers pass over folders that begin with an underscore
LOADED = 4096  # layouts kept by a process
_FILE = re.compile(r"/[0-9a-f]{16}\.json$")


@dataclass(frozen=True, slots=True)
class Layout:
    """The header of a file or the fields of a query, and where each column is stored."""

    source: str
    title: str  # the event type's or object's own spelling
    header: tuple[str, ...]

    @property
    def id(self) -> str:
        return hashlib.sha256(self._content()).hexdigest()[:16]

    @property
    def stored(self) -> tuple[str, ...]:
        """The table's column for each of the header's, in the same order."""
        names: dict[str, None] = {}
        for column in self.header:
            plain = name = stored_name(column)
            n = 1
            while name in names:
                n += 1
                name = f"{plain}__{n}"
            names[name] = None
        return tuple(names)

    def _content(self) -> bytes:
        value = {"source": self.source, "title": self.title, "header": self.header}
        return json.dumps(value, ensure_ascii=False, sort_keys=True).encode()

    def save(self, place: Place | Path) -> None:
        """Write it under the org's table unless it is there; durable when this returns."""
        place, name = at_place(place), f"{FOLDER}/{self.id}.json"
        if place.look(name) is None:
            place.write(name, self._content())


@lru_cache(LOADED)
def stored_name(column: str) -> str:
    """`sf_` and the name in lower case; characters Delta refuses become underscores."""
    return "sf_" + re.sub(r"[^0-9a-z_]", "_", column.lower())


def load_all(place: Place | Path) -> dict[str, list[Layout]]:
    """All layouts of an org by source, oldest first."""
    place = at_place(place)
    found: dict[str, list[Layout]] = {}
    files = [f for f in place.files(FOLDER) if _FILE.search(f.path)]
    for file in sorted(files, key=lambda f: (f.modified, f.path)):
        layout = _load(place, file.path)
        found.setdefault(layout.source, []).append(layout)
    return found


@lru_cache(LOADED)
def _load(place: Place, path: str) -> Layout:
    """A layout's file never changes: it is named by what is in it."""
    value = json.loads(place.read(place.relative(path)))
    return Layout(value["source"], value["title"], tuple(value["header"]))


def columns_of(layouts: Sequence[Layout]) -> dict[str, str]:
    """Salesforce's name → stored column, over all layouts of a source, in order of appearance.

    Each stored column once, under its first spelling. SQL does not tell FOO from foo and has names
    of its own: the later one is told apart by a number.
    """
    columns: dict[str, str] = {}
    shown: set[str] = set()
    taken = {"log_file_id", "row_sha256", *(f"n_{c}" for c in NORMALISED)}
    for layout in layouts:
        for column, stored in zip(layout.header, layout.stored, strict=True):
            if stored in shown:
                continue
            plain = name = column or stored
            n = 1
            while name.lower() in taken:
                n += 1
                name = f"{plain}__{n}"
            columns[name] = stored
            shown.add(stored)
            taken.add(name.lower())
    return columns
