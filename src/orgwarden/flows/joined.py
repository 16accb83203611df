"""Queries asked together: the first pages of several sources in one Composite call.

1. Before the sources of a run are read, what each of them will ask first is planned.
2. The first of these that is asked takes the next four along; their answers wait here.
3. A reader that asks exactly the planned text finds its answer; anything else is asked alone.
The call counts for the source that was read when it was made. Nothing depends on this: without an
answer here a query is asked alone, and meets by itself whatever problem there is.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain
from typing import TypeVar

from orgwarden.core.budget import PRIORITY
from orgwarden.core.problems import (
    LostLease,
    NeedsPerson,
    NotAllowed,
    NotThere,
    Problem,
    TryLater,
)
from orgwarden.flows.means import Means
from orgwarden.salesforce import TOGETHER, Client, DailyLimitReached, Page, Query
from orgwarden.salesforce.answers import Records, decoded

T = TypeVar("T")


@dataclass(frozen=True)
class Asked:
    """The pages of a query, the first already answered, and the org's time before it was asked:
    what happened later may not be in them."""

    at: datetime
    pages: Iterator[Page]


class Joined:
    """What is asked together in one collection. One thread's."""

    def __init__(self, client: Client, means: Means) -> None:
        self._client, self._means = client, means
        self._planned: dict[str, str] = {}  # query to lane, in the order of reading
        self._answers: dict[str, tuple[datetime, Page | Problem]] = {}

    def plan(self, query: Query, *, lane: str) -> None:
        """This is going to be asked, after what was planned before."""
        self._planned[str(query)] = lane

    def ask(self, query: Query, *, lane: str) -> Asked:
        """Raises what the query meets, whether it was asked alone or with others."""
        text = str(query)
        if text in self._planned:
            self._ask_together(text)
        if found := self._answers.pop(text, None):
            at, first = found
            if isinstance(first, Page):
                pages = self._client.query(query, lane=lane, begun=first)
                return Asked(at, _begun(pages))
            if _final(first):
                raise first
        return self.alone(query, lane=lane)

    def alone(self, query: Query, *, tooling: bool = False, lane: str) -> Asked:
        """A query by itself, of the Tooling API if it is `tooling`."""
        began = self._means.seconds()
        before = self._client.server_time()
        pages = _begun(self._client.query(query, tooling=tooling, lane=lane))
        return Asked(before or self._then(began), pages)

    def records(self, query: Query, type: type[T], *, lane: str) -> list[T]:
        """All records of a small query, decoded into a type that msgspec knows."""
        pages = self.ask(query, lane=lane).pages
        return [r for page in pages for r in decoded(page.body, Records[type]).records]  # type: ignore[valid-type]

    def _ask_together(self, text: str) -> None:
        """Ask this and the next planned ones, if there are any."""
        rest = list(self._planned)
        some = rest[rest.index(text) :][:TOGETHER]
        lanes = [self._planned.pop(q) for q in some]
        if len(some) == 1:
            return
        began, before = self._means.seconds(), self._client.server_time()
        try:
            # In the lane that is stopped first: what rides along may not use up a protected one.
            lane = max(lanes, key=PRIORITY.index)
            answers = self._client.composite({q: q for q in some}, first=True, lane=lane)
        except (LostLease, NeedsPerson, DailyLimitReached):
            raise  # asked alone they would only meet it again
        except Problem as problem:
            if isinstance(problem, TryLater) and _of_the_host(problem):
                raise
            self._planned.clear()  # one of a protected lane, say, may still be asked alone
            return
        at = before or self._then(began)
        self._answers |= {q: (at, answer) for q, answer in answers.items()}

    def _then(self, began: float) -> datetime:
        """The org's time at `began`, by its first answer since; ours if it told none."""
        passed = timedelta(seconds=self._means.seconds() - began)
        return (self._client.server_time() or self._means.clock()) - passed


def _begun(pages: Iterator[Page]) -> Iterator[Page]:
    """The same pages, the first of them asked for now."""
    return chain([next(pages)], pages)


def _of_the_host(problem: TryLater) -> bool:
    """Whether any other question would meet it too."""
    return problem.signing_in or problem.code == "UNREACHABLE"


def _final(problem: Problem) -> bool:
    """Whether the query asked alone would meet it again. All else it may get over by itself."""
    return isinstance(problem, NotAllowed | NotThere) or problem.code == "QUERY_TIMEOUT"
