"""What sources that are read whole have in common, so that each module says only what is its own.

Such a source keeps every version of a record; its view shows the newest, and what came, changed
and went is told by `entity_changes`.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from orgwarden.core.expr import Column, First, Id18, Instant, Text
from orgwarden.core.source import Field, Kind, Need, Source
from orgwarden.core.whole import AS_IT_IS, Whole

STAMPS: tuple[Field, ...] = (
    Field("CreatedDate", "When it was made.", time=True),
    Field("CreatedById", "Who made it."),
    Field("LastModifiedDate", "Last change.", time=True),
    Field("LastModifiedById", "Who made it."),
    Field("SystemModstamp", "Last change, by anybody or anything.", time=True),
)
VIEW_SETUP = (Need("ViewSetup", "it is dark"),)
# Of objects that do not say when a record changed.
READ_AT = Field("ReadAt", "When this version was read, by the org's clock.", time=True, ours=True)
UNSTAMPED = (READ_AT,)


def stamps(*names: str) -> tuple[Field, ...]:
    """Some of the fields that tell when a record changed, for objects that lack others."""
    return tuple(f for f in STAMPS if f.name in names)


def whole(
    id: str,
    title: str,
    about: str,
    object: str,
    fields: Sequence[Field],
    *,
    stamped: Sequence[Field] = STAMPS,
    label: tuple[str, ...] = ("Name",),
    lane: str = "inventory",
    cadence: timedelta = timedelta(hours=6),
    needs: tuple[Need, ...] = VIEW_SETUP,
    extras: tuple[tuple[str, ...], ...] = (),
    quiet: tuple[str, ...] = (),
    audit: tuple[str, ...] = (),
    mentioned: tuple[str, ...] = (),
    tier: str = "",
    api: str = "data",
    how: Whole = AS_IT_IS,
    identity: tuple[str, ...] = (),
    cost: str = "1 call a run per 2,000 records.",
    kept: str = "for ever",
) -> Source:
    """A snapshot of an object. `fields` come without Id and without `stamped`."""
    times = [f.name for f in reversed(stamped) if f.time]
    named = [Column(name) for name in (*label, "Id")]
    by = [f.name for f in stamped if f.name == "LastModifiedById"]
    return Source(
        id=id,
        title=title,
        about=about,
        kind=Kind.SNAPSHOT,
        object=object,
        fields=(Field("Id", "Id of the record.", ours=bool(identity)), *fields, *stamped),
        normalised={
            "time": Instant(First(tuple(Column(name) for name in times))),
            **({"actor_id": Id18(Column(by[0]))} if by else {}),
            "action": Text(f"{id}.seen"),
            "object": Text(object),
            "target": First(tuple(named)),
        },
        lane=lane,
        cadence=cadence,
        cost=cost,
        time_field=times[0],
        kept=kept,
        needs=needs,
        extras=extras,
        quiet=(*quiet, *(f.name for f in stamped if f.name.startswith(("Last", "System")))),
        label=label,
        audit=audit,
        mentioned=mentioned or label[:1],
        tier=tier,
        api=api,
        whole=how,
        identity=identity,
    )
