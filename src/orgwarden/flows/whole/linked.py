"""An object that Salesforce shows only for ids that are named: those that other sources know."""

from __future__ import annotations

from collections.abc import Iterator

from orgwarden.catalog.sources import BY_ID
from orgwarden.core.problems import TryLater
from orgwarden.core.source import Source
from orgwarden.core.whole import Linked
from orgwarden.flows.directory import values_of
from orgwarden.flows.fields import Fields
from orgwarden.flows.whole.reading import Part, Reading, gathered
from orgwarden.flows.work import Work
from orgwarden.salesforce import Page, Query, select
from orgwarden.salesforce.soql import among

IDS = 200  # in one query: an address may have 16,000 bytes


def read(work: Work, source: Source, how: Linked) -> Reading:
    """Raises TryLater while a source that knows ids has not been read."""
    work.settle(*(named.view for named in how.by))
    fields = Fields(work, source)
    at = work.now()
    wanted = [
        (field, ids[n : n + IDS])
        for field, ids in _ids(work, source, how)
        for n in range(0, len(ids), IDS)
    ]

    def ask(field: str, ids: list[str]) -> Iterator[Page]:
        def query(names: tuple[str, ...]) -> Query:
            return select(source.object, names).where(among(field, ids)).order_by("Id")

        return fields.ask(query)[1]

    def parts(first: Iterator[Page]) -> Iterator[Part]:
        for number, some in enumerate(wanted, 1):
            for bodies, last in gathered(first if number == 1 else ask(*some)):
                yield bodies, last and number == len(wanted)

    # Asked before the fields are told: the first answer decides which the org shows.
    read = parts(ask(*wanted[0])) if wanted else iter([([], True)])
    return Reading(fields.names(), at, read, lambda seen: True, lambda: fields.remark)


def _ids(work: Work, source: Source, how: Linked) -> list[tuple[str, list[str]]]:
    """The ids to ask for by field, those that rows of this source have among them."""
    found: dict[str, set[str]] = {}
    for named in how.by:
        if not work.ledger.of(named.view).complete.items:
            title = BY_ID[named.view].title
            raise TryLater(
                f"{title} was not read yet, which knows what to ask for.",
                fix=f"It is read once {title} was.",
                code="NOT_READ_YET",
            )
        only = f"\"{named.where}\" = '{named.value}'" if named.where else "true"
        found.setdefault(named.field, set()).update(values_of(work, named.view, named.column, only))
    followed = how.by[0].field
    found[followed].update(values_of(work, source.id, followed))
    return [(field, sorted(ids)) for field, ids in found.items()]
