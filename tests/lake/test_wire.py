"""From bytes to columns, compared with Python's csv and json."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from orgwarden.lake import wire
from orgwarden.lake.layouts import Layout
from orgwarden.lake.shaping import session

LAYOUT = Layout("s", "S", ("A", "B"))
FIELD = st.text(st.sampled_from('ab ",;\n\r\u2028é'), max_size=6)


def parsed(body: bytes, *, block: int = wire.BLOCK) -> tuple[list[tuple[str, ...]], list[str]]:
    """The rows and the raw text of the bad ones."""
    bad: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x.csv"
        path.write_bytes(body)
        batches = list(wire.csv_batches(path, LAYOUT, bad.append, block=block))
    columns = [[v for b in batches for v in b.column(n).to_pylist()] for n in LAYOUT.stored]
    return [tuple(v or "" for v in row) for row in zip(*columns, strict=True)], bad


@given(st.lists(st.tuples(FIELD, FIELD), max_size=6), st.sampled_from(("\n", "\r\n")))
@settings(deadline=None, max_examples=150)
def test_rows_are_those_python_reads(rows: list[tuple[str, str]], end: str) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, lineterminator=end, quoting=csv.QUOTE_ALL).writerows([("A", "B"), *rows])
    assert parsed(out.getvalue().encode()) == (rows, [])


@pytest.mark.parametrize("block", [wire.BLOCK, wire.LEAN_BLOCK])
def test_the_last_block_that_is_tried_is_the_largest(block: int) -> None:
    tried = [block]
    with pytest.raises(wire.RowTooLong, match="512 MiB"):
        while True:
            tried.append(wire.larger(tried[-1]))
    assert tried == sorted(set(tried))
    assert tried[-1] == wire.LARGEST_BLOCK


def test_rows_longer_than_a_block_are_named_so_that_a_larger_block_can_read_them() -> None:
    body = b'"A","B"\n"1","' + b"x" * 9000 + b'"\n'
    with pytest.raises(wire.RowTooLong):
        parsed(body, block=1024)
    assert parsed(body, block=1 << 16)[0] == [("1", "x" * 9000)]


@pytest.mark.fault("D11")
def test_bytes_that_are_not_utf_8_are_named_and_spelled_out_across_pieces(tmp_path: Path) -> None:
    with pytest.raises(wire.NotUtf8):
        parsed(b'"A","B"\n"caf\xe9","1"\n')
    before, after = tmp_path / "before", tmp_path / "after"
    long = b"x" * ((1 << 20) - 1)
    before.write_bytes(long + "é".encode() + b"\xe9\r\n\xff")
    wire.to_utf8(before, after)
    assert after.read_bytes() == long + "é".encode() + b"\\xe9\r\n\\xff"


@pytest.mark.parametrize(
    ("body", "header", "rest"),
    [
        (b"", (), 0),
        (b"\r\n", (), 0),
        (b"\xef\xbb\xbfA,B\r\n1,2\r\n", ("A", "B"), 5),
        (b'"A ""x""","B,C"\n', ('A "x"', "B,C"), 0),
        (b"A,A,a\n1,2,3\n", ("A", "A", "a"), 6),
    ],
)
def test_a_header_is_read_with_what_follows_it(
    tmp_path: Path, body: bytes, header: tuple[str, ...], rest: int
) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(body)
    assert wire.read_header(path) == (header, rest)


def test_bulk_times_take_the_form_of_rest(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_bytes(b"A,B\n2026-03-18T12:00:00.000Z,2026-03-18T12:00:00.000Z\n")
    (batch,) = wire.csv_batches(path, LAYOUT, print, time_fields=["sf_a"])
    assert batch.to_pylist() == [
        {"sf_a": "2026-03-18T12:00:00.000+0000", "sf_b": "2026-03-18T12:00:00.000Z"}
    ]


def test_json_keeps_the_text_of_numbers_and_reaches_into_parents() -> None:
    records = [
        {"Id": "1", "Profile": {"Name": "Admin"}, "N": 1.25, "Ok": True},
        {"Id": "2", "Profile": None, "N": None, "Ok": False},
    ]
    page = json.dumps({"records": records}).encode()
    layout = Layout("s", "S", ("Id", "Profile.Name", "N", "Ok"))
    with session() as connection:
        rows = wire.json_rows(connection, [page, b'{"records": []}'], layout).to_pylist()
    assert [tuple(r.values()) for r in rows] == [
        ("1", "Admin", "1.25", "true"), ("2", None, None, "false")
    ]  # fmt: skip
