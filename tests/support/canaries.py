"""Secrets as careless code could have written them, and the search for them in all that is left.

`assert_absent(secrets, folder)` looks through every file under a folder, opened as far as it can be
(archives, compressed streams, Parquet, SQLite, pictures), for every spelling of every secret.
`given_out(sim)` names what an emulated org gave out; add what the test itself typed in.
"""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote, quote_plus

import numpy as np
import numpy.typing as npt

from tests.support.opened import contents, database

if TYPE_CHECKING:
    from tests.support.orgsim import OrgsimServer

SHORTEST = 12  # what is shorter is found by chance
PIECE = 24  # of a long secret: cut off at the front or the end it is a leak too
PEM_LINE = 40


@dataclass(frozen=True)
class Leak:
    """A secret found. It does not hold the secret, so that it can be shown."""

    kind: str
    spelling: str
    where: str

    def __str__(self) -> str:
        return f"a secret ({self.kind}) lies {self.spelling} in {self.where}"


def spellings(canary: str) -> dict[str, bytes]:
    """The canary raw, in hex, percent-encoded, in JSON and HTML, in UTF-16 and in base64 at three
    alignments."""
    plain = canary.encode()
    percent = quote(canary, safe="")
    found = {
        "raw": plain,
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "percent": percent.encode(),
        "percent, lower case": _lower_percent(percent).encode(),
        "form": quote_plus(canary, safe="").encode(),
        "JSON": json.dumps(canary)[1:-1].encode(),
        "HTML": escape(canary).encode(),
        "script": _unicode_escaped(canary).encode(),
        "utf-16": canary.encode("utf-16-le"),
        "utf-16, big end first": canary.encode("utf-16-be"),
        "base32": base64.b32encode(plain).rstrip(b"=")[:-1],
    }
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + plain)
        inner = coded[4 if shift else 0 : -4]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    if len(canary) >= 2 * PIECE:
        for start in range(0, len(plain) - PIECE + 1, PIECE):
            found[f"in a piece from {start}"] = plain[start : start + PIECE]
    return found


def _lower_percent(percent: str) -> str:
    """`%2F` as `%2f`, the rest as it is."""
    head, *rest = percent.split("%")
    return head + "".join(f"%{part[:2].lower()}{part[2:]}" for part in rest)


def _unicode_escaped(text: str) -> str:
    """As scripts in pages spell what HTML would read."""
    return "".join(ch if ch.isalnum() else f"\\u{ord(ch):04X}" for ch in text)


def given_out(sim: OrgsimServer, *, since: int = 0) -> dict[str, list[str]]:
    """Every secret that an emulated org gave out, by kind; `since`: see its `issued`."""
    found: dict[str, list[str]] = {}
    for secret in sim.secrets(since):
        found.setdefault(secret["kind"], []).append(secret["value"])
    return found


def issued(sim: OrgsimServer) -> int:
    """How many secrets an emulated org has given out so far."""
    return sim.issued()


def leaks(
    secrets: Mapping[str, Iterable[str]] | Iterable[str],
    folder: Path,
    *texts: bytes,
    largest: int | None = None,
) -> Iterator[Leak]:
    """Every secret that lies in a file under `folder`, in a file's name, or in one of the texts.
    Parquet files of more than `largest` bytes are left out."""
    sought: dict[bytes, tuple[str, str]] = {}  # spellings that look the same are sought once
    for kind, canary in _each(secrets):
        for name, spelling in spellings(canary).items():
            sought.setdefault(spelling, (kind, name))
    needles = Needles(sought)
    for where, blob in _all(folder, texts, largest):
        for spelling in needles.found_in(blob):
            kind, name = sought[spelling]
            yield Leak(kind, name, where)


class Needles:
    """Many texts sought at once: looking for hundreds of them one by one takes longer than the
    tests that leave something behind. Where the first eight bytes of any of them lie is found in
    one pass; those alone are looked for as a whole.
    """

    START = 8
    PIECE = 4 << 20  # bytes looked through at a time

    def __init__(self, needles: Iterable[bytes]) -> None:
        self._short: list[bytes] = []
        self._by_start: dict[int, list[bytes]] = {}
        for needle in needles:
            if len(needle) < self.START:
                self._short.append(needle)
            else:
                start = int(np.frombuffer(needle[: self.START], np.uint64)[0])
                self._by_start.setdefault(start, []).append(needle)
        self._starts = np.array(sorted(self._by_start), np.uint64)
        self._first_two = np.zeros(1 << 16, bool)
        for [needle, *_] in self._by_start.values():
            self._first_two[needle[0] | needle[1] << 8] = True

    def found_in(self, blob: bytes) -> Iterator[bytes]:
        """The texts that lie in `blob`."""
        yield from (needle for needle in self._short if needle in blob)
        starts: set[int] = set()
        for begin in range(0, len(blob) - self.START + 1, self.PIECE):
            piece = np.frombuffer(blob[begin : begin + self.PIECE + self.START - 1], np.uint8)
            starts |= self._starts_in(piece)
        for start in sorted(starts):
            yield from (needle for needle in self._by_start[start] if needle in blob)

    def _starts_in(self, piece: npt.NDArray[np.uint8]) -> set[int]:
        two = piece[: 1 - self.START] | piece[1 : 2 - self.START].astype(np.uint16) << 8
        likely = np.flatnonzero(self._first_two[two])
        if not len(likely):
            return set()
        eight = piece[likely[:, None] + np.arange(self.START)].view(np.uint64).ravel()
        nearest = np.searchsorted(self._starts[:-1], eight)
        return set(eight[self._starts[nearest] == eight].tolist())


def assert_absent(
    secrets: Mapping[str, Iterable[str]] | Iterable[str], folder: Path, *texts: bytes
) -> None:
    """No secret lies anywhere under `folder`, nor in any of the texts."""
    assert any(True for _ in _all(folder, texts)), f"{folder} holds nothing to look at"
    assert any(True for _ in _each(secrets)), "there is no secret to look for"
    found = sorted({str(leak) for leak in leaks(secrets, folder, *texts)})
    assert not found, "\n".join(found)


def _each(secrets: Mapping[str, Iterable[str]] | Iterable[str]) -> Iterator[tuple[str, str]]:
    """Kind and text of each secret; a key in PEM is sought line by line."""
    named = secrets if isinstance(secrets, Mapping) else {"canary": secrets}
    for kind, values in named.items():
        for value in dict.fromkeys(values):
            if "-----BEGIN" in value:
                lines = [line for line in value.splitlines() if not line.startswith("-----")]
                assert len(lines) > 2
                yield from ((kind, line) for line in lines[1:] if len(line) >= PEM_LINE)
                continue
            assert len(value) >= SHORTEST, f"a {kind} is too short to be looked for"
            yield kind, value


def _under(folder: Path) -> Iterator[Path]:
    """Files and folders, also while a process makes and removes some; `rglob` fails then."""
    for parent, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted([*folders, *files]):
            yield Path(parent, name)


def _all(
    folder: Path, texts: Iterable[bytes], largest: int | None = None
) -> Iterator[tuple[str, bytes]]:
    for file in _under(folder):
        name = str(file.relative_to(folder))
        yield f"the name {name!r}", name.encode()
        try:
            if not file.is_file():
                continue
            if largest is not None and file.suffix == ".parquet" and file.stat().st_size > largest:
                continue
            blob = file.read_bytes()
        except FileNotFoundError:
            continue  # a process that still runs took it away: it is not left
        yield from contents(name, blob)
        if blob.startswith(b"SQLite format 3\0") and file.with_name(file.name + "-wal").exists():
            yield from contents(f"{name} with its journal", database(file))
    for number, text in enumerate(texts):
        yield from contents(f"text {number}", text)
