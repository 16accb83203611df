"""What lies inside a file: the members of archives, unpacked streams, cells of tables.

`contents(name, blob)` gives the blob itself and all that it holds, whatever it is called: the first
bytes say what a file is.
"""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import sqlite3
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

Parts = Iterator[tuple[str, bytes]]
DEEPEST = 4  # an archive in an archive in …
LARGEST = 256 * 1024 * 1024  # of what one stream unpacks to


def contents(name: str, blob: bytes, depth: int = 0) -> Parts:
    yield name, blob
    if depth >= DEEPEST:
        return
    for magic, opener in OPENERS:
        if blob.startswith(magic):
            try:
                for part, inner in opener(blob):
                    yield from contents(f"{name}!{part}", inner, depth + 1)
            except UNREADABLE:
                continue  # not what it seemed; its bytes were given above
    if _is_tar(blob):
        for part, inner in _tar(blob):
            yield from contents(f"{name}!{part}", inner, depth + 1)


UNREADABLE = (
    OSError,
    EOFError,
    ValueError,
    zlib.error,
    lzma.LZMAError,
    zipfile.BadZipFile,
    tarfile.TarError,
    struct.error,
    sqlite3.DatabaseError,
    pa.ArrowException,
    NotImplementedError,
)


def _gzip(blob: bytes) -> Parts:
    with gzip.GzipFile(fileobj=io.BytesIO(blob)) as packed:
        yield "gzip", packed.read(LARGEST)


def _bzip2(blob: bytes) -> Parts:
    yield "bzip2", bz2.decompress(blob)


def _xz(blob: bytes) -> Parts:
    yield "xz", lzma.decompress(blob)


def _zlib(blob: bytes) -> Parts:
    yield "zlib", zlib.decompressobj().decompress(blob, LARGEST)


def _zstd(blob: bytes) -> Parts:
    with pa.CompressedInputStream(pa.BufferReader(blob), "zstd") as packed:
        yield "zstd", packed.read(LARGEST)


def _zip(blob: bytes) -> Parts:
    with zipfile.ZipFile(io.BytesIO(blob)) as archive:
        for member in archive.infolist():
            if not member.is_dir():
                yield member.filename, archive.read(member)


def _is_tar(blob: bytes) -> bool:
    return blob[257:262] == b"ustar"


def _tar(blob: bytes) -> Parts:
    with tarfile.open(fileobj=io.BytesIO(blob)) as archive:
        for member in archive:
            inner = archive.extractfile(member)
            if inner is not None:
                yield member.name, inner.read()


def _parquet(blob: bytes) -> Parts:
    """Every value of every column, and what the file says of itself."""
    file = pq.ParquetFile(pa.BufferReader(blob))
    yield "metadata", repr(file.metadata.metadata).encode() + str(file.schema_arrow).encode()
    texts = [f.name for f in file.schema_arrow if not _is_plain(f.type)]
    if not texts:
        return
    for batch in file.iter_batches(columns=texts):
        yield from _cells("values", [cell for c in batch.columns for cell in _values(c)])


def _values(column: pa.Array) -> list[Any]:
    """The values of a column; of texts each once, which is most of them saved."""
    if pa.types.is_string(column.type):
        column = column.unique()
    values: list[Any] = column.to_pylist()
    return values


def _sqlite(blob: bytes) -> Parts:
    """Every cell: long values lie in pieces on several pages of the file."""
    with tempfile.NamedTemporaryFile(suffix=".sqlite3") as copy:
        copy.write(blob)
        copy.flush()
        database = sqlite3.connect(f"file:{copy.name}?mode=ro&immutable=1", uri=True)
        try:
            database.text_factory = bytes
            query = "SELECT name FROM sqlite_master WHERE type = 'table'"
            for (raw,) in database.execute(query).fetchall():
                table = raw.decode()
                rows = database.execute(f'SELECT * FROM "{table}"')
                yield from _cells(table, [cell for row in rows for cell in row])
        finally:
            database.close()


def _is_plain(kind: pa.DataType) -> bool:
    """Numbers, times and truths: nothing that a text could lie in."""
    return bool(pa.types.is_primitive(kind) or pa.types.is_null(kind))


def _cells(name: str, cells: list[Any]) -> Parts:
    """Cells as one text, and each that may hold something packed on its own."""
    told = [_bytes(cell) for cell in cells if cell is not None]
    yield name, b"\n".join(told)
    for cell in told:
        if cell.startswith(MAGICS) or _is_tar(cell):
            yield name, cell


def _png(blob: bytes) -> Parts:
    """The texts in a picture, packed ones too."""
    at = 8
    while at + 8 <= len(blob):
        length, kind = struct.unpack(">I4s", blob[at : at + 8])
        body = blob[at + 8 : at + 8 + length]
        if kind in (b"zTXt", b"iTXt") and b"\0" in body:
            rest = body[body.index(b"\0") :]
            for start in range(min(len(rest), 64)):
                if rest[start : start + 1] == b"\x78":
                    try:
                        yield kind.decode(), zlib.decompress(rest[start:])
                        break
                    except zlib.error:
                        continue
        at += 12 + length


def _bytes(value: object) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "surrogatepass")


def database(file: Path) -> bytes:
    """A SQLite file with what its journal still holds, as one blob."""
    made = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=60)
    try:
        return made.serialize()
    finally:
        made.close()


OPENERS: tuple[tuple[bytes, Callable[[bytes], Parts]], ...] = (
    (b"\x1f\x8b", _gzip),
    (b"BZh", _bzip2),
    (b"\xfd7zXZ\0", _xz),
    (b"\x28\xb5\x2f\xfd", _zstd),
    (b"\x78\x01", _zlib),
    (b"\x78\x5e", _zlib),
    (b"\x78\x9c", _zlib),
    (b"\x78\xda", _zlib),
    (b"PK\x03\x04", _zip),
    (b"PAR1", _parquet),
    (b"SQLite format 3\0", _sqlite),
    (b"\x89PNG\r\n\x1a\n", _png),
)
MAGICS = tuple(magic for magic, _ in OPENERS)
