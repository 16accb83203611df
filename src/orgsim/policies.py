"""What administrators change of an app: who may use it, how long, from where, and if at all.

A change is made at once; when sign-ins and sessions meet it and when reads show it is up to the
delays `apps` and `reads`. Each change writes its row of SetupAuditTrail where Salesforce's name for
it is known; `Unsure` holds the names that are not.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsim.org import EXTERNAL, Blocked, OAuthApp
from orgsim.rest import audit

if TYPE_CHECKING:
    from orgsim.server import OrgServer

SELF, APPROVED = "All users may self-authorize", "Admin approved users are pre-authorized"


@dataclass
class Unsure:
    """What Salesforce does here is not documented; the control API sets it (`/_sim/unsure`).

    The first three are actions of SetupAuditTrail, None for no row. `block_revokes`: blocking an
    app ends its grants, so that unblocking brings none back. `restrict_ends`: restricting an app
    to approved users ends the sessions of the others."""

    refresh_policy: str | None = None
    external_client_app: str | None = None
    switch: str | None = None
    block_revokes: bool = False
    restrict_ends: bool = False


def set_field(server: OrgServer, app: OAuthApp, name: str, value: Any) -> bool:
    """Change a field of an app, its effect and its sight delayed; whether it is another value."""
    former = getattr(app, name)
    if former == value:
        return False
    app.still_felt.setdefault(name, former)
    app.still_shown.setdefault(name, former)
    setattr(app, name, value)
    server.propagation.after("apps", lambda: app.still_felt.pop(name, None))
    server.propagation.after("reads", lambda: app.still_shown.pop(name, None))
    return True


def _end_sessions(server: OrgServer, app: OAuthApp) -> None:
    sessions = server.sessions
    server.propagation.after(
        "apps", lambda: sessions.end([s for s in sessions.sessions.values() if s.app is app])
    )


# Blocking ---------------------------------------------------------------------------------


def block(server: OrgServer, by: str, full_name: str, blocked: Blocked) -> None:
    """Shut a consumer out: nobody signs in with it, its sessions end. Its grants stay."""
    org = server.org
    org.blocklist[full_name] = blocked
    _show(server, full_name)
    app = org.apps.get(blocked.consumer_key)
    if app is not None and set_field(server, app, "blocked", True):
        _end_sessions(server, app)
        sessions = server.sessions
        if server.unsure.block_revokes:
            for grant in sessions.grants:
                if grant.app is app:
                    server.propagation.after("apps", lambda g=grant: sessions.revoke(g))  # type: ignore[misc]
    said = f"Blocked connected app {blocked.name}"
    audit.add(server, by, "blockConnectedApplication", audit.APPS, said)


def unblock(server: OrgServer, by: str, full_name: str) -> None:
    """Let a consumer in again; its live grants work again."""
    blocked = server.org.blocklist.pop(full_name)
    _show(server, full_name)
    app = server.org.apps.get(blocked.consumer_key)
    if app is not None:
        set_field(server, app, "blocked", False)
    said = f"Unblocked connected app {blocked.name}"
    audit.add(server, by, "unblockConnectedApplication", audit.APPS, said)


def _show(server: OrgServer, full_name: str) -> None:
    org = server.org

    def show() -> None:
        if full_name in org.blocklist:
            org.blocklist_shown[full_name] = org.blocklist[full_name]
        else:
            org.blocklist_shown.pop(full_name, None)

    server.propagation.after("reads", show)


def set_enabled(server: OrgServer, by: str, app: OAuthApp, value: bool) -> None:
    """Switch an external client app off or on."""
    if not set_field(server, app, "enabled", value):
        return
    if not value:
        _end_sessions(server, app)
    _rows(server, app, ExternalClientApplication={"IsEnabled": value})
    word = "Enabled" if value else "Disabled"
    _unsure(server, by, server.unsure.external_client_app, app, f"{word} external client app")


# Policies ---------------------------------------------------------------------------------


def restrict(server: OrgServer, by: str, app: OAuthApp, value: bool) -> None:
    """Let only users in whom an administrator approved, or everybody who allows it."""
    if not set_field(server, app, "admin_approved_only", value):
        return
    _rows(
        server,
        app,
        ConnectedApplication={"OptionsAllowAdminApprovedUsersOnly": value},
        AppMenuItem={"IsUsingAdminAuthorization": value},
        ExtlClntAppOauthPlcyCnfg={
            "PermittedUsersPolicyType": "AdminApprovedPreAuthorized"
            if value
            else "AllSelfAuthorized"
        },
    )
    if value and server.unsure.restrict_ends:
        from orgsim.oauth.apps import admin_approved

        sessions = server.sessions

        def end() -> None:
            theirs = [s for s in sessions.sessions.values() if s.app is app]
            sessions.end([s for s in theirs if not admin_approved(server, app, s.user_id)])

        server.propagation.after("apps", end)
    said = (SELF, APPROVED) if value else (APPROVED, SELF)
    _change(server, by, "changeUserRuntimeAccessPolicy", app, "Permitted Users setting", *said)


def set_ip_relaxation(server: OrgServer, by: str, app: OAuthApp, value: str) -> None:
    former = app.ip_relaxation
    if set_field(server, app, "ip_relaxation", value):
        shown = {"IpRelaxationPolicyType": value.title()}
        _rows(server, app, ExtlClntAppOauthPlcyCnfg=shown)
        words = "IP Relaxation Policy setting"
        _change(server, by, "changeIpRelaxationPolicy", app, words, former, value)


def set_rotation(server: OrgServer, by: str, app: OAuthApp, value: bool) -> None:
    if set_field(server, app, "rotate_refresh_token", value):
        said = (str(not value).lower(), str(value).lower())
        action = "changeApplicationRefreshTokenRotationEnabled"
        _change(server, by, action, app, "Refresh Token Rotation setting", *said)


def set_refresh_policy(
    server: OrgServer, by: str, app: OAuthApp, life_ms: int | None, idle_ms: int | None
) -> None:
    """How long refresh tokens live, in all and unused; None is for ever, a life of 0 not at all."""
    changed = set_field(server, app, "refresh_life_ms", life_ms)
    changed = set_field(server, app, "refresh_idle_ms", idle_ms) or changed
    if not changed:
        return
    ms = life_ms if life_ms is not None else idle_ms
    hours = None if ms is None else ms // 3_600_000
    kind = (
        "Infinite"
        if ms is None
        else "SpecificInactivity"
        if life_ms is None
        else "SpecificLifetime"
        if ms
        else "Zero"
    )
    _rows(
        server,
        app,
        ConnectedApplication={
            "RefreshTokenValidityPeriod": hours,
            "OptionsRefreshTokenValidityMetric": ms is not None,
        },
        ExtlClntAppOauthPlcyCnfg={
            "RefreshTokenPolicyType": kind,
            "RefreshTokenValidityPeriod": hours,
            "RefreshTokenValidityUnit": None if hours is None else "Hours",
        },
    )
    _unsure(server, by, server.unsure.refresh_policy, app, "Changed refresh token policy of")


def _change(
    server: OrgServer, by: str, action: str, app: OAuthApp, what: str, former: str, now: str
) -> None:
    said = f"For application {app.name}, changed {what} from {former} to {now}"
    audit.add(server, by, action, audit.APPLICATION, said)


def _unsure(server: OrgServer, by: str, action: str | None, app: OAuthApp, said: str) -> None:
    if action is not None:
        audit.add(server, by, action, audit.APPLICATION, f"{said} {app.name}")


def _rows(server: OrgServer, app: OAuthApp, **changes: dict[str, Any]) -> None:
    """Let the records about an app say so too, when reads show it."""
    org = server.org
    external = app.kind == EXTERNAL
    at_app = "Id"
    for object, values in changes.items():
        if object == "AppMenuItem":
            wanted, at_app = app.app_menu_item_id, "Id"
        elif object.startswith("Ext") != external:
            continue
        elif object == "ExtlClntAppOauthPlcyCnfg":
            wanted, at_app = app.application_id, "ExternalClientApplicationId"
        else:
            wanted, at_app = app.application_id, "Id"
        table = org.store.tables.get(object)
        if table is None or wanted is None:
            continue
        place = table.type.position[at_app]
        for at, row in enumerate(table.rows):
            if row[place] == wanted:
                server.propagation.after(
                    "reads",
                    lambda t=table, n=at, v=values: t.update(n, v),  # type: ignore[misc]
                )
