"""One query over all of an object."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from orgwarden.core.source import Source
from orgwarden.core.whole import Plain
from orgwarden.flows.fields import Fields
from orgwarden.flows.whole.reading import Reading, gathered
from orgwarden.flows.work import Work
from orgwarden.salesforce import Query, select
from orgwarden.salesforce.soql import count


def read(work: Work, source: Source, how: Plain) -> Reading:
    """What was not seen is gone if the org counts as many records as were seen."""
    fields = Fields(work, source)

    def sure(seen: int) -> bool:
        tooling = source.api == "tooling"
        counted = work.client.count(count(source.object), tooling=tooling, lane=source.lane)
        return counted == seen

    names, pages = fields.ask(partial(query, source, how))
    return Reading(names, fields.asked_at, gathered(pages), sure, lambda: fields.remark)


def query(source: Source, how: Plain, names: Sequence[str]) -> Query:
    return select(source.object, names).order_by(*how.order)
