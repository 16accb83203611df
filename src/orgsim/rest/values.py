"""Values coming in: JSON to rows, with references by id or by username and name."""

from __future__ import annotations

from typing import Any

from orgsim.org import id18
from orgsim.schema import Field, ObjectType
from orgsim.soql import dates
from orgsim.store import Store
from orgsim.wire import ApiError

NAMES = ("Username", "Name", "DeveloperName", "FullName", "Title")
CREATED = ("CreatedDate",)
CHANGED = ("LastModifiedDate", "SystemModstamp")


def incoming(
    store: Store, type: ObjectType, values: Any, *, writing: str | None = None
) -> dict[str, Any]:
    """A row's named values. `writing` (create or update) refuses fields that may not be written;
    None takes any field, as the control API does."""
    if not isinstance(values, dict):
        raise ApiError(400, "JSON_PARSER_ERROR", "an object of field values is expected")
    row: dict[str, Any] = {}
    for name, value in values.items():
        if name == "attributes":
            continue
        field = type.by_name.get(name.lower())
        if field is None:
            raise ApiError(
                400, "INVALID_FIELD", f"No such column '{name}' on sobject of type {type.name}"
            )
        allowed = {"create": field.createable, "update": field.updateable, None: True}[writing]
        if not allowed:
            raise ApiError(
                400,
                "INVALID_FIELD_FOR_INSERT_UPDATE",
                f"Unable to create/update fields: {field.name}. Please check the security "
                "settings of this field and verify that it is read/write for your profile or "
                "permission set.",
                fields=[field.name],
            )
        row[field.name] = _value(store, field, value)
    return row


def _value(store: Store, field: Field, value: Any) -> Any:
    if value is None:
        return None
    try:
        match field.type:
            case "datetime":
                return value if isinstance(value, int) else dates.instant(value)
            case "double" | "currency" | "percent":
                return float(value)
            case "int":
                return int(value)
            case "boolean":
                if not isinstance(value, bool):
                    raise ValueError(value)
                return value
            case "id":
                return id18(value[:15])
            case "reference":
                return reference(store, field, value)
            case "base64":
                return value.encode()
            case _:
                return value if isinstance(value, str) else str(value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ApiError(
            400, "JSON_PARSER_ERROR", f"Cannot deserialize {value!r} as {field.type} {field.name}"
        ) from error


def reference(store: Store, field: Field, value: str) -> str:
    """The id meant by an id or by the name of a row that the field may refer to."""
    for target in field.reference_to:
        table = store.tables.get(target)
        if table is None:
            continue
        for name in NAMES:
            at = table.type.position.get(name)
            if at is None:
                continue
            for place, row in enumerate(table.rows):
                if row[at] == value and place not in table.deleted:
                    return str(row[table.type.position["Id"]])
    if len(value) in (15, 18) and value.isalnum():
        return id18(value[:15])
    raise ApiError(
        400,
        "INVALID_CROSS_REFERENCE_KEY",
        f"{field.name}: no {' or '.join(field.reference_to) or 'record'} is called {value}",
        fields=[field.name],
    )


def stamp(
    type: ObjectType, row: dict[str, Any], now: int, user_id: str, *, created: bool = True
) -> None:
    """Fill in who wrote a row and when, where the object keeps that and the row does not say."""
    second = now // 1000 * 1000
    for name in CHANGED + (CREATED if created else ()):
        if name in type.position:
            row.setdefault(name, second)
    for name in ("LastModifiedById", *(("CreatedById",) if created else ())):
        if name in type.position:
            row.setdefault(name, user_id)
