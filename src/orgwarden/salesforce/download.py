"""A large body straight to a file: bounded memory, and nothing short taken for whole.

A log file that was cut at a clean boundary looks complete, so what arrives is checked three ways:
the transfer's own length (urllib3), the trailer of every gzip member, and the length that
Salesforce states for the decoded file.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from orgwarden.core.problems import Problem, TryLater
from orgwarden.salesforce.http import CHUNK, Stream

# Log text compresses 5 to 20 times. Far beyond that it is a bomb, not a log.
_BOMB_RATIO = 50
_ALWAYS_FINE = 64 * 1024 * 1024


@dataclass(frozen=True)
class Download:
    """What was written: decoded bytes, and their SHA-256 (lower-case hex) where it was asked."""

    bytes_read: int
    sha256: str | None = None


def save(
    stream: Stream,
    to: Path,
    *,
    expected: int | None,
    progress: Callable[[int], None] | None = None,
    hashed: bool = False,
) -> Download:
    """Writes the decoded body of a successful answer to `to`, replacing what was there.

    `expected` is the decoded length in bytes, None where nobody states it. `progress` is called
    with the bytes written so far. Raises TryLater for a body that is cut, too short, too long or a
    decompression bomb; what `to` holds then is worthless. A full disk raises OSError.
    """
    encoding = stream.headers.get("Content-Encoding", "identity").strip().lower() or "identity"
    digest = hashlib.sha256() if hashed else None
    written = 0
    with to.open("wb", buffering=0) as file:
        for part in _decoded(stream, encoding):
            written += len(part)
            if expected is not None and written > expected:
                raise _wrong_length(written, expected)
            _write_all(file.write, part)
            if digest is not None:
                digest.update(part)
            if progress is not None:
                progress(written)
    if expected is not None and written != expected:
        raise _wrong_length(written, expected)
    return Download(written, digest.hexdigest() if digest is not None else None)


def _write_all(write: Callable[[memoryview], int | None], part: bytes) -> None:
    left = memoryview(part)
    while left:
        left = left[write(left) or 0 :]


def _wrong_length(written: int, expected: int) -> TryLater:
    how = "longer" if written > expected else "shorter"
    return TryLater(
        f"A file came {how} than Salesforce says it is ({written:,} of {expected:,} bytes).",
        fix="It is downloaded again.",
        code="WRONG_LENGTH",
    )


def _decoded(stream: Stream, encoding: str) -> Iterator[bytes]:
    if encoding in ("gzip", "x-gzip"):
        yield from _gunzipped(stream)
    elif encoding == "identity":
        while part := stream.read_raw():
            yield part
    else:
        raise Problem(
            f"Salesforce sent a file in the encoding “{encoding[:20]}”, which was not asked for.",
            fix="If a proxy stands between, exempt Salesforce from it.",
            code="UNKNOWN_ENCODING",
        )


def _gunzipped(stream: Stream) -> Iterator[bytes]:
    """The body of one gzip member or several. Every member must end with its trailer."""
    on_wire = decoded = 0
    inflate: zlib._Decompress | None = None
    try:
        while wire := stream.read_raw():
            on_wire += len(wire)
            while wire:
                if inflate is None:
                    inflate = zlib.decompressobj(wbits=31)  # gzip header and trailer
                part = inflate.decompress(wire, CHUNK)
                wire = inflate.unconsumed_tail
                if inflate.eof:
                    wire, inflate = inflate.unused_data, None
                decoded += len(part)
                if decoded > _ALWAYS_FINE and decoded > _BOMB_RATIO * on_wire:
                    raise Problem(
                        f"A file grows more than {_BOMB_RATIO} times when it is unpacked.",
                        fix="No log file does that; Orgwarden left it alone.",
                        code="DECOMPRESSION_BOMB",
                    )
                if part:
                    yield part
    except zlib.error:
        raise TryLater("A file was damaged on the way.", code="CUT_SHORT") from None
    if inflate is not None:
        raise TryLater("A file was cut off on the way.", code="CUT_SHORT")
