"""Who may write which record, and which records cannot be written just now."""

from __future__ import annotations

from orgsim.rest.call import Call
from orgsim.schema import ObjectType
from orgsim.store import Table
from orgsim.wire import ApiError

# Object to the permissions one of which a write needs. Objects that are not here need none.
WRITES_NEED: dict[str, tuple[str, ...]] = {
    "User": ("ManageUsers",),
    "UserLogin": ("ManageUsers", "FreezeUsers"),
    "AuthSession": ("ManageUsers",),
    "PermissionSetAssignment": ("AssignPermissionSets",),
    "PermissionSet": ("ManageProfilesPermissionsets",),
    "Profile": ("ManageProfilesPermissionsets",),
    "SetupEntityAccess": ("ManageProfilesPermissionsets",),
    "TwoFactorInfo": ("ManageMfaInApi",),
}


def allows(type: ObjectType, verb: str, method: str) -> None:
    """Raises METHOD_NOT_ALLOWED where the object has no such call at all, as OauthToken has no
    delete."""
    if verb not in type.calls:
        raise ApiError(
            405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are GET,HEAD"
        )


def may_write(call: Call, type: ObjectType, table: Table | None = None, at: int = -1) -> None:
    """Raises the refusal of a caller without the right, or of a record that is locked."""
    needed = WRITES_NEED.get(type.name, ())
    own = (
        type.name == "AuthSession"
        and table is not None
        and table.value(at, "UsersId") == call.session.user_id
    )
    if needed and not own and not call.asker.permissions & set(needed):
        raise ApiError(
            400,
            "INSUFFICIENT_ACCESS_OR_READONLY",
            "insufficient access rights on object id",
            fields=[],
        )
    if table is not None:
        id = table.value(at, "Id")
        if call.server.locks.holds(id, call.server.org.clock.now()):
            raise ApiError(
                400,
                "UNABLE_TO_LOCK_ROW",
                f"unable to obtain exclusive access to this record or 1 records: {id}",
                fields=[],
            )
