"""How one source's run ended: the one place where a problem becomes a state.

"Could not look" is never a pass and never an empty list: each kind of problem has its own outcome,
with a sentence and what to do.
"""

from __future__ import annotations

import errno
import logging
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from orgwarden.core.grants import labelled
from orgwarden.core.problems import (
    UNKNOWN_ERROR,
    Contained,
    GrantExpired,
    LostLease,
    NotAllowed,
    OverBudget,
    Problem,
    TryLater,
)
from orgwarden.core.source import Kind, Source
from orgwarden.core.spans import text_of
from orgwarden.flows import room, runs
from orgwarden.flows.permissions import unmet
from orgwarden.flows.read_event_store import read_event_store
from orgwarden.flows.read_limits import read_limits
from orgwarden.flows.read_log_files import read_log_files
from orgwarden.flows.read_rows import read_rows
from orgwarden.flows.read_snapshot import read_snapshot
from orgwarden.flows.turns import TURN, TurnOver
from orgwarden.flows.work import Work
from orgwarden.records.models import Run
from orgwarden.salesforce import DailyLimitReached, TooManyAtOnce

log = logging.getLogger(__name__)

READERS = {
    Kind.ROWS: read_rows,
    Kind.LOG_FILES: read_log_files,
    Kind.SNAPSHOT: read_snapshot,
    Kind.EVENT_STORE: read_event_store,
    Kind.LIMITS: read_limits,
}
UNLICENSED = timedelta(days=1)  # a licence does not come by the hour, and asking is a call
AGAIN = "It is tried again by itself; nothing is lost."
STOPPED = "It was stopped before it was done; the next run goes on from the last commit."


@dataclass(frozen=True)
class Outcome:
    """One source's run. `rule` and `until` (ISO 8601) say what it waits for, if it does."""

    source: str
    outcome: str
    reason: str = ""
    fix: str = ""
    code: str = ""
    rule: str = ""
    until: str = ""
    rows: int = 0
    stored: int = 0
    calls: int = 0


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

    if work.waiting and work.waiting[-1].run is run:
        work.waiting[-1].judge = judge  # its word is good after the next commit only
    else:
        judge()
    return replace(found, rows=run.rows_read, stored=run.rows_stored, calls=run.calls)


def of_problem(source: str, problem: Problem, now: datetime) -> Outcome:
    """The outcome a problem stands for."""
    rule = until = ""
    outcome = Run.Outcome.FAILED
    if isinstance(problem, OverBudget):
        outcome, rule = Run.Outcome.WAITING, problem.rule
        until = text_of(now + (problem.after or timedelta(minutes=15)))
    elif isinstance(problem, DailyLimitReached | TooManyAtOnce):
        daily = isinstance(problem, DailyLimitReached)
        outcome, rule = Run.Outcome.WAITING, problem.rule
        until = text_of(now + (problem.after or timedelta(minutes=15 if daily else 1)))
    elif isinstance(problem, room.DiskLow):
        outcome, rule = Run.Outcome.WAITING, "disk"
        until = text_of(now + (problem.after or timedelta(minutes=15)))
    elif isinstance(problem, TurnOver):
        outcome, rule, until = Run.Outcome.WAITING, TURN, text_of(now)
    elif isinstance(problem, NotAllowed):
        outcome = Run.Outcome.DARK
    fix = problem.fix or (AGAIN if isinstance(problem, TryLater) else "")
    return Outcome(source, outcome, problem.what, fix, problem.code, rule, until)


def of_disk(source: str, error: OSError) -> Outcome:
    """The outcome of trouble with the disk."""
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        what, fix = "The disk is full.", "Free some space; collecting goes on by itself."
    elif error.errno == errno.EROFS:
        what, fix = "The disk is read-only.", "Make ORGWARDEN_HOME writable again."
    else:
        what = f"The disk answered: {error.strerror or type(error).__name__}."
        fix = "Check the disk under ORGWARDEN_HOME and ORGWARDEN_LAKE_URL."
    return Outcome(source, Run.Outcome.FAILED, what, fix, errno.errorcode.get(error.errno or 0, ""))
