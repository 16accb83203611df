"""A connection test in progress: its questions timed, its calls counted, its facts growing.

What a question could not read becomes a `NotRead` with the reason, and the test goes on.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Protocol, TypeVar

import msgspec

from orgwarden.catalog.preflight import Facts, NotRead
from orgwarden.core.problems import LostLease, NotAllowed, NotThere, Problem
from orgwarden.salesforce import TOGETHER, Client, Page, Query

LANE = "test"
NO_ROW = NotRead("Salesforce answered with no row.")
T = TypeVar("T")


class Counts(Protocol):
    """Whatever counts the calls made."""

    made: int


@dataclass
class Probing:
    """A test in progress. `spent` maps a probe to its seconds and calls."""

    client: Client
    meter: Counts
    facts: Facts
    spent: dict[str, tuple[float, int]] = field(default_factory=dict)

    def timed(self, probe: str, ask: Callable[[], T]) -> T | NotRead:
        at, made = time.monotonic(), self.meter.made
        try:
            return ask()
        except LostLease:
            raise
        except Problem as problem:
            return not_read(problem)
        finally:
            seconds, calls = self.spent.get(probe, (0.0, 0))
            took = seconds + time.monotonic() - at
            self.spent[probe] = (took, calls + self.meter.made - made)

    def know(self, **more: Any) -> None:
        self.facts = replace(self.facts, **more)


def not_read(problem: Problem) -> NotRead:
    refused = isinstance(problem, NotAllowed | NotThere)
    return NotRead(problem.what, problem.fix, problem.code, refused)


def rows_of(found: Page | Problem | NotRead | None) -> tuple[dict[str, Any], ...] | NotRead:
    """The records of an answer, or why there are none to judge."""
    if found is None or isinstance(found, NotRead):
        return found or NotRead("It was not asked.")
    if isinstance(found, Problem):
        return not_read(found)
    records: list[dict[str, Any]] = msgspec.json.decode(found.body)["records"]
    return tuple(records)


def composite(
    probing: Probing, probe: str, queries: Mapping[str, Query]
) -> dict[str, Page | Problem] | NotRead:
    """These queries, five to a call; NotRead when a call itself met a problem."""
    answers: dict[str, Page | Problem] = {}
    left = list(queries.items())
    while left:
        some, left = dict(left[:TOGETHER]), left[TOGETHER:]
        found = probing.timed(probe, partial(probing.client.composite, some, lane=LANE))
        if isinstance(found, NotRead):
            return found
        answers |= found
    return answers
