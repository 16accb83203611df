"""What the stores of real-time events share, so that each module says only what is its own.

Big objects may be filtered by EventDate and sorted by it, newest first; they cannot be counted, all
rows have the same Id, and EventIdentifier tells one from another. Threat events are ordinary
objects. Which events are stored is switched in Event Manager: what is off is not stored, and
nobody can tell that from an org where nothing happened.
Source: Platform Events Developer Guide, real-time event monitoring objects.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

from orgwarden.core.expr import Address, Column, Expr, Id18, Instant, Match, Text, first
from orgwarden.core.source import Field, Kind, Need, Source

_WHO: tuple[Field, ...] = (
    Field("EventIdentifier", "Identity of the event."),
    Field("EventDate", "When.", time=True),
    Field("UserId", "Who did it."),
    Field("Username", "That user's name."),
    Field("SourceIp", "The address it came from."),
    Field("LoginKey", "The sign-in; joins sessions."),
    Field("SessionKey", "The session; joins events."),
    Field("PolicyId", "The transaction security policy that judged it."),
    Field("PolicyOutcome", "What that policy did: Block, Notified, NoAction …"),
    Field("EvaluationTime", "For how many milliseconds it judged."),
)
_STORED: tuple[Field, ...] = (
    Field("CreatedDate", "When it was stored.", time=True),
    Field("SessionLevel", "STANDARD, HIGH_ASSURANCE or LOW."),
    Field("RelatedEventIdentifier", "Another event that belongs to it."),
)
_NEEDED = ("EventIdentifier", "EventDate", "UserId", "Username")
_BLOCKED: tuple[tuple[str, Expr], ...] = (
    ("block", Text("failure")),
    ("meteringblock", Text("failure")),
)
# Salesforce refuses a store by itself where the licence or the permission is missing.
NEEDS = (
    Need(
        "ViewRealTimeEventMonitoringData",
        "stored real-time events are dark",
        refused=True,
    ),
)


def stored_event(
    id: str,
    title: str,
    about: str,
    object: str,
    fields: Mapping[str, str],
    /,
    *,
    cadence: timedelta = timedelta(hours=1),
    big: bool = True,
    **normalised: Expr,
) -> Source:
    """The store of one event. `fields` are its own, name to meaning; each may be missing in an org,
    because releases add some."""
    own = tuple(Field(name, meaning) for name, meaning in fields.items())
    usual = (*_WHO, *_STORED) if big else (Field("Id", "Id of the record."), *_WHO)
    declared = (*usual, *own)
    return Source(
        id=id,
        title=title,
        about=about,
        kind=Kind.EVENT_STORE,
        object=object,
        fields=declared,
        normalised={
            "time": Instant(Column("EventDate")),
            "actor_id": Id18(Column("UserId")),
            "actor": Column("Username"),
            "ip": Address(Column("SourceIp")),
            "action": Text(object.removesuffix("EventStore").removesuffix("Event")),
            "outcome": Match(Column("PolicyOutcome"), _BLOCKED),
            "session": first("SessionKey", "LoginKey"),
            **normalised,
        },
        key=("EventIdentifier",) if big else ("Id",),
        lane="event_logs",
        tier="real_time",
        cadence=cadence,
        cost="1 call a run, 1 more per 2,000 events; a backlog at most 12 windows a run.",
        time_field="EventDate",
        backfill=timedelta(days=30),
        kept="6 months, where its storage is on in Event Manager",
        kept_for=timedelta(days=181),
        needs=NEEDS,
        extras=tuple((f.name,) for f in declared if f.name not in (*_NEEDED, "Id")),
    )
