"""Pages parsed and shaped ahead: in order, each with its end and its bad rows."""

from __future__ import annotations

from pathlib import Path

from orgwarden.lake import pages
from orgwarden.lake.layouts import Layout
from orgwarden.lake.shaping import Shaper
from tests.lake.ground import API, DAY, ORG, csv_bytes, row


def shaper(layout: Layout) -> Shaper:
    return Shaper(API, layout, org=ORG, identity="secret", day=DAY)


def test_pages_come_whole_in_order_and_each_with_its_bad_rows(tmp_path: Path) -> None:
    bodies = [
        csv_bytes([row(1), row(2)]),
        csv_bytes([row(3)]) + b'"ragged"\n',
        csv_bytes([]),
        csv_bytes([row(4)]),
    ]
    for number, body in enumerate(bodies):
        (tmp_path / str(number)).write_bytes(body)
    told: list[tuple[str, list[str]]] = []
    ids: list[str] = []
    for page, batch in pages.shaped(
        map(str, range(len(bodies))), lambda name: tmp_path / name, API.id, "API", shaper
    ):
        if batch is not None:
            ids += batch.rows.column("sf_request_id").to_pylist()
        else:
            told.append((page.told, list(page.bad)))
            (tmp_path / page.told).unlink()
    assert ids == ["R1", "R2", "R3", "R4"]
    assert told == [("0", []), ("1", ['"ragged"']), ("2", []), ("3", [])]
