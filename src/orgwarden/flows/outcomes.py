"""How one source's run ended: the one place where a problem becomes a state.

"Could not look" is never a pass and never an empty list: each kind of problem has its own outcome,
with a sentence and what to do.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass
from datetime import datetime, timedelta

from orgwarden.core.problems import (
    NotAllowed,
    OverBudget,
    Problem,
    TryLater,
)
from orgwarden.core.spans import text_of
from orgwarden.flows import room
from orgwarden.flows.turns import TURN, TurnOver
from orgwarden.records.models import Run
from orgwarden.salesforce import DailyLimitReached, TooManyAtOnce

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
