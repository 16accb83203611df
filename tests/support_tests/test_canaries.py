"""The search for secrets finds a planted one in every spelling, container and place."""

from __future__ import annotations

import base64
import bz2
import gzip
import io
import json
import lzma
import random
import sqlite3
import struct
import tarfile
import zipfile
import zlib
from collections.abc import Callable
from html import escape
from pathlib import Path
from shutil import rmtree
from urllib.parse import quote, quote_plus

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from tests.support.canaries import Needles, assert_absent, given_out, issued, leaks, spellings
from tests.support.fixtures import StartOrgsim

SECRET = "00D5g00000ABCDE!AQ'canary<planted>&here/and+nowhere=else._0123456789abcdef"

WAYS: dict[str, Callable[[bytes], bytes]] = {
    "raw": lambda s: s,
    "hex": lambda s: s.hex().encode(),
    "HEX": lambda s: s.hex().upper().encode(),
    "percent": lambda s: quote(s, safe="").encode(),
    "percent, lower case": lambda s: b"".join(
        b"%%%02x" % b if not chr(b).isalnum() and b not in b"._-~" else bytes([b]) for b in s
    ),
    "form": lambda s: quote_plus(s, safe="").encode(),
    "JSON": lambda s: json.dumps(s.decode()).encode(),
    "HTML": lambda s: escape(s.decode()).encode(),
    "utf-16": lambda s: s.decode().encode("utf-16"),
    "utf-16, big end first": lambda s: s.decode().encode("utf-16-be"),
    "base64": base64.b64encode,
    "base64 after one byte": lambda s: base64.b64encode(b"x" + s + b"yz"),
    "base64 after two bytes": lambda s: base64.b64encode(b"xy" + s),
    "base64 for addresses": lambda s: base64.urlsafe_b64encode(b"x" + s),
    "base64 as a password": lambda s: base64.b64encode(b"client:" + s),
    "base32": base64.b32encode,
    "cut off at the front": lambda s: s[-50:],
    "cut off at the end": lambda s: s[:50],
}


def zipped(s: bytes) -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", s)
    return made.getvalue()


def tarred(s: bytes) -> bytes:
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as archive:
        member = tarfile.TarInfo("logs/worker.log")
        member.size = len(s)
        archive.addfile(member, io.BytesIO(s))
    return made.getvalue()


def zstd(s: bytes) -> bytes:
    made = pa.BufferOutputStream()
    with pa.CompressedOutputStream(made, "zstd") as out:
        out.write(b"before " * 100 + s)
    return bytes(made.getvalue())


def parquet(compression: str) -> Callable[[bytes], bytes]:
    def make(s: bytes) -> bytes:
        made = io.BytesIO()
        table = pa.table({"n": [1, 2], "text": ["nothing" * 100, s.decode()]})
        pq.write_table(table, made, compression=compression)
        return made.getvalue()

    return make


def parquet_metadata(s: bytes) -> bytes:
    made = io.BytesIO()
    table = pa.table({"n": [1]}).replace_schema_metadata({"note": s})
    pq.write_table(table, made)
    return made.getvalue()


def picture(s: bytes) -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return (
            struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
        )

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 1, 1, 8, 0, 0, 0, 0))
    text = chunk(b"zTXt", b"Comment\0\0" + zlib.compress(s * 5))
    return b"\x89PNG\r\n\x1a\n" + header + text + chunk(b"IEND", b"")


def records(s: bytes) -> bytes:
    made = sqlite3.connect(":memory:")
    made.execute("CREATE TABLE kept (id INTEGER PRIMARY KEY, body)")
    # Long enough to lie on several pages, the secret across a border of two.
    made.execute("INSERT INTO kept (body) VALUES (?)", (b"x" * 4056 + s + b"y" * 9000,))
    made.execute("INSERT INTO kept (body) VALUES (?)", (s,))
    made.commit()
    blob = made.serialize()
    made.close()
    return blob


BOXES: dict[str, Callable[[bytes], bytes]] = {
    "gzip": lambda s: gzip.compress(b"before " * 100 + s),
    "zlib": lambda s: zlib.compress(b"before " * 100 + s),
    "bzip2": bz2.compress,
    "xz": lzma.compress,
    "zip": zipped,
    "tar.gz": tarred,
    "zstd": zstd,
    "parquet, zstd": parquet("zstd"),
    "parquet, snappy": parquet("snappy"),
    "parquet, plain": parquet("none"),
    "parquet, its metadata": parquet_metadata,
    "picture": picture,
    "sqlite": records,
    "gzip in a cell": lambda s: records(gzip.compress(s)),
    "gzip in a zip": lambda s: zipped(gzip.compress(s)),
    "parquet in a tar": lambda s: tarred(parquet("zstd")(s)),
}


@pytest.mark.parametrize("way", WAYS)
def test_a_secret_is_found_in_each_spelling(tmp_path: Path, way: str) -> None:
    (tmp_path / "file").write_bytes(b"before " + WAYS[way](SECRET.encode()) + b" after")
    found = list(leaks([SECRET], tmp_path))
    assert found
    assert all(SECRET not in str(leak) for leak in found)
    with pytest.raises(AssertionError, match="a secret .* lies"):
        assert_absent([SECRET], tmp_path)


@pytest.mark.parametrize("box", BOXES)
@pytest.mark.parametrize("way", ["raw", "base64 after one byte", "hex"])
def test_a_secret_is_found_in_each_container(tmp_path: Path, box: str, way: str) -> None:
    spelled = WAYS[way](SECRET.encode())
    blob = BOXES[box](spelled)
    (tmp_path / "file").write_bytes(blob)
    assert list(leaks([SECRET], tmp_path)), box


def test_a_secret_is_found_in_a_database_whose_journal_was_not_written_back(tmp_path: Path) -> None:
    database = sqlite3.connect(tmp_path / "records.sqlite3")
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("CREATE TABLE kept (body TEXT)")
    database.execute("INSERT INTO kept VALUES (?)", ("x" * 4056 + SECRET + "y" * 9000,))
    database.commit()
    assert list(leaks([SECRET], tmp_path))
    database.close()


def test_a_secret_is_found_in_the_name_of_a_file_and_in_a_text(tmp_path: Path) -> None:
    plain = "a-secret-that-names-a-file"
    (tmp_path / f"run-{plain}").mkdir()
    assert [leak.spelling for leak in leaks([plain], tmp_path)][:1] == ["raw"]
    (tmp_path / "run").mkdir()
    assert list(leaks([SECRET], tmp_path, gzip.compress(SECRET.encode())))


def test_what_is_taken_away_while_it_is_looked_for_is_not_left(tmp_path: Path) -> None:
    for name in ("first", "second", "third/fourth"):
        file = tmp_path / name
        file.parent.mkdir(exist_ok=True)
        file.write_text(SECRET)
    found = leaks([SECRET], tmp_path)
    assert next(found).where == "first"
    (tmp_path / "second").unlink()
    rmtree(tmp_path / "third")
    assert {leak.where for leak in found} == {"first"}


def test_a_key_is_found_by_any_of_its_lines(tmp_path: Path) -> None:
    lines = [
        f"{n:02d}" + "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQ"[:62] for n in range(8)
    ]
    key = "\n".join(["-----BEGIN PRIVATE KEY-----", *lines, "-----END PRIVATE KEY-----"])
    (tmp_path / "log").write_text(json.dumps({"note": "\n".join(lines[4:6])}))
    assert list(leaks({"private key": [key]}, tmp_path))
    (tmp_path / "log").write_text("-----BEGIN PRIVATE KEY-----\n[removed]\n")
    assert_absent({"private key": [key]}, tmp_path)


def test_a_secret_too_short_to_be_looked_for_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("nothing")
    with pytest.raises(AssertionError, match="too short"):
        assert_absent(["short"], tmp_path)
    with pytest.raises(AssertionError, match="no secret to look for"):
        assert_absent([], tmp_path)


def test_what_cannot_be_opened_is_looked_at_as_it_is(tmp_path: Path) -> None:
    for number, magic in enumerate((b"\x1f\x8b", b"PK\x03\x04", b"PAR1", b"SQLite format 3\0")):
        (tmp_path / f"broken {number}").write_bytes(magic + b" broken " + SECRET.encode())
    assert len({leak.where for leak in leaks([SECRET], tmp_path)}) == 4


def test_no_spelling_of_a_secret_is_so_short_that_chance_would_find_it() -> None:
    for spelled in spellings("a-secret-of-20-bytes").values():
        assert len(spelled) >= 16


def test_an_emulated_org_names_all_it_gave_out(shared_orgsim: StartOrgsim) -> None:
    sim = shared_orgsim(users=8, days=3, speed=0, event_monitoring="none")
    before = issued(sim)
    token = sim.token()
    told = given_out(sim, since=before)
    assert told["access token"] == [token]
    assert sim.app()["consumer_secret"] in told["consumer secret"]


@pytest.mark.parametrize("place", [0, 1, 7, 4093, 4096, 4100])
def test_many_needles_are_found_wherever_they_begin_and_end(place: int) -> None:
    rng = random.Random(place)
    needles = [rng.randbytes(length) for length in (3, 7, 8, 9, 24, 5000)]
    alike = [needles[4][:8] + b"another end", needles[4][:8]]
    hay = rng.randbytes(9000)
    sought = Needles([*needles, *alike])
    sought.PIECE = 4096
    assert [n for n in sought.found_in(hay) if n not in hay] == []
    for needle in needles:
        full = hay[:place] + needle + hay[place:]
        assert needle in set(sought.found_in(full))
        assert set(sought.found_in(full)) == {n for n in [*needles, *alike] if n in full}
        assert needle in set(sought.found_in(hay + needle))
    assert list(sought.found_in(b"")) == []
    assert set(sought.found_in(needles[2])) == {n for n in [*needles, *alike] if n in needles[2]}
