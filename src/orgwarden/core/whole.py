"""How all of an object is read, where one query ordered by Id does not do.

Each value is declared by a source; the flows of `reading_whole` know what to do with it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, slots=True)
class Plain:
    """One query. `order` are the fields to sort by, none for views that Salesforce makes up."""

    order: tuple[str, ...] = ("Id",)


@dataclass(frozen=True, slots=True)
class Swept:
    """An object of which a query shows at most `most` rows and then falls silent.

    `every` so often it is read whole, in slices by ranges of the user id in `by`, each checked with
    COUNT(). In between only what has a time in one of `since` after the reading before is read:
    what came or was used is seen then, what went is seen at the next sweep.
    """

    by: str
    since: tuple[str, ...]
    most: int
    every: timedelta = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Named:
    """Ids to ask for in `field`: those in a column of another source's view, of all its rows or of
    those with this value in the column `where`."""

    field: str
    view: str
    column: str
    where: str = ""
    value: str = ""


@dataclass(frozen=True, slots=True)
class Linked:
    """An object that Salesforce shows only for ids that are named: those in `by`, and those that
    rows of this source have in the first field of `by`, so that what was seen once is followed."""

    by: tuple[Named, ...]


@dataclass(frozen=True, slots=True)
class Component:
    """A type of the Metadata API and the full names to read; none means all that the org lists."""

    type: str
    names: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Components:
    """Components of the Metadata API. `flat`: each value inside becomes a record of its own, with
    Type, FullName, Path and Value; else each component is a record, its elements the fields, named
    with a capital letter, beside FullName."""

    parts: tuple[Component, ...]
    flat: bool = False


@dataclass(frozen=True, slots=True)
class Jobs:
    """A list of Bulk jobs, by its name in the API: query or ingest."""

    list: str


Whole = Plain | Swept | Linked | Components | Jobs
AS_IT_IS = Plain()
