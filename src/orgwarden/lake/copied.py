"""What has to be copied of one org's table so that the copy stands at one commit.

Files never change once a commit names them, and the log only grows, so a copy needs no pause: the
newest checkpoint of the log, the commits after it up to one, and the files which that one names.
A file of it can go only when a sweep passes a day after a compaction: whoever copies asks again.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from orgwarden.lake.layouts import FOLDER
from orgwarden.lake.place import Place, Stored
from orgwarden.lake.table import LakeFile, OrgLake, is_table

LOG = "_delta_log"


@dataclass(frozen=True)
class Standing:
    """A table at one commit. `small` are its log and layouts, `files` hold the rows."""

    place: Place
    version: int
    epoch: int
    seq: int
    small: tuple[Stored, ...]
    files: tuple[LakeFile, ...]


def standing(place: Place) -> Standing | None:
    """The table at `place` at its newest commit; None if there is no table."""
    if not is_table(place):
        return None
    lake = OrgLake.open(place)
    files = tuple(sorted(lake.files(), key=lambda f: f.path))
    # After the version was read: a layout is written before the commit that uses it.
    layouts = [f for f in place.files(FOLDER) if f.path.endswith(".json")]
    small = (*_log(place, lake.version), *sorted(layouts, key=lambda f: f.path))
    return Standing(place, lake.version, lake.epoch, lake.ledger().seq, small, files)


def _log(place: Place, version: int) -> list[Stored]:
    """The newest checkpoint at or before `version`, and the commits from it to `version`; its own
    commit too, which may be the only one that holds the ledger."""
    there = {f.path.rpartition("/")[2]: f for f in place.files(LOG)}
    checkpoints: dict[int, list[str]] = {}
    for name in there:
        if ".checkpoint." in name and name.endswith(".parquet") and name[:20].isdigit():
            checkpoints.setdefault(int(name[:20]), []).append(name)
    since = max((v for v in checkpoints if v <= version), default=0)
    picked = sorted(checkpoints.get(since, []))
    picked += [f"{at:020}.json" for at in range(since, version + 1)]
    pointer = "_last_checkpoint"
    if pointer in there and json.loads(place.read(f"{LOG}/{pointer}"))["version"] == since:
        picked.append(pointer)
    if missing := [name for name in picked if name not in there]:
        raise FileNotFoundError(place.path(f"{LOG}/{missing[0]}"))
    return [there[name] for name in picked]
