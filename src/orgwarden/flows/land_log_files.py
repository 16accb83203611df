"""Downloading and landing log files, unit by unit.

A unit is all new files of one event type and day. Units are gathered into batches of some tens of
megabytes; the files of the next batch are downloaded while this one is landed, and the units of a
batch are landed side by side. One commit a batch.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, Future
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

from orgwarden.catalog.sources import event_log_file
from orgwarden.core.ledger import Ledger, Missing
from orgwarden.core.problems import NotThere
from orgwarden.core.source import Source
from orgwarden.core.spans import Span
from orgwarden.flows import runs
from orgwarden.flows.expiring import lane_of
from orgwarden.flows.land_unit import Landed, land_unit
from orgwarden.flows.units import LogFile, Unit, batches, units_of
from orgwarden.flows.work import Work
from orgwarden.lake.quarantine import Quarantine
from orgwarden.lake.table import LakeFile
from orgwarden.records.models import LandedFile

DOWNLOADS = 4  # at a time; Salesforce counts long ones against 25 per org
LANDINGS = 2  # units landed side by side


def land_files(work: Work, family: Source, files: Sequence[LogFile]) -> None:
    """Land all of these. Raises the first problem; what was committed before stays committed."""
    runs.pending(work.org, family.id, left := len(files))
    with (
        work.means.threads(DOWNLOADS, "download") as downloads,
        work.means.threads(LANDINGS, "landing") as landings,
    ):
        waiting: list[tuple[list[Unit], list[Future[Path | None]]]] = []
        todo = batches(units_of(files))
        try:
            while True:
                while len(waiting) < 2 and (batch := next(todo, None)) is not None:
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
                runs.pending(work.org, family.id, left := left - len(paths))
        finally:
            for _, futures in waiting:
                for future in futures:
                    future.cancel()


def _fetch(work: Work, file: LogFile) -> Path | None:
    """The file's body on disk, or None if Salesforce no longer has it."""
    target = work.spool / f"{file.id}-{file.created:%Y%m%d%H%M%S%f}.csv"
    try:
        path = f"sobjects/EventLogFile/{file.id}/LogFile"
        lane = lane_of(work, file.created)
        work.client.download(path, target, expected=file.length, lane=lane)
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
    pool: Executor,
    batch: list[Unit],
    paths: dict[str, Path | None],
) -> None:
    stored: dict[str, list[LakeFile]] = {}
    for file in work.lake.files():
        stored.setdefault(file.source, []).append(file)
    jobs = []
    for unit in batch:
        source = event_log_file.of_type(unit.event_type)
        known = [*stored.get(source.id, ()), *stored.get(Quarantine.SOURCE, ())]
        jobs.append(pool.submit(land_unit, work, source, unit, paths, known))
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
                event_type=file.event_type[:80],
                rows_read=read,
                rows_stored=stored,
            )
            for unit in landed
            for file, read, stored in unit.files
        ],
        ignore_conflicts=True,
    )
