"""One backup in one file: an uncompressed tar with the paths of a folder of backups."""

from __future__ import annotations

import hashlib
import io
import os
import tarfile
from pathlib import Path
from typing import IO

from orgwarden.core.manifest import Damaged, Entry, Manifest
from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.keeping.shelf import MANIFEST, Tell, damaged, sync


class Archive:
    """An archive that is there, to read from."""

    def __init__(self, file: Path) -> None:
        self.name = str(file)
        try:
            self._tar = tarfile.open(file, "r:")  # noqa: SIM115  as long as this object
            self._members = {m.name: m for m in self._tar.getmembers() if m.isreg()}
        except (tarfile.TarError, EOFError, UnicodeDecodeError) as error:
            raise damaged(self.name, "it is not an archive that `orgwarden backup` made") from error

    def made(self) -> list[Manifest]:
        found = []
        for path in sorted(p for p in self._members if p.count("/") == 1 and p.endswith(MANIFEST)):
            try:
                found.append(Manifest.from_text(self.open(path).read().decode()))
            except (Damaged, UnicodeDecodeError) as error:
                raise damaged(f"{path} in {self.name}", str(error)) from error
        return found

    def open(self, path: str) -> IO[bytes]:
        if path not in self._members:
            raise FileNotFoundError(path)
        file = self._tar.extractfile(self._members[path])
        assert file is not None
        return file

    def end(self) -> None:
        self._tar.close()


class NewArchive:
    """An archive on its way. Until `close` it has another name, and a cut leaves nothing more."""

    def __init__(self, file: Path) -> None:
        if file.exists():
            raise NeedsPerson(
                f"{file} is there already.",
                fix="Name another file; a folder holds many backups.",
                code="BACKUP_EXISTS",
            )
        self.name, self._file = str(file), file
        self._draft = file.with_name(f".{file.name}.draft")
        self._draft.unlink(missing_ok=True)
        self._out = open(  # noqa: SIM115  as long as this object
            self._draft, "xb", opener=lambda p, f: os.open(p, f, 0o600)
        )
        self._tar = tarfile.TarFile(fileobj=self._out, mode="w", format=tarfile.PAX_FORMAT)

    def made(self) -> list[Manifest]:
        return []

    def has(self, entry: Entry) -> bool:
        return False

    def add(self, path: str, source: IO[bytes], size: int, tell: Tell) -> Entry:
        member = tarfile.TarInfo(path)
        member.mode, member.size = 0o600, size
        reading = _Read(source, tell)
        self._tar.addfile(member, reading)
        return Entry(path, member.size, reading.digest.hexdigest())

    def close(self, manifest: Manifest) -> None:
        """The backup is whole: the manifest comes last, then the archive gets its name."""
        text = manifest.to_text().encode()
        member = tarfile.TarInfo(f"{manifest.id}/{MANIFEST}")
        member.mode, member.size = 0o600, len(text)
        self._tar.addfile(member, io.BytesIO(text))
        self._tar.close()
        self._out.flush()
        os.fsync(self._out.fileno())
        self._out.close()
        self._draft.rename(self._file)
        sync(self._file.parent)

    def abandon(self) -> None:
        """Leave nothing behind."""
        self._out.close()
        self._draft.unlink(missing_ok=True)


class _Read:
    """A stream that keeps the hash of what was read of it."""

    def __init__(self, source: IO[bytes], tell: Tell) -> None:
        self._source, self._tell = source, tell
        self.digest = hashlib.sha256()

    def read(self, most: int = -1, /) -> bytes:
        block = self._source.read(most)
        self.digest.update(block)
        self._tell(len(block))
        return block
