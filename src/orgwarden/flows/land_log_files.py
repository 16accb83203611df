"""Downloading and landing log files, unit by unit.

A unit is all new files of one event type and day. Units are gathered into batches of some tens of
megabytes; the files of the next batch are downloaded while this one is landed, and the units of a
batch are landed side by side. One commit a batch. Big files come last, one at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import Executor, wait
from pathlib import Path

from orgwarden.catalog.sources import event_log_file
from orgwarden.core.problems import NotThere
from orgwarden.core.source import Source
from orgwarden.flows import runs
from orgwarden.flows.expiring import lane_of
from orgwarden.flows.gone_files import Fetched, tell_gone, without_gone
from orgwarden.flows.land_unit import Landed, land_unit
from orgwarden.flows.turns import TurnOver
from orgwarden.flows.units import LogFile, Unit, batches, is_big, units_of
from orgwarden.flows.work import Work
from orgwarden.lake.quarantine import Quarantine
from orgwarden.lake.table import LakeFile
from orgwarden.records.models import LandedFile
from orgwarden.salesforce import Client

DOWNLOADS = 4  # at a time; Salesforce counts long ones against 25 per org
LOOK = 1.0  # seconds to wait for downloads before looking at what is more urgent
LANDINGS = 2  # units landed side by side


def land_files(work: Work, family: Source, files: Sequence[LogFile], *, lane: str) -> None:
    """Land all of these. Raises the first problem, TurnOver among them, which comes after one
    batch at the earliest; what was committed before stays committed. `lane`: how urgent it is."""
    runs.pending(work.org, family.id, left := len(files))
    with (
        work.means.threads(DOWNLOADS, "download") as downloads,
        work.means.threads(1, "big download") as alone,
        work.means.threads(LANDINGS, "landing") as landings,
    ):
        waiting: list[Fetched] = []
        todo = list(batches(units_of(files)))
        begun = len(todo)
        try:
            while todo or waiting:
                # What is downloaded is landed before a turn ends: it was paid for.
                over = len(todo) < begun and work.turn.over()
                if over and not waiting:
                    raise TurnOver
                while todo and len(waiting) < 2 and not over:
                    batch = todo.pop(0)
                    fetched = [
                        (alone if is_big(f) else downloads).submit(
                            _fetch, work.client, work.spool, f, lane_of(work, f.created)
                        )
                        for unit in batch
                        for f in unit.files
                    ]
                    waiting.append((batch, fetched))
                batch, fetched = waiting[0]
                while wait(fetched, LOOK).not_done:
                    work.give_way(lane)
                paths = {
                    f.id: future.result()
                    for f, future in zip((f for u in batch for f in u.files), fetched, strict=True)
                }
                _land_batch(work, family, landings, batch, paths)
                del waiting[0]
                runs.pending(work.org, family.id, left := left - len(paths))
                work.give_way(lane)
        except Exception:  # DuckDB's and Arrow's too: whatever it is, a gone file is told
            tell_gone(work, family, waiting)
            raise
        finally:
            for _, futures in waiting:
                for future in futures:
                    future.cancel()


def _fetch(client: Client, spool: Path, file: LogFile, lane: str) -> Path | None:
    """The file's body on disk, or None if Salesforce no longer has it."""
    target = spool / f"{file.id}-{file.created:%Y%m%d%H%M%S%f}.csv"
    try:
        path = f"sobjects/EventLogFile/{file.id}/LogFile"
        client.download(path, target, expected=file.length, lane=lane)
    except NotThere:
        target.unlink(missing_ok=True)
        return None
    return target


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
        lambda ledger: without_gone(ledger, family, gone, whole),
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
