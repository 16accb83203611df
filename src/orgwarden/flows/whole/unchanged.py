"""Whether a whole reading is, byte for byte, the one before it: then nothing has to be compared.

Most things that are read whole are as they were the last time. The ledger keeps a digest of the
last whole reading, beside the cursor and in the same commit; a reading that began with another one
commits without it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain

import msgspec

from orgwarden.flows.whole.reading import Part, Reading


@dataclass(frozen=True)
class Digested:
    """`digest` is "" for a reading in several parts or of a part only."""

    digest: str
    records: int
    parts: Iterator[Part]


class _Records(msgspec.Struct):
    records: list[msgspec.Raw]


def digested(reading: Reading) -> Digested:
    """The first part of a reading looked at, and all its parts to read on."""
    bodies, last = first = next(reading.parts)
    again = chain([first], reading.parts)
    if not (last and reading.whole):
        return Digested("", 0, again)
    found = hashlib.blake2b(",".join(reading.names).encode(), digest_size=16)
    records = 0
    for body in bodies:
        page = msgspec.json.decode(body, type=_Records).records
        found.update(b"\n" + b"\n".join(page))
        records += len(page)
    return Digested(found.hexdigest(), records, again)
