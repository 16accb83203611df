"""Changing one component: what it says takes effect, or is refused with Salesforce's code.

A value that a component does not name stays as it is. Components of other types are refused, as
orgsim makes none of them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orgsim import policies
from orgsim.metadata.components import APPS, OWNERS, blocklist, components, developer_name
from orgsim.metadata.notation import listed
from orgsim.org import Blocked, OAuthApp
from orgsim.rest import audit

if TYPE_CHECKING:
    from orgsim.server import OrgServer

UNIT_MS = {"HOURS": 3_600_000, "DAYS": 86_400_000, "MONTHS": 30 * 86_400_000}
MANAGING = frozenset({"ConnectedApp", "BlacklistedConsumer"})
Values = dict[str, Any]


class Refused(Exception):
    """A component is not changed: a status code and a message."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(f"{code}: {message}")
        self.code, self.message = code, message


def check_rights(server: OrgServer, user_id: str, kind: str) -> None:
    """Raises Refused for a user who may not change components of a type."""
    held = server.people.permissions(user_id)
    lacks = not held & {"ModifyMetadata", "ModifyAllData"}
    if kind in OWNERS:
        lacks = lacks or "ManageProfilesPermissionsets" not in held
    else:
        lacks = lacks or "CustomizeApplication" not in held
    if kind in MANAGING:
        lacks = lacks or not held & {"ManageRemoteAccess", "ModifyAllData"}
    if lacks:
        raise Refused("INSUFFICIENT_ACCESS_OR_READONLY", f"insufficient access rights on {kind}")


def put(server: OrgServer, by: str, kind: str, name: str, values: Values, verb: str) -> bool:
    """Create, update or upsert (the verb) a component; whether it is new."""
    check_rights(server, by, kind)
    if kind == "BlacklistedConsumer":
        return _block(server, by, name, values, verb)
    writer = WRITERS.get(kind)
    if kind.endswith("Settings") and kind in server.org.settings:
        writer = _settings
    if writer is None:
        raise Refused("UNKNOWN_EXCEPTION", f"orgsim changes no components of type {kind}")
    if verb == "create":
        raise Refused("DUPLICATE_DEVELOPER_NAME", f"orgsim makes no new {kind}")
    writer(server, by, kind, name, values)
    return False


def remove(server: OrgServer, by: str, kind: str, name: str) -> None:
    """Delete a component: a consumer may come in again. Of other types none is deleted."""
    check_rights(server, by, kind)
    if kind != "BlacklistedConsumer":
        raise Refused("UNKNOWN_EXCEPTION", f"orgsim deletes no components of type {kind}")
    known = blocklist(server, shown=False)
    if name not in known:
        raise missing(kind, name)
    server.org.blocklist.setdefault(name, known[name])
    policies.unblock(server, by, name)


def missing(kind: str, name: str) -> Refused:
    return Refused(
        "INVALID_CROSS_REFERENCE_KEY", f"In field: fullName - no {kind} named {name} found"
    )


def _block(server: OrgServer, by: str, name: str, values: Values, verb: str) -> bool:
    known = blocklist(server, shown=False)
    key = str(values.get("consumerKey") or "")
    if name in known:
        if verb == "create":
            raise Refused(
                "DUPLICATE_DEVELOPER_NAME",
                f"The name {name} is already used on component of type: BlacklistedConsumer.",
            )
        if key and key != known[name].consumer_key:
            raise Refused("FIELD_INTEGRITY_EXCEPTION", "consumerKey can't be changed")
        return False
    if verb == "update":
        raise missing("BlacklistedConsumer", name)
    for field in ("consumerKey", "consumerName", "masterLabel"):
        if not values.get(field):
            raise Refused("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{field}]")
    if any(b.consumer_key == key for b in known.values()):
        raise Refused("DUPLICATE_VALUE", f"duplicate value found: ConsumerKey duplicates {key}")
    whitelist = values.get("blockedByApiWhitelisting") is True
    made = Blocked(key, str(values["consumerName"]), str(values["masterLabel"]), whitelist)
    policies.block(server, by, name, made)
    return True


# Apps -------------------------------------------------------------------------------------


def _app(server: OrgServer, kind: str, name: str) -> OAuthApp:
    wanted, _ = APPS[kind]
    for app in server.org.apps.values():
        if wanted(app) and not app.deleted and developer_name(app.name) == name:
            return app
    raise missing(kind, name)


def _external(server: OrgServer, kind: str, name: str, values: Values) -> OAuthApp:
    """The app that a policy says it is about, or the one of the policy's name."""
    return _app(server, kind, str(values.get("externalClientApplication") or name))


def _connected_app(server: OrgServer, by: str, kind: str, name: str, values: Values) -> None:
    app = _app(server, kind, name)
    config, policy = values.get("oauthConfig") or {}, values.get("oauthPolicy") or {}
    if config.get("consumerKey") not in (None, app.consumer_key):
        raise Refused("FIELD_INTEGRITY_EXCEPTION", "consumerKey can't be changed")
    relaxation = policy.get("ipRelaxation")
    if relaxation is not None:
        _one_of("ipRelaxation", relaxation, ("ENFORCE", "BYPASS", "ENFORCE_ACTIVATED"))
    life = _policy(str(policy["refreshTokenPolicy"])) if "refreshTokenPolicy" in policy else None
    lists = [k for k in ("permissionsetName", "profileName") if k in values]
    given = {k: _owned(server, k, [str(n) for n in listed(values[k])]) for k in lists}
    if "isAdminApproved" in config:
        policies.restrict(server, by, app, config["isAdminApproved"] is True)
    if "isRefreshTokenRotationEnabled" in config:
        policies.set_rotation(server, by, app, config["isRefreshTokenRotationEnabled"] is True)
    if relaxation is not None:
        policies.set_ip_relaxation(server, by, app, relaxation)
    if life is not None:
        policies.set_refresh_policy(server, by, app, *life)
    for which, sets in given.items():
        _give(server, app, sets, profiles=which == "profileName")


def _policy(text: str) -> tuple[int | None, int | None]:
    """Life and idle time in ms of `infinite`, `zero`, `specific_lifetime:8:HOURS`, …"""
    kind, _, rest = text.partition(":")
    number, _, unit = rest.partition(":")
    ms = int(number) * UNIT_MS.get(unit.upper(), 0) if number.isdecimal() else 0
    made = {
        "infinite": (None, None),
        "zero": (0, None),
        "specific_lifetime": (ms, None) if ms else None,
        "specific_inactivity": (None, ms) if ms else None,
    }.get(kind)
    if made is None:
        raise Refused("INVALID_FIELD", f"{text} is not a valid refresh token policy")
    return made


def _external_app(server: OrgServer, by: str, kind: str, name: str, values: Values) -> None:
    app = _external(server, kind, name, values)
    for switch in ("isEnabled", "isOauthPluginEnabled"):
        if switch in values and values[switch] is not app.enabled:
            policies.set_enabled(server, by, app, values[switch] is True)
            return


def _external_policies(server: OrgServer, by: str, kind: str, name: str, values: Values) -> None:
    app = _external(server, kind, name, values)
    permitted = values.get("permittedUsersPolicyType")
    _one_of(
        "permittedUsersPolicyType",
        permitted,
        ("AllSelfAuthorized", "AdminApprovedPreAuthorized", None),
    )
    life = None
    if values.get("refreshTokenPolicyType"):
        kinds = {
            "SpecificLifetime": "specific_lifetime",
            "SpecificInactivity": "specific_inactivity",
        }
        given = str(values["refreshTokenPolicyType"])
        period, unit = (values.get(f"refreshTokenValidity{n}", "") for n in ("Period", "Unit"))
        life = _policy(f"{kinds[given]}:{period}:{unit}" if given in kinds else given.lower())
    lists = [k for k in ("commaSeparatedPermissionSet", "commaSeparatedProfile") if k in values]
    given_to = {
        k: _owned(server, k, [n.strip() for n in str(values[k]).split(",") if n.strip()])
        for k in lists
    }
    if permitted is not None:
        policies.restrict(server, by, app, permitted == "AdminApprovedPreAuthorized")
    if values.get("ipRelaxationPolicyType"):
        relaxation = str(values["ipRelaxationPolicyType"]).upper()
        policies.set_ip_relaxation(server, by, app, relaxation)
    if life is not None:
        policies.set_refresh_policy(server, by, app, *life)
    for which, sets in given_to.items():
        _give(server, app, sets, profiles=which == "commaSeparatedProfile")


def _one_of(name: str, value: Any, known: tuple[Any, ...]) -> None:
    if value not in known:
        raise Refused("INVALID_FIELD", f"'{value}' is not a valid value for {name}")


def _owned(server: OrgServer, which: str, names: list[str]) -> list[str]:
    """Ids of the permission sets of these names, or of those that profiles of these names own."""
    store = server.org.store
    sets, profiles = store["PermissionSet"], store["Profile"]
    of_profiles = which.lower().endswith(("profile", "profilename"))
    found: dict[str, str] = {}
    for at in sets.seen(server.org.clock.now()):
        place = profiles.find(sets.value(at, "ProfileId") or "")
        if of_profiles and place is not None:
            found[str(profiles.value(place, "Name"))] = sets.value(at, "Id")
        elif not of_profiles and place is None:
            found[str(sets.value(at, "Name"))] = sets.value(at, "Id")
    unknown = [n for n in names if n not in found]
    if unknown:
        raise missing("Profile" if of_profiles else "PermissionSet", unknown[0])
    return [found[n] for n in names]


def _give(server: OrgServer, app: OAuthApp, wanted: list[str], *, profiles: bool) -> None:
    """Let just these permission sets (or those of profiles) have an app."""
    org = server.org
    access, sets = org.store["SetupEntityAccess"], org.store["PermissionSet"]
    held: set[str] = set()
    for at in list(access.seen(org.clock.now())):
        place = sets.find(access.value(at, "ParentId"))
        if access.value(at, "SetupEntityId") != app.application_id or place is None:
            continue
        if bool(sets.value(place, "IsOwnedByProfile")) is not profiles:
            continue
        held.add(access.value(at, "ParentId"))
        if access.value(at, "ParentId") not in wanted:
            access.delete(at, server.propagation.until("reads"))
    kind = "ExternalClientApplication" if app.kind != "connected_app" else "ConnectedApplication"
    for parent in wanted:
        if parent not in held and app.application_id:
            row = {
                "Id": org.new_id("0J0"),
                "ParentId": parent,
                "SetupEntityId": app.application_id,
                "SetupEntityType": kind,
                "SystemModstamp": org.clock.now() // 1000 * 1000,
            }
            access.add(access.make(row), server.propagation.until("reads"))


# Permissions and switches -----------------------------------------------------------------


def _permissions(server: OrgServer, by: str, kind: str, name: str, values: Values) -> None:
    org = server.org
    table = org.store[kind]
    owner = table.type.position["Name"]
    at = next((n for n in table.seen(org.clock.now()) if table.rows[n][owner] == name), None)
    if at is None:
        raise missing(kind, name)
    wanted: dict[str, bool] = {}
    for one in listed(values.get("userPermissions")):
        column = f"Permissions{one.get('name')}"
        if column not in table.type.position:
            raise Refused(
                "INVALID_CROSS_REFERENCE_KEY", f"Unknown user permission: {one.get('name')}"
            )
        wanted[column] = one.get("enabled") is True
    for column, value in wanted.items():
        former = bool(table.value(at, column))
        if former == value:
            continue
        table.update(at, {column: value})
        if kind == "Profile":
            server.people.give_profile(table.value(at, "Id"), {column: value})
            action, said = "profilePermChangedCustom", "Changed profile"
        else:
            action = "PermSetEnableUserPerm" if value else "PermSetDisableUserPerm"
            said = "Permission set"
        words = ("disabled", "enabled")
        permission = column.removeprefix("Permissions")
        audit.add(server, by, action, audit.USERS, f"{said} {name}: general user permission "
                  f"{permission} was changed from {words[former]} to {words[value]}")  # fmt: skip
    server.people.changed()


def _settings(server: OrgServer, by: str, kind: str, name: str, values: Values) -> None:
    """Switches of Setup, merged in; sign-ins meet them when reads show them."""
    known = server.org.settings[kind]
    _check_switches(kind, known, values)
    server.propagation.after("reads", lambda: _merge(server, kind, values))
    if server.unsure.switch is not None:
        for switch in values:
            said = f"Organization setup action: {switch} has changed."
            audit.add(server, by, server.unsure.switch, None, said)


def _check_switches(kind: str, known: Values, values: Values) -> None:
    for name, value in values.items():
        if name not in known:
            raise Refused("INVALID_FIELD", f"{kind} has no field {name}")
        if isinstance(known[name], dict) and isinstance(value, dict):
            _check_switches(kind, known[name], value)


def _merge(server: OrgServer, kind: str, values: Values) -> None:
    def merged(into: Values, given: Values) -> None:
        for name, value in given.items():
            if isinstance(into[name], dict) and isinstance(value, dict):
                merged(into[name], value)
            else:
                into[name] = (
                    int(value) if isinstance(into[name], int) and str(value).isdecimal() else value
                )

    merged(server.org.settings[kind], values)
    server.hidden_ms = server.org.clock.now()


Writer = Callable[["OrgServer", str, str, str, Values], None]
WRITERS: dict[str, Writer] = {
    "ConnectedApp": _connected_app,
    "ExternalClientApplication": _external_app,
    "ExtlClntAppConfigurablePolicies": _external_app,
    "ExtlClntAppOauthConfigurablePolicies": _external_policies,
    "PermissionSet": _permissions,
    "Profile": _permissions,
}


def known(server: OrgServer, kind: str, name: str) -> bool:
    """Whether a read shows a component."""
    return name in components(server, kind)
