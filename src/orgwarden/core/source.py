"""A source: a stream that is collected, declared once as a value.

The declaration is rendered into the documentation, the consent page, the collector's queries and
the lake's views, so that none of them can drift from the others.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from types import MappingProxyType

from orgwarden.core.expr import Expr
from orgwarden.core.whole import AS_IT_IS, Whole

NORMALISED: Mapping[str, str] = MappingProxyType(
    {
        "time": "When it happened, UTC.",
        "org": "The org's key in this installation.",
        "source": "The id of the source the event came from.",
        "actor_id": "Who did it: the user's 18-character id.",
        "actor": "Who did it: the username.",
        "ip": "The address it came from.",
        "country": "The country of that address, as Salesforce says (two letters).",
        "app": "The application or connected app used.",
        "client": "The client program: browser, library or user agent.",
        "action": "What was done, in the source's own words.",
        "object": "The kind of record or entity it was done to.",
        "target": "The record, file, report, user or address it was done to.",
        "rows": "How many rows it read or changed.",
        "bytes": "How many bytes it sent back.",
        "outcome": "success, failure, or missing where the source does not say.",
        "session": "A key that joins the events of one session or sign-in.",
        "event_uid": "The identity of the event in this installation.",
        "arrived_seq": "The number of the commit it arrived in: grows, never changes.",
    }
)
DERIVED = frozenset({"org", "source", "event_uid", "arrived_seq"})  # not from an expression


# Columns of ours beside Salesforce's, of records that are read whole: the number of the record's
# version, from 1, and "true" in the last version of one that is gone.
VERSION, REMOVED = "Orgwarden_Version", "Orgwarden_Removed"
OURS: Mapping[str, str] = MappingProxyType(
    {
        VERSION: "The number of this version of the record, from 1: Orgwarden counts.",
        REMOVED: "true when the record is gone; the view leaves those out.",
    }
)


class Kind(Enum):
    """How a source is read."""

    ROWS = "rows"  # rows with an id and a time, read by windows
    LOG_FILES = "log_files"  # event log files, listed by CreatedDate and downloaded
    SNAPSHOT = "snapshot"  # all rows each time; a changed row is a new version, and told
    EVENT_STORE = "event_store"  # stored real-time events, read by bounded windows, never counted
    LIMITS = "limits"  # the limits resource, one event a limit and reading
    MADE = "made"  # never called: made by us out of what others read


@dataclass(frozen=True, slots=True)
class Field:
    """A column as Salesforce names it, what it means, and where it comes from if not obvious."""

    name: str
    meaning: str
    time: bool = False  # a date-time: stored in the REST API's form whatever the route
    ours: bool = False  # Salesforce has none: filled in by us, never asked for, never compared


@dataclass(frozen=True, slots=True)
class Need:
    """A user permission, and what goes dark without it. `silent`: Salesforce then answers with
    fewer rows instead of refusing, so the answer alone cannot be believed. `instead`: permissions
    that do as well when all of them are held. `refused`: without it Salesforce refuses by
    itself, so it is not asked for by name, which would cost a call, and which an org without the
    licence that it comes with could not answer."""

    permission: str
    without: str
    silent: bool = False
    instead: tuple[str, ...] = ()
    refused: bool = False

    def met_by(self, held: Collection[str]) -> bool:
        return self.permission in held or bool(self.instead and set(self.instead) <= set(held))


@dataclass(frozen=True)
class Source:
    """One stream. `normalised` maps names of NORMALISED to expressions over `fields`.

    `extras` are groups of fields that may be refused (permission, edition): the source is then
    collected without them and marked partial. `backfill` None means from the org's beginning.
    Of a snapshot, a change of `quiet` fields alone is no event, and the first of the `label` fields
    with a value names the record. A change without a word who did it is looked for in the setup
    audit trail: under the actions `audit` (SQL LIKE), in texts with the values of all `mentioned`.
    """

    id: str
    title: str
    about: str
    kind: Kind
    object: str
    fields: tuple[Field, ...]
    normalised: Mapping[str, Expr]
    lane: str
    cadence: timedelta
    cost: str
    key: tuple[str, ...] = ("Id",)
    time_field: str = ""
    lag: timedelta = timedelta(minutes=5)
    overlap: timedelta = timedelta(minutes=60)
    backfill: timedelta | None = None
    kept: str = ""  # how long Salesforce keeps it, in words
    kept_for: timedelta | None = None  # … and at least so long; None: for ever, or nobody says
    needs: tuple[Need, ...] = ()
    extras: tuple[tuple[str, ...], ...] = ()
    quiet: tuple[str, ...] = ()
    label: tuple[str, ...] = ("Name",)
    audit: tuple[str, ...] = ()
    mentioned: tuple[str, ...] = ()
    tier: str = ""  # the opt-in it needs (catalog.tiers); "" is the base, always there
    platform: str = "salesforce"  # catalog.platforms: which package reads it
    api: str = "data"  # the API that answers: "data", "tooling" or "metadata"
    whole: Whole = AS_IT_IS  # of a snapshot: how all of it is read
    # Of a snapshot whose records have no Id: the fields that tell one from another. Id is made of
    # them, with a number where several are equal.
    identity: tuple[str, ...] = ()

    @property
    def view(self) -> str:
        """The name of its view in SQL."""
        return self.id

    @property
    def columns(self) -> Mapping[str, str]:
        """The columns of its view that are its own, with what they mean."""
        ours = OURS if self.kind is Kind.SNAPSHOT else {}
        return {f.name: f.meaning for f in self.fields} | dict(ours)

    @property
    def asked(self) -> tuple[str, ...]:
        """The fields that are asked for, if the org shows them all."""
        return self.field_names()

    @property
    def own(self) -> tuple[str, ...]:
        """The fields that we fill in ourselves."""
        return tuple(f.name for f in self.fields if f.ours)

    def field_names(self, without: frozenset[str] = frozenset()) -> tuple[str, ...]:
        """The fields that are asked for."""
        return tuple(f.name for f in self.fields if not f.ours and f.name not in without)


def cadence_of(source: Source, minutes: Mapping[str, int]) -> timedelta:
    """How often a source is read: as set for the tenant, in minutes by source id, or by default."""
    chosen = minutes.get(source.id)
    return timedelta(minutes=chosen) if chosen else source.cadence
