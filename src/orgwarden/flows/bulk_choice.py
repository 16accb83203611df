"""Whether a window is read by Bulk: when it holds many rows and no limit of Bulk is short."""

from __future__ import annotations

from datetime import timedelta

from orgwarden.core.budget import REST_INSTEAD, Rules, bulk_limit_near
from orgwarden.core.problems import OverBudget, Problem
from orgwarden.flows.work import Work
from orgwarden.records import calls

FROM = 20_000  # rows from which Bulk costs fewer calls and less time than REST pages
AGAIN = timedelta(hours=1)  # the limits resource is read this often
USED_UP = ("LIMIT_EXCEEDED", "EXCEEDEDQUOTA")  # what Salesforce answers when one is used up


def by_bulk(work: Work, expected: int) -> bool:
    """Whether so many rows are read by Bulk. Raises OverBudget with the limit's name when they are
    too many for REST and a limit of Bulk is short."""
    if expected < FROM:
        return False
    floor = Rules.of(work.org.budget).floor or 1
    near = bulk_limit_near(calls.limits_of(work.org), floor)
    if not near:
        return True
    if expected > REST_INSTEAD:
        raise OverBudget(
            f"{near} is nearly used up, and {expected:,} rows are too many to be read without it.",
            rule=near,
            after=AGAIN,
            fix="It frees itself over 24 hours; Setup, System Overview shows who used it.",
        )
    return False


def used_up(work: Work, problem: Problem) -> bool:
    """Whether Salesforce says that a limit of Bulk is used up; if so that is remembered."""
    if problem.code not in USED_UP:
        return False
    calls.spend(work.org, "DailyBulkV2QueryJobs", work.now())
    return True
