"""The seal of a data file: its SHA-256, in its own name.

A name says what the bytes must be, wherever the file goes: to a backup, to another disk, through a
checkpoint of the log that keeps nothing else of ours. A file gets its name when it is whole and
durable, and before the commit that names it.
"""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path

_SEALED = re.compile(r"[0-9a-f]{32}-([0-9a-f]{64})\.parquet")


def seal(path: Path) -> Path:
    """Make a finished file durable and give it its final name; the folder is the caller's to sync.
    Returns the new path."""
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
    return path.rename(path.with_name(f"{path.stem}-{digest}.parquet"))


def seal_of(path: Path | str) -> str | None:
    """The SHA-256 that a name promises; None for a file without a seal (of before there were
    seals, or another program's)."""
    found = _SEALED.fullmatch(Path(path).name)
    return found[1] if found else None


def digest_of(path: Path) -> str:
    """The SHA-256 of a file's bytes, in hex."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
