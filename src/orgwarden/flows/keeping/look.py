"""Finding backups: where they lie, which one is meant, whether it is sound."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from orgwarden.core.manifest import Manifest
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.keeping.archive import Archive, NewArchive
from orgwarden.flows.keeping.shelf import Folder, NewShelf, Shelf, Tell, copied


def new_shelf(target: Path) -> NewShelf:
    """A folder of backups, or one new archive for a name that ends in .tar."""
    if target.suffix == ".tar":
        return NewArchive(target)
    if target.exists() and not target.is_dir():
        raise NeedsPerson(
            f"{target} is a file.",
            fix="Name a folder, or a new file that ends in .tar.",
            code="BACKUP_TARGET",
        )
    folder = Folder(target)
    folder.prepare()
    return folder


@contextmanager
def shelf_of(source: Path) -> Iterator[Shelf]:
    """The backups that lie in a folder or an archive. Raises NeedsPerson when there are none, or
    when others than their owner could have changed them."""
    if not source.exists():
        raise _none(f"There is nothing at {source}.")
    if source.stat().st_mode & 0o022:
        raise NeedsPerson(
            f"{source} can be written by others than its owner, so what it holds proves nothing.",
            fix=f"Find out who wrote to it, then run chmod go-w {source}.",
            code="BACKUP_OPEN",
        )
    if source.is_dir():
        yield _not_empty(Folder(source))
        return
    archive = Archive(source)
    try:
        yield _not_empty(archive)
    finally:
        archive.end()


def _not_empty(shelf: Shelf) -> Shelf:
    if not shelf.made():
        raise _none(f"{shelf.name} holds no finished backup.")
    return shelf


def _none(what: str) -> NeedsPerson:
    return NeedsPerson(what, fix="Name what was given to orgwarden backup.", code="BACKUP_MISSING")


def chosen(shelf: Shelf, id: str | None) -> Manifest:
    """The backup of this id; the newest without one."""
    made = shelf.made()
    found = [m for m in made if m.id == id] if id else made[-1:]
    if not found:
        raise NeedsPerson(
            f"There is no backup {id} in {shelf.name}.",
            fix=f"Choose of {', '.join(m.id for m in made[-5:])}.",
            code="BACKUP_MISSING",
        )
    return found[0]


def wrong_files(shelf: Shelf, manifest: Manifest, tell: Tell = lambda done: None) -> list[str]:
    """What is wrong with a backup's files, as sentences; every byte of them is read."""
    wrong = []
    for entry in manifest.files:
        try:
            with shelf.open(entry.path) as file:
                size, digest = copied(file, None, tell)
        except FileNotFoundError:
            wrong.append(f"{entry.path} is missing")
        except OSError as error:
            wrong.append(f"{entry.path} cannot be read ({error.strerror})")
        else:
            if size != entry.size:
                wrong.append(f"{entry.path} has {size:,} bytes, not {entry.size:,}")
            elif digest != entry.sha256:
                wrong.append(f"{entry.path} was altered: its SHA-256 does not fit")
    return wrong
