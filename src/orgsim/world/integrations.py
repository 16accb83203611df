"""The machines of an org: integration users, and the OAuth clients of machines and people.

Every client that can ask for tokens is in `org.apps` by its consumer key. Installed ones have rows
in ConnectedApplication and AppMenuItem; external client apps have their Tooling rows; some apps
are merely used, as in most real orgs.
"""

from __future__ import annotations

import hashlib

from orgsim.org import EXTERNAL, OAuthApp, Org
from orgsim.world import access, people
from orgsim.world.cast import Integration, World
from orgsim.world.clients import APPS, COLLECTOR, COLLECTOR_CALLBACKS, MACHINES
from orgsim.world.names import PLACES
from orgsim.world.rows import DAY, add


def count(users: int) -> int:
    """How many of `--users` are integrations."""
    return max(1, min(len(MACHINES), users // 10))


def secret(org: Org, name: str, kind: str) -> str:
    """A consumer key or secret: long, of the usual letters, the same for the same options."""
    text = f"{org.options.seed}/{org.options.number}/{kind}/{name}"
    digest = hashlib.sha512(text.encode()).hexdigest()
    if kind == "key":
        return "3MVG9" + digest[:80].replace("a", "_").replace("e", "Q")
    return digest[:64].upper()


def cast_machines(org: Org, world: World, sign_ins: float) -> None:
    """The integration users; together they sign in at most `sign_ins` times a day."""
    chosen = MACHINES[: count(org.options.users)]
    wanted = sum(m.logins for m in chosen)
    scale = min(1.0, sign_ins / wanted) if wanted else 0.0
    for machine in chosen:
        username = f"{machine.name}@{world.domain}"
        id18 = people.user(
            org,
            world,
            id18=org.new_id("005"),
            username=username,
            first=None,
            last=machine.label,
            email=f"it@{world.domain}",
            profile=machine.profile,
            at=org.options.now_ms - 400 * DAY
            if machine.app != COLLECTOR
            else org.options.now_ms - org.options.days * DAY,
            place=PLACES[0],
            title="Integration",
            department="IT",
        )
        if machine.app == COLLECTOR:
            world.collector = id18
        at = org.options.now_ms - 380 * DAY
        access.assign(org, id18, world.find("PermissionSet", machine.permission_set), at)
        if machine.name == "warehouse.sync":  # left over from the day it was set up
            access.assign(org, id18, world.find("PermissionSet", "Data Migration"), at)
        world.integrations.append(
            Integration(
                id=id18,
                username=username,
                name=machine.label,
                app=machine.app,
                app_id=world.ids.get("ConnectedApplication", {}).get(machine.app),
                client=machine.client,
                agent=machine.agent,
                place=machine.place,
                ips=machine.ips,
                login_type=machine.login_type,
                login_sub_type=machine.login_sub_type,
                api_type=machine.api_type,
                api_version=machine.api_version,
                logins=machine.logins * scale,
                rest_calls=machine.rest_calls,
                bulk_jobs=machine.bulk_jobs,
                soap_calls=machine.soap_calls,
                objects=machine.objects,
            )
        )


def connected_apps(org: Org, world: World) -> None:
    """Connected apps: rows of the installed ones, and an OAuth client for each."""
    for order, app in enumerate(APPS):
        menu, id18 = None, None
        at = world.founded_ms + (order + 3) * 60 * DAY
        if app.installed:
            id18 = add(
                org,
                "ConnectedApplication",
                at,
                Name=app.name,
                OptionsAllowAdminApprovedUsersOnly=app.admin_approved,
                OptionsRefreshTokenValidityMetric=not app.forever,
                RefreshTokenValidityPeriod=None if app.forever else 30,
                StartUrl="https://app.example.com/",
            )
            world.remember("ConnectedApplication", app.name, id18)
            menu = menu_item(
                org, world, app.name, id18, "ConnectedApplication", order, app.admin_approved
            )
        key = secret(org, app.name, "key")
        org.apps[key] = OAuthApp(
            name=app.name,
            consumer_key=key,
            consumer_secret=secret(org, app.name, "secret"),
            flows=app.flows,
            scopes=app.scopes,
            callback_urls=app.callbacks,
            installed=app.installed,
            admin_approved_only=app.admin_approved,
            rotate_refresh_token=app.rotate,
            app_menu_item_id=menu,
            application_id=id18,
        )


def menu_item(
    org: Org, world: World, name: str, application: str, kind: str, order: int, admin: bool
) -> str:
    return world.remember(
        "AppMenuItem",
        name,
        add(
            org,
            "AppMenuItem",
            world.founded_ms + DAY,
            Name=name.replace(" ", "_"),
            Label=name,
            Type=kind,
            ApplicationId=application,
            SortOrder=order,
            IsVisible=True,
            IsAccessible=True,
            IsUsingAdminAuthorization=admin,
        ),
    )


def external_client_apps(org: Org, world: World) -> None:
    """The external client apps: the collector's, which is always there, and one of the org's."""
    for name, run_as, flows, scopes, callbacks in (
        (
            COLLECTOR,
            world.collector,
            {"client_credentials", "authorization_code", "refresh_token", "jwt_bearer"},
            ("api", "refresh_token", "id", "openid"),
            COLLECTOR_CALLBACKS,
        ),
        (
            "Intranet Tiles",
            next((i.id for i in world.integrations if i.app == "Intranet Tiles"), None),
            {"client_credentials"},
            ("api",),
            ("https://intranet.example.com/callback",),
        ),
    ):
        at = org.options.now_ms - 35 * DAY
        api_name = name.replace(" ", "_")
        app = add(
            org,
            "ExternalClientApplication",
            at,
            DeveloperName=api_name,
            MasterLabel=name,
            Language="en_US",
            ContactEmail=f"it@{world.domain}",
            DistributionState="Local",
            Version=1.0,
            IsEnabled=True,
            Description=f"{name} of {world.company}",
        )
        world.remember("ExternalClientApplication", name, app)
        add(
            org,
            "ExtlClntAppOauthSettings",
            at,
            DeveloperName=f"{api_name}_oauth",
            MasterLabel=f"{name} OAuth",
            Language="en_US",
            ExternalClientApplicationId=app,
            CommaSeparatedOauthScopes=",".join(s.title().replace("_", "") for s in scopes),
        )
        add(
            org,
            "ExtlClntAppOauthPlcyCnfg",
            at,
            DeveloperName=f"{api_name}_policy",
            MasterLabel=f"{name} policies",
            ExternalClientApplicationId=app,
            ClientCredentialsFlowUserId=run_as,
            IpRelaxationPolicyType="Enforce",
            IsClientCredentialsFlowEnabled="client_credentials" in flows,
            PermittedUsersPolicyType="AllSelfAuthorized"
            if name == COLLECTOR
            else "AdminApprovedPreAuthorized",
            RefreshTokenPolicyType="SpecificInactivity",
            RefreshTokenValidityPeriod=30,
            RefreshTokenValidityUnit="Days",
            RequiredSessionLevel="STANDARD",
        )
        if run_as:
            own = world.find(
                "PermissionSet", COLLECTOR if name == COLLECTOR else "Support Desk Connector"
            )
            add(
                org,
                "SetupEntityAccess",
                at,
                ParentId=own,
                SetupEntityId=app,
                SetupEntityType="ExternalClientApplication",
            )
        key = secret(org, name, "key")
        org.apps[key] = OAuthApp(
            name=name,
            consumer_key=key,
            consumer_secret=secret(org, name, "secret"),
            kind=EXTERNAL,
            flows=frozenset(flows),
            scopes=scopes,
            callback_urls=callbacks,
            run_as=run_as,
            application_id=app,
            app_menu_item_id=menu_item(
                org, world, name, app, "ExternalClientApplication", 40, True
            ),
        )


def tokens(org: Org, world: World) -> None:
    """OauthToken: what people and machines have approved. Its Id is always empty."""
    rng = org.random("tokens")
    now = org.options.now_ms

    def grant(user: str, app: str, uses: int, fresh: bool) -> None:
        made = now - rng.randrange(10, 500) * DAY
        used = now - rng.randrange(0, 3 * DAY) if fresh else now - rng.randrange(20, 200) * DAY
        table = org.store["OauthToken"]
        table.add(
            table.make(
                {
                    "UserId": user,
                    "AppName": app,
                    "AppMenuItemId": world.ids["AppMenuItem"].get(app),
                    "CreatedDate": made - made % 1000,
                    "LastUsedDate": None if uses == 0 else max(made, used) // 1000 * 1000,
                    "UseCount": uses,
                    "DeleteToken": "del" + rng.randbytes(24).hex(),
                }
            )
        )

    for app in APPS:
        if app.users:
            chosen = rng.sample(
                range(len(world.people)),
                min(len(world.people), max(1, int(len(world.people) * app.users))),
            )
            for at in sorted(chosen):
                grant(
                    world.people[at].id,
                    app.name,
                    rng.randrange(0, app.uses + 1),
                    rng.random() < 0.7,
                )
    for it in world.integrations:
        if it.login_sub_type == "OAuth Refresh Token":
            grant(it.id, it.app, rng.randrange(500, 20_000), True)
