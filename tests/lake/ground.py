"""Small things that the lake's tests are made of: a source, a file, a landing, a commit."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from orgwarden.catalog.sources import event_log_file
from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Source
from orgwarden.core.spans import Span
from orgwarden.lake.landing import Counts, Landing
from orgwarden.lake.place import Place
from orgwarden.lake.quarantine import Quarantine
from orgwarden.lake.reading import Reader
from orgwarden.lake.table import LakeFile, OrgLake, Part
from orgwarden.lake.wire import BLOCK

ORG = "0123456789ab"
DAY = date(2026, 3, 18)
API = event_log_file.of_type("API")
LOGOUT = event_log_file.of_type("Logout")
HEADER = ("EVENT_TYPE", "TIMESTAMP", "REQUEST_ID")


def row(n: int = 0, *, kind: str = "API", day: date = DAY) -> tuple[str, ...]:
    return (kind, f"{day:%Y%m%d}1200{n % 60:02}.000", f"R{n}")


def csv_bytes(rows: Iterable[Sequence[str]], header: Sequence[str] = HEADER) -> bytes:
    """A log file as Salesforce writes one: everything quoted."""
    lines = [",".join('"' + v.replace('"', '""') + '"' for v in r) for r in (header, *rows)]
    return ("\n".join(lines) + "\n").encode()


def stored_files(lake: OrgLake, source: Source) -> list[LakeFile]:
    return [*lake.files(source.id), *lake.files(Quarantine.SOURCE)]


def landing(lake: OrgLake, source: Source = API, *, block: int = BLOCK) -> Landing:
    return Landing(
        lake.place,
        stored_files(lake, source),
        source,
        org=lake.place.name,
        identity=lake.identity,
        seq=lake.ledger().seq + 1,
        block=block,
    )


def land(
    lake: OrgLake,
    bodies: Sequence[bytes],
    *,
    epoch: int = 1,
    source: Source = API,
    day: date = DAY,
    block: int = BLOCK,
) -> list[Counts]:
    """Land files of one source in one commit, as a collection does."""
    lake.refresh()
    made = landing(lake, source, block=block)
    counts = []
    for n, body in enumerate(bodies):
        with tempfile.NamedTemporaryFile(suffix=".csv") as file:
            path = Path(file.name)
            path.write_bytes(body)
            counts.append(made.land_csv(path, source.object, day=day, from_file=f"0AT{n:015}"))
    commit(lake, made, epoch, source)
    return counts


def commit(
    lake: OrgLake,
    made: Landing,
    epoch: int,
    source: Source = API,
    change: Callable[[Ledger], Ledger] = lambda ledger: ledger,
) -> list[Part]:
    ledger = lake.ledger()
    counts = made.counts
    ledger = replace(ledger, seq=ledger.seq + 1).counted(
        source.id,
        stored=counts.stored,
        duplicate=counts.duplicate,
        quarantined=counts.quarantined,
    )
    parts = made.finish()
    lake.ensure_columns(made.columns, epoch)
    lake.commit(parts, change(ledger), epoch)
    return parts


def advance(ledger: Ledger, source: str = "login_history", hours: int = 1) -> Ledger:
    """The ledger with a complete range a little longer."""
    start = datetime(2026, 3, 1, tzinfo=UTC)
    was = ledger.of(source)
    end = (was.cursor or start) + timedelta(hours=hours)
    moved = replace(was, backfill_from=start, complete=was.complete.add(Span(start, end)))
    return replace(ledger, seq=ledger.seq + 1).with_source(source, moved)


def new_lake(root: Place | Path, epoch: int = 1) -> OrgLake:
    lake = OrgLake.open_or_create(root / ORG)
    lake.take(epoch)
    return lake


def query(lake: OrgLake, sql: str) -> list[tuple[object, ...]]:
    """The answer to our own SQL, as rows."""
    with Reader(lake.place.parent, [lake.place.name]) as reader:
        table = reader.run(sql)
    return list(zip(*(c.to_pylist() for c in table.columns), strict=True))
