"""The short notation in which object types are written down, and its reader.

A field is `Name:type[FLAGS]>Target|Target/Relationship{value,value}`; all but the name and type may
be missing. Without flags a field can be filtered, grouped, sorted and empty. A reference named
`OwnerId` has the relationship `Owner` unless another is given; `/-` says that it has none.
Words that begin with `@` stand for fields that many objects share (`SHARED` below).
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from orgsim.schema import Child, Field, ObjectType

SHARED = {
    "@id": "Id:id[FGS]",
    "@created": "CreatedDate:datetime[FS] CreatedById:reference[FGS]>User",
    "@modified": "LastModifiedDate:datetime[FS] LastModifiedById:reference[FGS]>User",
    "@stamp": "SystemModstamp:datetime[FS]",
    "@deleted": "IsDeleted:boolean[FGS]",
}
SHARED["@audit"] = " ".join(SHARED[k] for k in ("@id", "@created", "@modified", "@stamp"))
SHARED["@record"] = f"{SHARED['@id']} {SHARED['@deleted']} " + " ".join(
    SHARED[k] for k in ("@created", "@modified", "@stamp")
)

FIELD = re.compile(
    r"(?P<name>\w+):(?P<type>[a-z]\w*)(\[(?P<flags>[A-Z]*)\])?"
    r"(>(?P<targets>[\w|]+))?(/(?P<relationship>[\w-]+))?(\{(?P<values>[^}]*)\})?"
)
LENGTHS = {
    "id": 18,
    "reference": 18,
    "string": 255,
    "picklist": 255,
    "textarea": 32000,
    "url": 255,
    "email": 80,
    "phone": 40,
}


def read_field(text: str) -> Field:
    """The field that one word of the notation stands for."""
    found = FIELD.fullmatch(text)
    if found is None:
        raise ValueError(f"not a field: {text}")
    name, kind = found["name"], found["type"]
    targets = tuple(found["targets"].split("|")) if found["targets"] else ()
    relationship = found["relationship"]
    if relationship is None and targets and name.endswith("Id"):
        relationship = name[:-2]
    flags = found["flags"]
    if flags is None:
        flags = "F" if kind == "boolean" else "FGNS"
    values = found["values"]
    return Field(
        name=name,
        type=kind,
        flags=flags,
        reference_to=targets,
        relationship=None if relationship == "-" else relationship,
        label=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name),
        length=LENGTHS.get(kind, 0),
        values=tuple(values.replace("~", " ").split(",")) if values else (),
    )


def read_fields(text: str) -> tuple[Field, ...]:
    """All fields of a notation; the first of two with one name counts."""
    fields: dict[str, Field] = {}
    for word in text.split():
        for one in SHARED.get(word, word).split():
            field = read_field(one)
            fields.setdefault(field.name, field)
    return tuple(fields.values())


def read_children(text: str) -> tuple[Child, ...]:
    """`Contacts:Contact.AccountId` words."""
    children = []
    for word in text.split():
        relationship, _, path = word.partition(":")
        name, _, field = path.partition(".")
        children.append(Child(relationship, name, field))
    return tuple(children)


def sobject(
    name: str,
    prefix: str,
    fields: str,
    *,
    children: str = "",
    label: str = "",
    apis: str = "data",
    needs: str = "",
    can: str = "",
    big: bool = False,
    bulk: bool = True,
    event_time: str | None = None,
    created_time: str | None = "CreatedDate",
    quirks: Iterable[str] = (),
) -> ObjectType:
    """One object type. `can` adds to query, retrieve and describe; several values are words."""
    read = read_fields(fields)
    names = {f.name for f in read}
    return ObjectType(
        name=name,
        prefix=prefix,
        fields=read,
        children=read_children(children),
        label=label or re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name),
        apis=frozenset(apis.split()),
        needs=tuple(needs.split()),
        calls=frozenset({"query", "retrieve", "describe", *can.split()}),
        big=big,
        bulk=bulk,
        event_time=event_time,
        created_time=created_time if created_time in names else None,
        quirks=frozenset(quirks),
    )
