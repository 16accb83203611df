"""Where backups lie: a folder that holds many, or one archive file that holds one.

A folder keeps data files once for all its backups under `files/`; they never change and their name
holds their hash. What belongs to one backup lies under its id, the manifest last of all.
An archive is an uncompressed tar with the same paths.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable
from pathlib import Path
from typing import IO, Protocol

from orgwarden.core.manifest import Damaged, Entry, Manifest
from orgwarden.core.problems import NeedsPerson

MANIFEST = "manifest.json"
BLOCK = 1 << 20
Tell = Callable[[int], None]


class Shelf(Protocol):
    """Backups that can be read. `made` lists them, oldest first."""

    name: str

    def made(self) -> list[Manifest]: ...

    def open(self, path: str) -> IO[bytes]: ...


class NewShelf(Protocol):
    """Where a backup is made: files first, `close` with the manifest last."""

    name: str

    def made(self) -> list[Manifest]: ...

    def has(self, entry: Entry) -> bool: ...

    def add(self, path: str, source: IO[bytes], size: int, tell: Tell) -> Entry: ...

    def close(self, manifest: Manifest) -> None: ...

    def abandon(self) -> None: ...


class Folder:
    """A folder of backups."""

    def __init__(self, root: Path) -> None:
        self.root, self.name = root, str(root)

    def prepare(self) -> None:
        """Make the folder, for its owner only. Raises NeedsPerson when others can open it."""
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        if self.root.stat().st_mode & 0o077:
            raise NeedsPerson(
                f"{self.root} can be opened by others than its owner, and a backup holds the"
                " records of every person and tenant.",
                fix=f"Run chmod 700 {self.root}, or name another folder.",
                code="BACKUP_OPEN",
            )

    def made(self) -> list[Manifest]:
        found = []
        for path in sorted(self.root.glob(f"*/{MANIFEST}")):
            try:
                found.append(Manifest.from_text(path.read_text(encoding="utf-8")))
            except (Damaged, UnicodeDecodeError) as error:
                raise damaged(str(path), str(error)) from error
        return found

    def open(self, path: str) -> IO[bytes]:
        return (self.root / path).open("rb")

    def has(self, entry: Entry) -> bool:
        """Whether a file of that length is there already."""
        file = self.root / entry.path
        return file.exists() and file.stat().st_size == entry.size

    def add(self, path: str, source: IO[bytes], size: int, tell: Tell) -> Entry:
        """Copy a file, durably; a cut leaves a draft that the next copy replaces."""
        target = self.root / path
        private(target.parent)
        draft = target.with_name(f".{target.name}.draft")
        with open(draft, "wb", opener=lambda p, f: os.open(p, f, 0o600)) as out:
            written, digest = copied(source, out, tell)
            out.flush()
            os.fsync(out.fileno())
        draft.replace(target)
        return Entry(path, written, digest)

    def close(self, manifest: Manifest) -> None:
        """The backup is whole: everything it names is durable before its manifest is there."""
        folders = {up for f in manifest.files for up in Path(f.path).parents}
        for folder in folders:
            sync(self.root / folder)
        place = self.root / manifest.id / MANIFEST
        draft = place.with_suffix(".draft")
        with open(draft, "w", encoding="utf-8", opener=lambda p, f: os.open(p, f, 0o600)) as out:
            out.write(manifest.to_text())
            out.flush()
            os.fsync(out.fileno())
        draft.replace(place)
        sync(place.parent)

    def abandon(self) -> None:
        """What was copied stays: the next backup goes on from there."""


def private(folder: Path) -> None:
    """Make a folder and those above it, for their owner only."""
    if not folder.is_dir():
        private(folder.parent)
        folder.mkdir(mode=0o700, exist_ok=True)


def copied(source: IO[bytes], out: IO[bytes] | None, tell: Tell) -> tuple[int, str]:
    """Copy a stream, or only read it; its length and SHA-256."""
    digest, size = hashlib.sha256(), 0
    while block := source.read(BLOCK):
        digest.update(block)
        if out is not None:
            out.write(block)
        size += len(block)
        tell(len(block))
    return size, digest.hexdigest()


def damaged(what: str, why: str) -> NeedsPerson:
    return NeedsPerson(
        f"The backup is damaged: {what}: {why}.",
        fix="Use another backup; `orgwarden backups FOLDER --verify` says which are sound.",
        code="BACKUP_DAMAGED",
    )


def sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
