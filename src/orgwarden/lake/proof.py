"""Proving one org's table: what the log names is there, whole, unaltered and counted right.

Unknown is never proven: a file that cannot be read is wrong, and one without a seal is counted
apart from those whose bytes were compared with theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from orgwarden.core.ledger import Ledger
from orgwarden.lake.layouts import load_all
from orgwarden.lake.place import Place
from orgwarden.lake.seals import digest_of, seal_of
from orgwarden.lake.shaping import may_spill, session
from orgwarden.lake.table import LakeFile, OrgLake

Tell = Callable[[int], None]


@dataclass(frozen=True)
class Proof:
    """What `verify` found. `wrong` are sentences; none means every proof held. `sealed` files were
    compared with the SHA-256 in their name; the rest have none."""

    files: int
    rows: int
    bytes: int
    sealed: int
    version: int
    epoch: int
    wrong: tuple[str, ...]


def verify(lake: OrgLake, *, deep: bool = False, tell: Tell = lambda done: None) -> Proof:
    """Every file is there, as long and as full as the log says, and its bytes are those that were
    sealed; no event is stored twice; the ledger's counts are the table's; every row's layout is
    known. `deep` also decodes every value of every file.
    `tell` is called with the bytes of each file that was looked at."""
    files = lake.files()
    wrong: list[str] = []
    sealed = 0
    for file in files:
        found, compared = _look(lake.place, file, deep)
        wrong += found
        sealed += compared
        tell(file.size)
    ledger = lake.ledger()
    if not wrong:
        wrong += _repeated(lake.place, files)
        wrong += _miscounted(files, ledger)
        layouts = {layout.id for found in load_all(lake.place).values() for layout in found}
        wrong += _unknown_layouts(lake.place, files, layouts)
    rows, size = sum(f.rows for f in files), sum(f.size for f in files)
    return Proof(len(files), rows, size, sealed, lake.version, lake.epoch, tuple(wrong))


def _look(place: Place, file: LakeFile, deep: bool) -> tuple[list[str], bool]:
    """What is wrong with a file, and whether its bytes were compared with a seal."""
    path = place.relative(file.path)
    named = f"{path.rpartition('/')[2]} of {file.source}, {file.date}"
    try:
        if place.size(path) != file.size:
            return [f"{named}, is not as long as the log says."], False
        promised = seal_of(path)
        if promised is not None and _digest(place, path) != promised:
            return [f"{named}, was altered: its bytes are not those that were sealed."], True
        if (rows := pq.read_metadata(place.open(path)).num_rows) != file.rows:
            return [f"{named}, has {rows:,} rows, not {file.rows:,}."], promised is not None
        if deep and (read := _decoded(place.open(path))) != file.rows:
            return [f"{named}, gives {read:,} rows, not {file.rows:,}."], promised is not None
    except FileNotFoundError:
        return [f"{named}, is missing."], False
    except (OSError, pa.ArrowException) as error:
        said = str(error).strip().split("\n")[0]
        return [f"{named}, cannot be read: {said}."], False
    return [], promised is not None


def _digest(place: Place, path: str) -> str:
    with place.stream(path) as file:
        return digest_of(file)


def _decoded(source: Any) -> int:
    """How many rows a file gives when every value of it is read."""
    with pq.ParquetFile(source) as file:
        return sum(batch.num_rows for batch in file.iter_batches(batch_size=64 * 1024))


def _repeated(place: Place, files: Sequence[LakeFile]) -> list[str]:
    found = []
    with session(memory="1GB", threads=2) as connection:
        place.lend(connection)
        may_spill(connection, place)
        for source in sorted({f.source for f in files}):
            paths = [f.path for f in files if f.source == source]
            rows = connection.execute(
                "SELECT count(*) - count(DISTINCT event_uid) FROM read_parquet(?)", [paths]
            ).fetchall()
            if rows[0][0]:
                found.append(f"{rows[0][0]:,} events of {source} are stored twice.")
    return found


def _miscounted(files: Sequence[LakeFile], ledger: Ledger) -> list[str]:
    stored: dict[str, int] = {}
    for file in files:
        stored[file.source] = stored.get(file.source, 0) + file.rows
    return [
        f"The ledger counts {s.held:,} rows of {name}, the table holds {stored.get(name, 0):,}."
        for name, s in ledger.sources.items()
        if s.held != stored.get(name, 0)
    ]


def _unknown_layouts(place: Place, files: Sequence[LakeFile], known: set[str]) -> list[str]:
    if not files:
        return []
    with session(memory="1GB", threads=2) as connection:
        place.lend(connection)
        may_spill(connection, place)
        rows = connection.execute(
            "SELECT DISTINCT layout FROM read_parquet(?)", [[f.path for f in files]]
        ).fetchall()
    return [f"The layout {row[0]} is not known." for row in rows if row[0] not in known]
