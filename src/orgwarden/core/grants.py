"""How a grant that does not work is called. The label begins the reason that pages show."""

from __future__ import annotations

from orgwarden.core.problems import Contained, GrantExpired, Problem

EXPIRED = "Grant Expired"
CONTAINED = "Contained by Salesforce"


def labelled(problem: Problem) -> str:
    """What happened, with the grant's state before it where the problem is one of the grant."""
    if isinstance(problem, Contained):
        return f"{CONTAINED}: {problem.what}"
    if isinstance(problem, GrantExpired):
        return f"{EXPIRED}: {problem.what}"
    return problem.what


def state_of(reason: str) -> str:
    """`EXPIRED`, `CONTAINED`, or empty: how the grant of a tenant with this reason stands."""
    return next((s for s in (EXPIRED, CONTAINED) if reason.startswith(f"{s}:")), "")
