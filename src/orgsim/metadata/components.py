"""What an org's components say, read off the org as reads show it now.

A type that orgsim does not know has no components, as at Salesforce for what is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orgsim.org import EXTERNAL, Blocked, OAuthApp

if TYPE_CHECKING:
    from orgsim.server import OrgServer

HOUR = 3_600_000
SCOPES = {
    "api": "Api",
    "refresh_token": "RefreshToken",
    "offline_access": "OfflineAccess",
    "web": "Web",
    "full": "Full",
    "openid": "OpenID",
    "id": "Basic",
    "profile": "Profile",
    "email": "Email",
}
Component = dict[str, Any]


def developer_name(name: str) -> str:
    return "".join(ch if ch.isalnum() else "_" for ch in name)


def blocklist(server: OrgServer, *, shown: bool = True) -> dict[str, Blocked]:
    """The consumers that are shut out, by full name: those blocked here, and apps that are blocked
    without anybody having made a component, as by the control API."""
    org = server.org
    made = dict(org.blocklist_shown if shown else org.blocklist)
    keys = {b.consumer_key for b in (*org.blocklist.values(), *org.blocklist_shown.values())}
    for app in org.apps.values():
        if app.blocked and app.consumer_key not in keys:
            made[developer_name(app.name)] = Blocked(app.consumer_key, app.name, app.name)
    return made


def _username(server: OrgServer, app: OAuthApp) -> str | None:
    found = server.people.value(app.run_as, "Username") if app.run_as else None
    return found if isinstance(found, str) else None


def _access(server: OrgServer, app: OAuthApp) -> tuple[list[str], list[str]]:
    """The names of the permission sets and of the profiles that an app was given to."""
    store = server.org.store
    access, sets, profiles = (
        store.tables.get(n) for n in ("SetupEntityAccess", "PermissionSet", "Profile")
    )
    found: tuple[list[str], list[str]] = ([], [])
    if access is None or sets is None or profiles is None or app.application_id is None:
        return found
    for at in access.seen(server.org.clock.now()):
        place = sets.find(access.value(at, "ParentId"))
        if access.value(at, "SetupEntityId") != app.application_id or place is None:
            continue
        profile = profiles.find(sets.value(place, "ProfileId") or "")
        if profile is None:
            found[0].append(sets.value(place, "Name"))
        else:
            found[1].append(profiles.value(profile, "Name"))
    return found


def _refresh_policy(app: OAuthApp) -> str:
    life, idle = app.shown("refresh_life_ms"), app.shown("refresh_idle_ms")
    if life == 0:
        return "zero"
    if life is not None:
        return f"specific_lifetime:{life // HOUR}:HOURS"
    return "infinite" if idle is None else f"specific_inactivity:{idle // HOUR}:HOURS"


def _connected_app(server: OrgServer, app: OAuthApp) -> Component:
    sets, profiles = _access(server, app)
    return {
        "contactEmail": "admin@example.com",
        "label": app.name,
        "oauthConfig": {
            "callbackUrl": "\n".join(app.callback_urls) or None,
            "certificate": app.certificate_pem,
            "consumerKey": app.consumer_key,
            "isAdminApproved": app.shown("admin_approved_only"),
            "isClientCredentialEnabled": "client_credentials" in app.flows,
            "isCodeCredentialEnabled": False,
            "isConsumerSecretOptional": not app.secret_required,
            "isDeviceFlowEnabled": "device" in app.flows,
            "isIntrospectAllTokens": False,
            "isPkceRequired": app.pkce_required,
            "isRefreshTokenRotationEnabled": app.shown("rotate_refresh_token"),
            "oauthClientCredentialUser": _username(server, app),
            "scopes": [SCOPES.get(s, s) for s in app.scopes],
        },
        "oauthPolicy": {
            "ipRelaxation": app.shown("ip_relaxation"),
            "refreshTokenPolicy": _refresh_policy(app),
        },
        "permissionsetName": sets,
        "profileName": profiles,
    }


def _external_app(server: OrgServer, app: OAuthApp) -> Component:
    return {
        "contactEmail": "admin@example.com",
        "distributionState": "Local",
        "isEnabled": app.shown("enabled"),
        "isProtected": False,
        "label": app.name,
    }


def _external_policies(server: OrgServer, app: OAuthApp) -> Component:
    approved = app.shown("admin_approved_only")
    kind, _, rest = _refresh_policy(app).partition(":")
    sets, profiles = _access(server, app)
    return {
        "clientCredentialsFlowUser": _username(server, app),
        "commaSeparatedPermissionSet": ",".join(sets) or None,
        "commaSeparatedProfile": ",".join(profiles) or None,
        "externalClientApplication": developer_name(app.name),
        "ipRelaxationPolicyType": app.shown("ip_relaxation").title(),
        "isClientCredentialsFlowEnabled": "client_credentials" in app.flows,
        "permittedUsersPolicyType": "AdminApprovedPreAuthorized"
        if approved
        else "AllSelfAuthorized",
        "refreshTokenPolicyType": kind.title().replace("_", ""),
        "refreshTokenValidityPeriod": rest.partition(":")[0] or None,
        "refreshTokenValidityUnit": "Hours" if rest else None,
        "sessionTimeoutInMinutes": 120,
    }


def _configurable(server: OrgServer, app: OAuthApp) -> Component:
    return {
        "externalClientApplication": developer_name(app.name),
        "isEnabled": app.shown("enabled"),
        "isOauthPluginEnabled": app.shown("enabled"),
        "isSamlPluginEnabled": False,
    }


Render = Callable[["OrgServer", OAuthApp], Component]
# Metadata type to (which apps it is about, how one of them reads).
APPS: dict[str, tuple[Callable[[OAuthApp], bool], Render]] = {
    "ConnectedApp": (
        lambda a: a.kind == "connected_app" and a.installed and a.local,
        _connected_app,
    ),
    "ExternalClientApplication": (lambda a: a.kind == EXTERNAL and a.installed, _external_app),
    "ExtlClntAppOauthConfigurablePolicies": (
        lambda a: a.kind == EXTERNAL and a.installed,
        _external_policies,
    ),
    "ExtlClntAppConfigurablePolicies": (
        lambda a: a.kind == EXTERNAL and a.installed,
        _configurable,
    ),
}
OWNERS = {"PermissionSet": "Name", "Profile": "Name"}


def _permissions(server: OrgServer, kind: str) -> dict[str, Component]:
    """Permission sets or profiles with the user permissions they give."""
    table = server.org.store.tables.get(kind)
    made: dict[str, Component] = {}
    for at in table.seen(server.org.clock.now()) if table else ():
        assert table is not None
        if kind == "PermissionSet" and table.value(at, "IsOwnedByProfile"):
            continue
        given = [
            {"enabled": True, "name": field.name.removeprefix("Permissions")}
            for field in table.type.fields
            if field.name.startswith("Permissions") and table.value(at, field.name)
        ]
        label = table.value(at, "Label") if kind == "PermissionSet" else None
        made[str(table.value(at, OWNERS[kind]))] = {"label": label, "userPermissions": given}
    return made


def components(server: OrgServer, kind: str) -> dict[str, Component]:
    """Full name to contents of every component of a metadata type."""
    if kind == "BlacklistedConsumer":
        return {
            name: {
                "blockedByApiWhitelisting": blocked.by_access_control,
                "consumerKey": blocked.consumer_key,
                "consumerName": blocked.name,
                "masterLabel": blocked.label,
            }
            for name, blocked in blocklist(server).items()
        }
    if kind in APPS:
        wanted, render = APPS[kind]
        apps = [a for a in server.org.apps.values() if wanted(a) and not a.deleted]
        return {developer_name(a.name): render(server, a) for a in apps}
    if kind in OWNERS:
        return _permissions(server, kind)
    settings = server.org.settings
    if kind == "Settings":  # listMetadata's name for all of them
        return {name.removesuffix("Settings"): settings[name] for name in settings}
    return {kind.removesuffix("Settings"): settings[kind]} if kind in settings else {}
