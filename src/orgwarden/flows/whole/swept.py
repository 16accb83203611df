"""An object of which a query shows some thousand rows only: in slices, and in between what is new.

1. Once a day all of it: slices by ranges of user ids, none larger than what a query shows. Each is
   checked with COUNT(), and all together at the end.
2. In between only what came or was used since the reading before. If that is too much for one
   query, it is sliced as well.
A slice that does not agree with its count is read again; in the end the reading fails rather than
taking what is not shown for gone.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from itertools import chain, pairwise

from orgwarden.core.problems import Problem, TryLater
from orgwarden.core.source import Source
from orgwarden.core.whole import Swept
from orgwarden.flows.fields import Fields
from orgwarden.flows.whole.reading import Part, Reading
from orgwarden.flows.work import Work
from orgwarden.salesforce import Page, Query, select
from orgwarden.salesforce.soql import Condition, any_of, at_least, below, count

TRIES = 3  # of one slice; tokens come and go while they are read
FILL = 0.6  # how full slices are meant to be: users have few tokens or many
Range = tuple[str | None, str | None]  # from, and up to but without; None is open


def read(work: Work, source: Source, how: Swept) -> Reading:
    was = work.ledger.of(source.id)
    at = work.now()
    fields = Fields(work, source)
    if was.swept is None or was.cursor is None or at - was.swept >= how.every:
        parts = _Slices(work, source, how, fields, ()).parts()
        return Reading(fields.names(), at, parts, lambda seen: True, lambda: fields.remark)
    since = was.cursor - source.overlap
    new = any_of(*(at_least(name, since) for name in how.since))
    slices = _Slices(work, source, how, fields, (new,))
    pages = slices.ask((None, None))
    first = next(pages)
    small = first.total_size <= how.most
    parts = iter([(_bodies(chain([first], pages)), True)]) if small else slices.parts()
    return Reading(fields.names(), at, parts, lambda seen: True, lambda: fields.remark, whole=False)


class _Slices:
    """What meets some conditions, slice by slice."""

    def __init__(
        self,
        work: Work,
        source: Source,
        how: Swept,
        fields: Fields,
        conditions: tuple[Condition, ...],
    ) -> None:
        self._work, self._source, self._how = work, source, how
        self._fields, self._conditions = fields, conditions
        self._users = sorted(i for i in work.people.ids.to_pylist() if i)

    def parts(self) -> Iterator[Part]:
        """Every slice a part. Raises TryLater when they do not add up."""
        total = self._count((None, None))
        wanted = -(-total // int(self._how.most * FILL)) if total > self._how.most else 1
        ranges = deque(self._cut((None, None), wanted))
        alone, seen = len(ranges) == 1, 0
        while ranges:
            of = ranges.popleft()
            pages = self._slice(of)
            if pages is None:
                halves = self._cut(of, 2)
                if len(halves) < 2:
                    raise self._too_many()
                ranges.extendleft(reversed(halves))
                alone = False
                continue
            seen += sum(page.count for page in pages)
            if not ranges and not alone and seen < min(total, self._count((None, None))):
                raise _not_agreed(seen, total)
            yield _bodies(pages), not ranges

    def ask(self, of: Range) -> Iterator[Page]:
        def query(names: tuple[str, ...]) -> Query:
            asked = select(self._source.object, names).where(*self._conditions, *self._within(of))
            return asked.order_by(self._how.by)

        return self._fields.ask(query)[1]

    def _slice(self, of: Range) -> list[Page] | None:
        """The pages of a slice; None if it is too large."""
        shown = counted = 0
        for _ in range(TRIES):
            counted = self._count(of)
            if counted > self._how.most:
                return None
            pages = list(self.ask(of))
            shown = sum(page.count for page in pages)
            if shown >= counted:
                return pages
        raise _not_agreed(shown, counted)

    def _count(self, of: Range) -> int:
        asked = count(self._source.object).where(*self._conditions, *self._within(of))
        return self._work.client.count(asked, lane=self._source.lane)

    def _within(self, of: Range) -> list[Condition]:
        low, high = of
        found = [at_least(self._how.by, low)] if low is not None else []
        return found + ([below(self._how.by, high)] if high is not None else [])

    def _cut(self, of: Range, into: int) -> list[Range]:
        """A range cut into so many at known users' ids; fewer where there are not enough."""
        low, high = of
        inside = [u for u in self._users if (low is None or u > low) and (high is None or u < high)]
        step = len(inside) / into
        edges = dict.fromkeys(inside[int(n * step)] for n in range(1, into) if inside)
        return list(pairwise([low, *edges, high]))

    def _too_many(self) -> Problem:
        return Problem(
            f"Salesforce shows at most {self._how.most:,} rows of {self._source.object} at a time,"
            " and there is no user between whom they could be parted.",
            fix="Let Users be read first: this needs View All Users.",
            code="TOO_MANY_RECORDS",
        )


def _bodies(pages: Iterator[Page] | list[Page]) -> list[bytes]:
    return [page.body for page in pages]


def _not_agreed(shown: int, counted: int) -> TryLater:
    return TryLater(
        f"Salesforce showed {shown:,} of {counted:,} rows.",
        fix="All of them are read again.",
        code="INCOMPLETE_RESULT",
    )
