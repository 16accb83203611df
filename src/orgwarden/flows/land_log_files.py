"""Downloading and landing log files, unit by unit.

A unit is all new files of one event type and day. Units are gathered into batches of some tens of
megabytes; the files of the next batch are downloaded while this one is landed, and the units of a
batch are landed side by side. One commit a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path

from orgwarden.catalog.sources import event_log_file
from orgwarden.core.ledger import Ledger, Missing
from orgwarden.core.problems import NotThere
from orgwarden.core.source import Source
from orgwarden.core.spans import Span
from orgwarden.flows.work import Work
from orgwarden.lake import wire
from orgwarden.lake.landing import Landing
from orgwarden.lake.table import LakeFile
from orgwarden.records.models import LandedFile

BATCH_BYTES = 96 << 20
BATCH_FILES = 400
DOWNLOADS = 4  # at a time; Salesforce counts long ones against 25 per org
LANDINGS = 2  # units landed side by side


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of the list. `log_date` is the day or hour it covers, `length` its bytes."""

    id: str
    event_type: str
    log_date: datetime
    created: datetime
    length: int
    interval: str
    sequence: int


@dataclass(frozen=True)
class Unit:
    """New files of one event type and day, in order of creation."""

    event_type: str
    files: tuple[LogFile, ...]

    @property
    def length(self) -> int:
        return sum(f.length for f in self.files)


@dataclass(frozen=True)
class Landed:
    source: Source
    landing: Landing
    files: tuple[tuple[LogFile, int, int], ...]  # with rows read and stored


def land_files(work: Work, family: Source, files: Sequence[LogFile]) -> None:
    """Land all of these. Raises the first problem; what was committed before stays committed."""
    with (
        ThreadPoolExecutor(DOWNLOADS, "download") as downloads,
        ThreadPoolExecutor(LANDINGS, "landing") as landings,
    ):
        waiting: list[tuple[list[Unit], list[Future[Path | None]]]] = []
        batches = iter(_batches(_units(files)))
        try:
            while True:
                while len(waiting) < 2 and (batch := next(batches, None)) is not None:
                    wanted = [f for unit in batch for f in unit.files]
                    waiting.append((batch, [downloads.submit(_fetch, work, f) for f in wanted]))
                if not waiting:
                    return
                batch, fetched = waiting.pop(0)
                paths = {
                    f.id: future.result()
                    for f, future in zip((f for u in batch for f in u.files), fetched, strict=True)
                }
                _land_batch(work, family, landings, batch, paths)
        finally:
            for _, futures in waiting:
                for future in futures:
                    future.cancel()


def _units(files: Sequence[LogFile]) -> list[Unit]:
    """Newest day first; within a unit the daily file first, because it is the whole day."""
    grouped: dict[tuple[str, str], list[LogFile]] = {}
    for file in files:
        grouped.setdefault((file.log_date.date().isoformat(), file.event_type), []).append(file)
    return [
        Unit(kind, tuple(sorted(grouped[day, kind], key=lambda f: (f.interval, f.created, f.id))))
        for day, kind in sorted(grouped, reverse=True)
    ]


def _batches(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    batch: list[Unit] = []
    size = count = 0
    for unit in units:
        if batch and (size + unit.length > BATCH_BYTES or count + len(unit.files) > BATCH_FILES):
            yield batch
            batch, size, count = [], 0, 0
        batch.append(unit)
        size += unit.length
        count += len(unit.files)
    if batch:
        yield batch


def _fetch(work: Work, file: LogFile) -> Path | None:
    """The file's body on disk, or None if Salesforce no longer has it."""
    target = work.spool / f"{file.id}-{file.created:%Y%m%d%H%M%S%f}.csv"
    try:
        work.client.download(
            f"sobjects/EventLogFile/{file.id}/LogFile", target, expected=file.length
        )
    except NotThere:
        target.unlink(missing_ok=True)
        return None
    return target


def _without_gone(
    ledger: Ledger, family: Source, gone: Sequence[LogFile], whole: set[tuple[str, datetime]]
) -> Ledger:
    """A listed file that was gone when it was fetched leaves a hole, until a daily file of its
    day lands: Salesforce replaces files, and people may delete them."""
    was = ledger.of(family.id)
    day = timedelta(days=1)
    kept = tuple(
        m
        for m in was.missing
        if not any(m.why.startswith(f"{t}: ") and d <= m.span.start < d + day for t, d in whole)
    )
    holes = tuple(
        Missing(
            Span(f.log_date, f.log_date + (day if f.interval == "Daily" else timedelta(hours=1))),
            f"{f.event_type}: Salesforce listed a log file and no longer had it.",
        )
        for f in gone
    )
    return ledger.with_source(family.id, replace(was, missing=(*kept, *holes)))


def _land_batch(
    work: Work,
    family: Source,
    pool: ThreadPoolExecutor,
    batch: list[Unit],
    paths: dict[str, Path | None],
) -> None:
    jobs = []
    for unit in batch:
        source = event_log_file.of_type(unit.event_type)
        jobs.append(pool.submit(_land_unit, work, source, unit, paths, work.stored(source)))
    landed: list[Landed] = []
    try:
        landed = [job.result() for job in jobs]
    except BaseException:
        for job in jobs:
            if not job.cancel() and job.exception() is None:
                job.result().landing.abandon()
        raise
    finally:
        for path in paths.values():
            if path is not None:
                path.unlink(missing_ok=True)
    gone = [f for u in batch for f in u.files if paths[f.id] is None]
    whole = {
        (f.event_type, f.log_date)
        for u in batch
        for f in u.files
        if f.interval == "Daily" and paths[f.id] is not None
    }
    work.commit(
        [(unit.source, unit.landing) for unit in landed],
        lambda ledger: _without_gone(ledger, family, gone, whole),
    )
    LandedFile.objects.bulk_create(
        [
            LandedFile(
                org=work.org,
                file_id=file.id,
                created=file.created,
                event_type=file.event_type,
                rows_read=read,
                rows_stored=stored,
            )
            for unit in landed
            for file, read, stored in unit.files
        ],
        ignore_conflicts=True,
    )


def _land_unit(
    work: Work,
    source: Source,
    unit: Unit,
    paths: dict[str, Path | None],
    stored: list[LakeFile],
) -> Landed:
    """Land a unit's files; start it again if a file needs a larger block or is not UTF-8."""
    block = wire.BLOCK
    cleaned: set[str] = set()
    while True:
        landing = work.landing(source, stored=stored, block=block)
        done = []
        path = None
        try:
            for file in unit.files:
                path = paths[file.id]
                if path is None:
                    continue
                counts = landing.land_csv(
                    path,
                    unit.event_type,
                    day=file.log_date.date(),
                    from_file=file.id,
                    compare_within=len(unit.files) > 1,
                )
                done.append((file, counts.read, counts.stored))
            return Landed(source, landing, tuple(done))
        except wire.RowTooLong:
            landing.abandon()
            if block >= wire.LARGEST_BLOCK:
                raise
            block *= 8
        except wire.NotUtf8:
            landing.abandon()
            if path is None or path.name in cleaned:
                raise
            cleaned.add(path.name)
            wire.to_utf8(path, path.with_suffix(".utf8"))
            path.with_suffix(".utf8").replace(path)
        except BaseException:
            landing.abandon()
            raise
