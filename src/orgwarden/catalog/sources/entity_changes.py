"""What changed about the things that are read whole: users, settings, access, apps.

Made by Orgwarden: two readings of an object, compared. Nothing is called for it.
"""

from datetime import timedelta

from orgwarden.core.expr import Column, First, Id18, Instant, Match, Text
from orgwarden.core.source import Field, Kind, Source

SOURCE = Source(
    id="entity_changes",
    title="Changes of records",
    about="What came, changed and went between two readings of an object, before and after.",
    kind=Kind.MADE,
    object="EntityChange",
    fields=(
        Field("Object", "The object, as Salesforce names it."),
        Field("EntityId", "Id of the record."),
        Field("Version", "The record's version that this change made, from 1."),
        Field("Name", "What the record is called."),
        Field("Change", "added, changed or removed."),
        Field("Fields", "Which fields changed; empty for records that came or went."),
        Field("Before", "Their values before, as JSON; empty where they are not known."),
        Field("After", "Their values after, as JSON; empty for a record that is gone."),
        Field("ChangedById", "Who did it, where the record itself says so."),
        Field("ChangedDate", "When; where the record does not say, when it was seen.", time=True),
    ),
    normalised={
        "time": Instant(Column("ChangedDate")),
        "actor_id": Id18(Column("ChangedById")),
        "action": Match(
            Column("Change"),
            (
                ("added", Text("entity.added")),
                ("changed", Text("entity.changed")),
                ("removed", Text("entity.removed")),
            ),
        ),
        "object": Column("Object"),
        "target": First((Column("Name"), Column("EntityId"))),
    },
    key=("Object", "EntityId", "Version"),
    lane="inventory",
    cadence=timedelta(hours=1),
    cost="No call.",
    kept="nowhere else",
    time_field="ChangedDate",
)
