"""Writing the tables of a backup to where the lake is.

On a disk they are written beside their place and then moved there, what was there before aside. In
a bucket nothing can be moved: only an empty prefix is written to, each table's log last and in its
order, so that a table is seen when it is whole.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from orgwarden.core.manifest import Manifest
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.keeping.shelf import Shelf, Tell, copied, private, sync
from orgwarden.lake.copied import LOG
from orgwarden.lake.place import Folder, Place


def are_there(root: Place) -> bool:
    """Whether anything lies where the tables are to be put; what a restore put aside does not
    count."""
    if isinstance(root, Folder):
        return any(_visible(root.folder))
    return next(iter(root.files()), None) is not None


def refuse_without_room(root: Place, manifest: Manifest) -> None:
    """Raises NeedsPerson when the disk is too small."""
    if not isinstance(root, Folder):
        return
    private(root.folder)
    free = shutil.disk_usage(root.folder).free
    if free < manifest.size:
        raise NeedsPerson(
            f"The backup needs {manifest.size / 1e6:,.0f} MB, and {root} has {free / 1e6:,.0f} MB"
            " free.",
            fix="Free some space, or set ORGWARDEN_LAKE_URL to a larger disk.",
            code="DISK",
        )


def put(shelf: Shelf, manifest: Manifest, root: Place, stamp: str, tell: Tell) -> list[str]:
    """Write all tables; where that lies which was there before."""
    if isinstance(root, Folder):
        return _on_disk(shelf, manifest, root.folder, stamp, tell)
    if are_there(root):
        raise NeedsPerson(
            f"{root} is not empty, and objects cannot be put aside.",
            fix="Set ORGWARDEN_LAKE_URL to a prefix where nothing is, or empty this one.",
            code="HOME_NOT_EMPTY",
        )
    for path, relative in sorted(_paths(manifest), key=lambda p: (LOG in p[1], p[1])):
        with shelf.open(path) as file:
            content = file.read()
        root.write(relative, content)
        tell(len(content))
    return []


def _on_disk(shelf: Shelf, manifest: Manifest, root: Path, stamp: str, tell: Tell) -> list[str]:
    draft = root / ".restoring"
    shutil.rmtree(draft, ignore_errors=True)  # of a restore that was cut off
    draft.mkdir(mode=0o700)
    for path, relative in _paths(manifest):
        write(shelf, path, draft / relative, tell)
    for folder, _, _ in os.walk(draft):
        sync(Path(folder))
    old = _visible(root)
    for there in old:
        private(root / f".{stamp}")
        there.rename(root / f".{stamp}" / there.name)
    for made in draft.iterdir():
        made.rename(root / made.name)
    draft.rmdir()
    sync(root)
    return [str(root / f".{stamp}")] if old else []


def write(shelf: Shelf, path: str, target: Path, tell: Tell) -> None:
    """One file of a backup, durably and for its owner only."""
    private(target.parent)
    out = open(target, "xb", opener=lambda p, f: os.open(p, f, 0o600))  # noqa: SIM115
    with out, shelf.open(path) as file:
        copied(file, out, tell)
        out.flush()
        os.fsync(out.fileno())


def _visible(root: Path) -> list[Path]:
    if not root.is_dir():
        return []
    return [p for p in root.iterdir() if not p.name.startswith(".")]


def _paths(manifest: Manifest) -> list[tuple[str, str]]:
    """Every file of the tables, by its path in the backup and below the lake's root."""
    return [
        (f.path, f.path.removeprefix(prefix))
        for prefix in ("files/", f"{manifest.id}/lake/")
        for f in manifest.under(prefix)
    ]
