"""Which fields of a source this org lets us read.

All are asked for first. When Salesforce refuses one, the object is described once and the groups
of extra fields it lacks are left out, with a remark; a field that is not an extra is a problem.
What is lacking is remembered for a day, so that a reading costs one call and not three.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from orgwarden.core.problems import NotAllowed
from orgwarden.core.source import Source
from orgwarden.records.models import SourceState
from orgwarden.salesforce import Page, Query

if TYPE_CHECKING:
    from orgwarden.flows.joined import Asked
    from orgwarden.flows.work import Work

REMEMBERED = timedelta(days=1)


class Fields:
    """The fields of one source in one run. `no_bulk` is set once Bulk refused the object,
    `lane` is the one its calls are made in,
    `asked_at` with every query: the org's time before it was asked, for what is complete then."""

    asked_at: datetime

    def __init__(self, work: Work, source: Source) -> None:
        self._work, self._source = work, source
        self._without = self._remembered()
        self.no_bulk, self.lane = False, source.lane

    def names(self) -> tuple[str, ...]:
        return self._source.field_names(self._without)

    @property
    def remark(self) -> str:
        if not self._without:
            return ""
        return f"Collected without {', '.join(sorted(self._without))}: the org does not show them."

    def ask(
        self, query: Callable[[tuple[str, ...]], Query]
    ) -> tuple[tuple[str, ...], Iterator[Page]]:
        """The fields and the pages of a query, the first page already answered."""
        while True:
            names = self.names()
            try:
                asked = self._ask(query(names))
            except NotAllowed as problem:
                if problem.code != "INVALID_FIELD" or not self._drop():
                    raise
                continue
            self.asked_at = asked.at
            return names, asked.pages

    def _ask(self, query: Query) -> Asked:
        """The Tooling API is asked alone: a composite call does not reach it."""
        if self._source.api == "tooling":
            return self._work.joined.alone(query, tooling=True, lane=self.lane)
        return self._work.joined.ask(query, lane=self.lane)

    def _drop(self) -> bool:
        """Leave out the extra groups the object lacks; all of them if it claims to have all."""
        seen = self._work.client.describe(
            self._source.object, tooling=self._source.api == "tooling", lane=self.lane
        )
        left = [g for g in self._source.extras if not set(g) <= self._without]
        lacking = [g for g in left if any(own_field(f) not in seen for f in g)] or left
        self._without = self._without.union(*lacking)
        SourceState.objects.update_or_create(
            org=self._work.org,
            source=self._source.id,
            defaults={"lacking": sorted(self._without), "lacking_at": self._work.means.clock()},
        )
        return bool(lacking)

    def _remembered(self) -> frozenset[str]:
        """What the org lacked when it was asked within the last day."""
        since = self._work.means.clock() - REMEMBERED
        states = SourceState.objects.filter(
            org=self._work.org, source=self._source.id, lacking_at__gt=since
        )
        extras = {name for group in self._source.extras for name in group}
        return frozenset(states.values_list("lacking", flat=True).first() or ()) & extras


def own_field(field: str) -> str:
    """The object's own field behind a name: a parent `CreatedBy.Username` needs `CreatedById`."""
    parent, dot, _ = field.partition(".")
    return f"{parent}Id" if dot else field
