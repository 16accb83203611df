"""Apps that come and go: made, installed, uninstalled. What people allowed stays in OauthToken."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from orgsim.org import EXTERNAL, OAuthApp
from orgsim.rest import audit

if TYPE_CHECKING:
    from orgsim.server import OrgServer

OBJECTS = {"connected_app": "ConnectedApplication", EXTERNAL: "ExternalClientApplication"}


def _row(server: OrgServer, object: str, **values: Any) -> str:
    org, table = server.org, server.org.store[object]
    now = org.clock.now() // 1000 * 1000
    usual = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
    known = {k: v for k, v in (usual | values).items() if k in table.type.position}
    id18 = org.new_id(table.type.prefix)
    table.add(table.make(known | {"Id": id18}), server.propagation.until("reads"))
    return id18


def install(server: OrgServer, app: OAuthApp, by: str) -> None:
    """Give an app its rows, with new ids each time; tokens that know it by name are its own."""
    kind = OBJECTS[app.kind]
    api_name = app.name.replace(" ", "_")
    app.installed = True
    app.application_id = _row(
        server,
        kind,
        Name=app.name,
        DeveloperName=api_name,
        MasterLabel=app.name,
        Language="en_US",
        DistributionState="Local" if app.local else "Packaged",
        IsEnabled=app.enabled,
        OptionsAllowAdminApprovedUsersOnly=app.admin_approved_only,
        CreatedById=by,
        LastModifiedById=by,
    )
    app.app_menu_item_id = _row(
        server,
        "AppMenuItem",
        Name=api_name,
        Label=app.name,
        Type=kind,
        ApplicationId=app.application_id,
        IsVisible=True,
        IsAccessible=True,
        IsUsingAdminAuthorization=app.admin_approved_only,
        CreatedById=by,
        LastModifiedById=by,
    )
    if app.kind == EXTERNAL:
        approved = "AdminApprovedPreAuthorized" if app.admin_approved_only else "AllSelfAuthorized"
        _row(
            server,
            "ExtlClntAppOauthPlcyCnfg",
            DeveloperName=f"{api_name}_policy",
            MasterLabel=f"{app.name} policies",
            ExternalClientApplicationId=app.application_id,
            ClientCredentialsFlowUserId=app.run_as,
            IpRelaxationPolicyType=app.ip_relaxation.title(),
            IsClientCredentialsFlowEnabled="client_credentials" in app.flows,
            PermittedUsersPolicyType=approved,
            RefreshTokenPolicyType="Infinite",
            CreatedById=by,
            LastModifiedById=by,
        )
    _of_tokens(server, app, app.app_menu_item_id)
    said = f"Installed connected app {app.name}"
    audit.add(server, by, "insertConnectedApplication", audit.APPS, said)


def uninstall(server: OrgServer, app: OAuthApp, by: str) -> None:
    """Take an app's rows away. Whoever allowed it before goes on using it."""
    for object, id in (
        (OBJECTS[app.kind], app.application_id),
        ("AppMenuItem", app.app_menu_item_id),
    ):
        table = server.org.store[object]
        at = table.find(id) if id else None
        if at is not None:
            table.delete(at, server.propagation.until("reads"))
    _of_tokens(server, app, None)
    app.installed, app.application_id, app.app_menu_item_id = False, None, None
    said = f"Uninstalled connected app {app.name}"
    audit.add(server, by, "deleteConnectedApplication", audit.APPS, said)


def _of_tokens(server: OrgServer, app: OAuthApp, menu_item: str | None) -> None:
    """Let the app's rows of OauthToken name its place in the app menu, or none."""
    table = server.org.store["OauthToken"]
    own = {grant.row for grant in server.sessions.grants if grant.app is app}
    others = {grant.row for grant in server.sessions.grants} - own
    name, menu = table.type.position["AppName"], table.type.position["AppMenuItemId"]
    for at, row in enumerate(table.rows):
        built = (
            at not in others
            and row[name] == app.name
            and row[menu]
            in (
                None,
                app.app_menu_item_id,
            )
        )
        if at in own or (built and menu_item is None and row[menu] is not None):
            table.update(at, {"AppMenuItemId": menu_item})
