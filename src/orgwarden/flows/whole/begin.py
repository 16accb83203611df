"""Beginning a reading of all of an object, the way that its source declares."""

from __future__ import annotations

from orgwarden.core.source import Source
from orgwarden.core.whole import Components, Jobs, Linked, Plain, Swept
from orgwarden.flows.fields import Fields
from orgwarden.flows.whole import components, jobs, linked, plain, swept
from orgwarden.flows.whole.reading import Reading
from orgwarden.flows.work import Work
from orgwarden.salesforce import Query


def begin(work: Work, source: Source) -> Reading:
    """The reading; its first question is answered already."""
    match source.whole:
        case Plain() as how:
            return plain.read(work, source, how)
        case Jobs() as how:
            return jobs.read(work, source, how)
        case Swept() as how:
            return swept.read(work, source, how)
        case Linked() as how:
            return linked.read(work, source, how)
        case Components() as how:
            return components.read(work, source, how)


def first_question(work: Work, source: Source) -> Query | None:
    """What is going to be asked first, if that can be asked with others."""
    if isinstance(source.whole, Plain) and source.api == "data":
        return plain.query(source, source.whole, Fields(work, source).names())
    return None
