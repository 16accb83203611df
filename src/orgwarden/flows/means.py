"""What a collection takes from its surroundings: the time, the road to Salesforce, its threads.

An argument, so that days can pass in seconds and one seed gives one course of events. Production
uses REAL.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime

from orgwarden.flows import keeper
from orgwarden.records.models import Org
from orgwarden.salesforce import Transport


def wall() -> datetime:
    """This machine's clock, aware UTC."""
    return datetime.now(UTC)


def nowhere(point: str) -> None:
    """The points of a run (see Work) pass unnoticed."""


@dataclass(frozen=True)
class Means:
    """`clock` gives aware UTC, `seconds` a monotonic clock. `transport` None: the one of this
    process. `threads` makes a pool of so many threads with a name; `keeper` has an access token
    newer than a version stored (see flows.keeper)."""

    clock: Callable[[], datetime] = wall
    seconds: Callable[[], float] = time.monotonic
    transport: Transport | None = None
    threads: Callable[[int, str], Executor] = ThreadPoolExecutor
    keeper: Callable[[Org, int], None] = keeper.renew


REAL = Means()
