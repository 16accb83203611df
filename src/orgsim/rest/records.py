"""Records: read, create, change and remove them, where their object allows it, and blobs."""

from __future__ import annotations

import asyncio
import gzip
import shutil
from pathlib import Path
from typing import Any

from orgsim.org import id18
from orgsim.rest import audit, describe, rights
from orgsim.rest.call import Call
from orgsim.rest.values import incoming, stamp
from orgsim.schema import ObjectType
from orgsim.soql.shape import Record
from orgsim.store import Table
from orgsim.wire import ApiError, Reply, answer

OCTETS = "application/octetstream"  # as the documentation spells it


async def sobjects(call: Call, method: str, parts: list[str]) -> Reply:
    """Anything under `sobjects`."""
    match method, parts:
        case "GET", []:
            return describe.everything(call)
        case "GET", [name, "describe"]:
            return describe.describe(call, describe.find(call, name))
        case "GET", [name]:
            return describe.basic(call, describe.find(call, name))
        case "POST", [name]:
            return answer(create(call, name, call.request.json()), 201)
        case "GET", [name, id]:
            return read(call, name, id)
        case "PATCH", [name, id]:
            update(call, name, id, call.request.json())
            return Reply(status=204)
        case "DELETE", [name, id]:
            delete(call, name, id)
            return Reply(status=204)
        case "GET", [name, id, field]:
            return await blob(call, name, id, field)
        case "DELETE", ["User", id, "password"]:
            return _reset_password(call, id)
    raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def _locate(call: Call, name: str, id: str) -> tuple[ObjectType, Table, int]:
    type = describe.find(call, name)
    table = call.server.org.store[type.name]
    if len(id) not in (15, 18) or not id.isalnum():
        raise ApiError(400, "MALFORMED_ID", f"{type.name} ID: id value of incorrect type: {id}")
    at = table.find(id18(id[:15]))
    asker = call.asker
    own = asker.own_only(type)
    if (
        at is None
        or table.visible_from[at] > asker.now
        or (own is not None and table.rows[at][own] != asker.user_id)
    ):
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    if at in table.deleted:
        raise ApiError(404, "ENTITY_IS_DELETED", "entity is deleted")
    return type, table, at


def _named(type: ObjectType, table: Table, at: int) -> dict[str, Any]:
    return {f.name: table.value(at, f.name) for f in type.fields}


def read(call: Call, name: str, id: str) -> Reply:
    type, table, at = _locate(call, name, id)
    record = Record(call.asker, (type,))
    chosen = call.request.params.get("fields")
    for wanted in chosen.split(",") if chosen else [f.name for f in type.fields]:
        field = type.by_name.get(wanted.strip().lower())
        if field is None:
            raise ApiError(
                400, "INVALID_FIELD", f"No such column '{wanted}' on sobject of type {type.name}"
            )
        record.add_field(field.name, field.name)
    return answer(record.render(type)(table.rows[at]))


def create(call: Call, name: str, values: Any) -> dict[str, Any]:
    type = describe.find(call, name)
    rights.allows(type, "create", "POST")
    rights.may_write(call, type)
    org = call.server.org
    table = org.store[type.name]
    row = incoming(org.store, type, values, writing="create")
    if type.name == "SetupEntityAccess":
        row.setdefault("SetupEntityType", _entity_type(call, row.get("SetupEntityId")))
    id = org.new_id(type.prefix)
    stamp(type, row, org.clock.now(), call.session.user_id)
    at = table.add(table.make(row | {"Id": id}), org.clock.now())
    audit.note(call, type.name, "create", row, _named(type, table, at))
    return {"id": id, "success": True, "errors": []}


def update(call: Call, name: str, id: str, values: Any) -> None:
    rights.allows(describe.find(call, name), "update", "PATCH")
    type, table, at = _locate(call, name, id)
    rights.may_write(call, type, table, at)
    org = call.server.org
    row = incoming(org.store, type, values, writing="update")
    if type.name == "UserLogin" and row.get("IsPasswordLocked"):
        raise ApiError(
            400, "FIELD_INTEGRITY_EXCEPTION", "IsPasswordLocked can only be set to false"
        )
    if type.name == "User" and row.get("IsActive") is False:
        if table.value(at, "Id") == call.session.user_id:
            raise ApiError(400, "CANNOT_DEACTIVATE_SELF", "You cannot deactivate your own user")
        call.server.sessions.close_user(table.value(at, "Id"))
    stamp(type, row, org.clock.now(), call.session.user_id, created=False)
    former = _named(type, table, at)
    table.update(at, row)
    if type.name == "Profile":
        given = {k: v for k, v in row.items() if k.startswith("Permissions")}
        call.server.people.give_profile(table.value(at, "Id"), given)
    audit.note(call, type.name, "update", row, _named(type, table, at), former)
    call.server.people.changed()


def delete(call: Call, name: str, id: str) -> None:
    rights.allows(describe.find(call, name), "delete", "DELETE")
    type, table, at = _locate(call, name, id)
    rights.may_write(call, type, table, at)
    row = _named(type, table, at)
    if type.name == "PermissionSetAssignment":
        sets = call.server.org.store.tables.get("PermissionSet")
        place = sets.find(row["PermissionSetId"] or "") if sets else None
        if sets is not None and place is not None and sets.value(place, "IsOwnedByProfile"):
            raise ApiError(
                400,
                "INSUFFICIENT_ACCESS_OR_READONLY",
                "insufficient access rights on cross-reference id",
                fields=[],
            )
    if "IsDeleted" in type.position:
        table.update(at, {"IsDeleted": True})
    lingers = call.server.propagation.until("reads")
    if type.name == "AuthSession":
        for child in _children(table, row["Id"]):
            call.server.sessions.close_row(table.value(child, "Id"))
            table.delete(child, lingers)
        call.server.sessions.close_row(row["Id"])
    table.delete(at, lingers)
    audit.note(call, type.name, "delete", {}, row)
    call.server.people.changed()


def _children(table: Table, id: str) -> list[int]:
    """Sessions that die with this one: those it opened, and theirs."""
    parent, own = table.type.position["ParentId"], table.type.position["Id"]
    found = [
        at for at, row in enumerate(table.rows) if row[parent] == id and at not in table.deleted
    ]
    return found + [more for at in found for more in _children(table, table.rows[at][own])]


def _entity_type(call: Call, id: Any) -> str | None:
    """What SetupEntityAccess says of the thing with this id."""
    types = call.server.org.store.types.values()
    return next((t.name for t in types if t.prefix and str(id).startswith(t.prefix)), None)


def _reset_password(call: Call, id: str) -> Reply:
    call.need("ManageUsers")
    type, table, at = _locate(call, "User", id)
    audit.note(call, "User", "password", {}, _named(type, table, at))
    return answer({"NewPassword": call.server.sessions.secret(10)})


async def blob(call: Call, name: str, id: str, field: str) -> Reply:
    """A base64 field's bytes; gzip when the caller accepts it."""
    type, table, at = _locate(call, name, id)
    found = type.by_name.get(field.lower())
    if found is None or found.type != "base64":
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
    key = table.value(at, "Id")
    files = call.server.org.log_files
    if type.name == "EventLogFile" and files is not None:
        opened = files.open_body(key)
        if opened is None:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        path, length = opened
        if "gzip" in call.request.headers.get("accept-encoding", ""):
            path = await _gzipped(call.server.scratch, key, path)
            length = path.stat().st_size
            return Reply(
                b"",
                content_type=OCTETS,
                headers=[("Content-Encoding", "gzip")],
                file=path,
                length=length,
            )
        return Reply(b"", content_type=OCTETS, file=path, length=length)
    value = table.value(at, found.name)
    if isinstance(value, Path):
        return Reply(b"", content_type=OCTETS, file=value, length=value.stat().st_size)
    return Reply(value or b"", content_type=OCTETS)


_making: dict[Path, asyncio.Lock] = {}


async def _gzipped(scratch: Path, key: str, source: Path) -> Path:
    """The gzipped body, made once. A file published anew has another id, so never stale."""
    made = scratch / f"{key}.gz"
    async with _making.setdefault(made, asyncio.Lock()):
        if not made.exists():
            await asyncio.to_thread(_compress, source, made)
    return made


def _compress(source: Path, made: Path) -> None:
    part = made.with_suffix(".part")
    with source.open("rb") as plain, gzip.open(part, "wb", compresslevel=1) as packed:
        shutil.copyfileobj(plain, packed, 1 << 20)
    part.rename(made)
