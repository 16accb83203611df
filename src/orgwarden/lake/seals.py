"""The seal of a data file: its SHA-256, in its own name.

A name says what the bytes must be, wherever the file goes: to a backup, to another disk, through a
checkpoint of the log that keeps nothing else of ours. A file gets its name when it is whole and
durable, and before the commit that names it.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from typing import Any

_SEALED = re.compile(r"[0-9a-f]{32}-([0-9a-f]{64})\.parquet")


def sealed(path: str, digest: str) -> str:
    """The final name of a finished file."""
    return f"{path.removesuffix('.parquet')}-{digest}.parquet"


def seal_of(path: Path | str) -> str | None:
    """The SHA-256 that a name promises; None for a file without a seal (of before there were
    seals, or another program's)."""
    found = _SEALED.fullmatch(Path(path).name)
    return found[1] if found else None


def digest_of(file: Any) -> str:
    """The SHA-256 of the bytes of an open file, in hex."""
    return hashlib.file_digest(file, "sha256").hexdigest()
