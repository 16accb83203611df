"""Where the lake is: a folder on this machine's disk, or a prefix in a bucket of an object store.

Rules of this file:
- Everything else in `lake` names its files through a Place and does not know which kind it is.
- Files are written once and never changed; a file is durable when its Place says so.
- What DuckDB and PyArrow need to open a file is decided here (`path`, `open`, `lend`) and nowhere
  else.
`lake.bucket` is loaded for an object store only.
"""

from __future__ import annotations

import os
import shutil
import threading
from abc import ABC, abstractmethod
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import unquote, urlsplit

from orgwarden.core.problems import NeedsPerson
from orgwarden.lake.seals import digest_of, sealed

if TYPE_CHECKING:
    import duckdb

SPILL = "_spill"  # Delta readers pass over folders that begin with an underscore


@dataclass(frozen=True)
class Store:
    """How an object store is reached. Empty fields are left to Amazon's usual chain: environment,
    profile, role of the machine. `endpoint` is `https://host[:port]`; without one it is Amazon's.
    `drafts` is the local folder in which files lie until they are whole."""

    endpoint: str = ""
    region: str = ""
    access_key: str = field(default="", repr=False)
    secret_key: str = field(default="", repr=False)
    session_token: str = field(default="", repr=False)
    drafts: str = ""


@dataclass(frozen=True, slots=True)
class Stored:
    """A file that is there. `path` is absolute, `modified` in seconds since 1970."""

    path: str
    size: int
    modified: float


class Place(ABC):
    """A folder of the lake: all of it, or one org's table. `relative` names are below it, with
    slashes; a `path` is absolute and what DuckDB reads."""

    uri: str  # what Delta opens
    options: dict[str, str] | None = None  # and how
    is_remote = False  # requests cost time and money, and others write from other machines

    @property
    @abstractmethod
    def name(self) -> str: ...

    @property
    @abstractmethod
    def parent(self) -> Place: ...

    @abstractmethod
    def __truediv__(self, name: str) -> Place: ...

    def __str__(self) -> str:
        return self.uri

    def __eq__(self, other: object) -> bool:
        return type(other) is type(self) and str(other) == self.uri

    def __hash__(self) -> int:
        return hash(self.uri)

    def path(self, relative: str) -> str:
        return f"{self.uri}/{relative}"

    def relative(self, path: str) -> str:
        """The name below this place of an absolute path."""
        return path.removeprefix(f"{self.uri}/")

    @abstractmethod
    def files(self, below: str = "") -> Iterator[Stored]:
        """All files below, in no order. None where nothing is."""

    @abstractmethod
    def look(self, relative: str) -> Stored | None:
        """One file; None when it is not there."""

    def size(self, relative: str) -> int:
        """In bytes. Raises FileNotFoundError."""
        seen = self.look(relative)
        if seen is None:
            raise FileNotFoundError(self.path(relative))
        return seen.size

    @abstractmethod
    def read(self, relative: str) -> bytes: ...

    @abstractmethod
    def write(self, relative: str, content: bytes) -> None:
        """A whole new file, durable when this returns; nobody ever sees half of it."""

    @abstractmethod
    def draft(self, relative: str) -> Path:
        """Where on this machine's disk a new data file is written."""

    @abstractmethod
    def spill(self) -> str:
        """A folder on this machine's disk, made, for what a computation cannot keep in memory."""

    @abstractmethod
    def seal(self, relative: str) -> str:
        """Put a finished draft in its place under its final name (see `lake.seals`), which is
        returned. It is durable after `settle`. May be called on several threads."""

    @abstractmethod
    def settle(self, relatives: Iterable[str]) -> None:
        """Make the names of sealed files durable."""

    @abstractmethod
    def force(self, relatives: Iterable[str]) -> None:
        """Make files durable that Delta wrote."""

    @abstractmethod
    def open(self, relative: str) -> Any:
        """What PyArrow reads a Parquet file from."""

    @abstractmethod
    def stream(self, relative: str) -> IO[bytes]:
        """A file's bytes from the beginning. Close it."""

    @abstractmethod
    def remove(self, relative: str) -> None:
        """A file or a draft, which may be gone already."""

    @abstractmethod
    def spare(self, relatives: Sequence[str]) -> None:
        """Before a commit replaces these files: note that somebody may read them for a while."""

    @abstractmethod
    def spared(self, since: float) -> set[str]:
        """Of the files that were replaced after `since` (seconds since 1970) those whose own age
        does not tell it."""

    @abstractmethod
    def remove_all(self) -> str:
        """Everything below; readers see all of it or nothing. Where something is left, or ""."""

    @abstractmethod
    def prepare(self) -> None:
        """Make it ready for a new table."""

    def lend(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Let DuckDB read the files of this place."""
        return

    def asked(self) -> AbstractContextManager[None]:
        """Around calls to Delta: what the store answers becomes a Problem."""
        return nullcontext()


class Folder(Place):
    """On the local disk."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.uri = str(folder)

    @property
    def name(self) -> str:
        return self.folder.name

    @property
    def parent(self) -> Folder:
        return Folder(self.folder.parent)

    def __truediv__(self, name: str) -> Folder:
        return Folder(self.folder / name)

    def files(self, below: str = "") -> Iterator[Stored]:
        for folder, _, names in os.walk(self.folder / below):
            for name in names:
                path = f"{folder}/{name}"
                try:
                    seen = os.stat(path)
                except FileNotFoundError:
                    continue  # gone since it was listed
                yield Stored(path, seen.st_size, seen.st_mtime)

    def look(self, relative: str) -> Stored | None:
        path = self.path(relative)
        try:
            seen = os.stat(path)
        except FileNotFoundError:
            return None
        return Stored(path, seen.st_size, seen.st_mtime)

    def read(self, relative: str) -> bytes:
        return (self.folder / relative).read_bytes()

    def write(self, relative: str, content: bytes) -> None:
        target = self.folder / relative
        target.parent.mkdir(exist_ok=True, mode=0o700)
        # Threads write the same layout at once, so a draft is one thread's.
        draft = target.with_name(f".{target.stem}.{os.getpid()}-{threading.get_native_id()}")
        with draft.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(target)
        _sync(target.parent)

    def draft(self, relative: str) -> Path:
        target = self.folder / relative
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def spill(self) -> str:
        folder = self.folder / SPILL
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        return str(folder)

    def seal(self, relative: str) -> str:
        with (self.folder / relative).open("rb") as file:
            final = sealed(relative, digest_of(file))
            os.fsync(file.fileno())
        (self.folder / relative).rename(self.folder / final)
        return final

    def settle(self, relatives: Iterable[str]) -> None:
        files = [self.folder / r for r in relatives]
        inner = {p for f in files for p in f.parents if p.is_relative_to(self.folder)}
        for folder in sorted(inner - {self.folder}, reverse=True):
            _sync(folder)

    def force(self, relatives: Iterable[str]) -> None:
        names = list(relatives)
        for name in names:
            _sync(self.folder / name)
        self.settle(names)

    def open(self, relative: str) -> Any:
        return self.folder / relative

    def stream(self, relative: str) -> IO[bytes]:
        return (self.folder / relative).open("rb")

    def remove(self, relative: str) -> None:
        (self.folder / relative).unlink(missing_ok=True)

    def spare(self, relatives: Sequence[str]) -> None:
        for relative in relatives:
            os.utime(self.folder / relative)  # they look new from now on

    def spared(self, since: float) -> set[str]:
        return set()

    def remove_all(self) -> str:
        gone = self.folder.with_name(f".deleted-{self.folder.name}")
        shutil.rmtree(gone, ignore_errors=True)  # of a removal that was cut off
        if self.folder.exists():
            self.folder.rename(gone)
        shutil.rmtree(gone, ignore_errors=True)
        return str(gone) if gone.exists() else ""

    def prepare(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True, mode=0o700)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def at_place(place: Path | Place) -> Place:
    """A path as a place."""
    return Folder(place) if isinstance(place, Path) else place


def root(url: str, store: Store | None = None) -> Place:
    """The place an ORGWARDEN_LAKE_URL names: a path, a file:// address, or s3://bucket/prefix in
    `store`."""
    parts = urlsplit(url)
    if parts.scheme == "file" and parts.netloc in ("", "localhost"):
        return Folder(Path(unquote(parts.path)))
    if parts.scheme == "s3":
        if not parts.netloc or parts.query or parts.fragment or "@" in parts.netloc:
            raise NeedsPerson(
                "ORGWARDEN_LAKE_URL names no bucket.",
                fix="Write it as s3://bucket/prefix; keys go into ORGWARDEN_LAKE_SECRET_KEY_FILE.",
                code="LAKE_URL",
            )
        from orgwarden.lake.bucket import Bucket

        return Bucket(parts.netloc, parts.path.strip("/"), store or Store())
    if parts.scheme:
        raise NeedsPerson(
            f"A lake at {parts.scheme}:// is not supported.",
            fix="Set ORGWARDEN_LAKE_URL to a folder on a local disk or to s3://bucket/prefix.",
            code="LAKE_URL",
        )
    return Folder(Path(url))
