"""One source's run: read it, and record how it ended, whatever that was."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta

from orgwarden.core.grants import labelled
from orgwarden.core.problems import (
    UNKNOWN_ERROR,
    Contained,
    GrantExpired,
    LostLease,
    NotAllowed,
    Problem,
)
from orgwarden.core.source import Kind, Source
from orgwarden.flows import room, runs
from orgwarden.flows.outcomes import STOPPED, Outcome, of_disk, of_problem
from orgwarden.flows.permissions import unmet
from orgwarden.flows.read_event_store import read_event_store
from orgwarden.flows.read_limits import read_limits
from orgwarden.flows.read_log_files import read_log_files
from orgwarden.flows.read_rows import read_rows
from orgwarden.flows.read_snapshot import read_snapshot
from orgwarden.flows.turns import TURN
from orgwarden.flows.work import Work
from orgwarden.records.models import Run

log = logging.getLogger(__name__)

READERS = {
    Kind.ROWS: read_rows,
    Kind.LOG_FILES: read_log_files,
    Kind.SNAPSHOT: read_snapshot,
    Kind.EVENT_STORE: read_event_store,
    Kind.LIMITS: read_limits,
}
UNLICENSED = timedelta(days=1)  # a licence does not come by the hour, and asking is a call


def run_source(work: Work, source: Source, trigger: str) -> Outcome:
    """Run one source and record how it ended. Raises LostLease and problems of the grant only:
    then all must stop, because each further source would only ask for a token once more."""
    clock = work.means.clock
    run = work.run = runs.begin(work.org, source.id, trigger, clock())
    work.meter.source = source.id
    found = Outcome(source.id, Run.Outcome.DONE)
    try:
        room.check()
        work.look_again()
        work.settle(source.id)
        if dark := unmet(work, source):
            raise NotAllowed(dark.what, fix=dark.fix, code="PERMISSION_MISSING")
        found = Outcome(source.id, Run.Outcome.DONE, reason=READERS[source.kind](work, source))
    except LostLease as problem:
        runs.end(run, Run.Outcome.LOST, reason=problem.what, calls=work.meter.made, now=clock())
        raise
    except (KeyboardInterrupt, SystemExit):
        runs.end(run, Run.Outcome.LOST, reason=STOPPED, calls=work.meter.made, now=clock())
        raise
    except (GrantExpired, Contained) as problem:
        what, calls = labelled(problem), work.meter.made
        runs.end(run, Run.Outcome.FAILED, reason=what, fix=problem.fix, calls=calls, now=clock())
        raise
    except Problem as problem:
        found = of_problem(source.id, problem, clock())
    except OSError as error:
        work.beat.check()  # whoever took over has removed our downloads: no trouble of the disk
        found = of_disk(source.id, error)
    except Exception:
        # A bug of ours must not blind the other sources; it is shown, never swallowed.
        log.exception("collecting %s failed", source.id)
        found = Outcome(
            source.id,
            Run.Outcome.FAILED,
            reason="Orgwarden met an error it does not know.",
            fix=UNKNOWN_ERROR,
            code="UNEXPECTED",
        )
    finally:
        work.run = None
    unlicensed = source.kind is Kind.EVENT_STORE and found.code == "INVALID_TYPE"
    rest = UNLICENSED if unlicensed else timedelta()
    run.calls, work.meter.made = work.meter.made, 0

    def judge() -> None:
        why, fix, calls = found.reason, found.fix, run.calls
        runs.end(run, found.outcome, reason=why, fix=fix, calls=calls, now=clock(), rest=rest)
        if found.rule == TURN:
            runs.due_at_once(run)

    if late := work.waiting.of(run):
        late.judge = judge  # its word is good after the next commit only
    else:
        judge()
    return replace(found, rows=run.rows_read, stored=run.rows_stored, calls=run.calls)
