"""The machines of an org: integration users, and the OAuth clients of machines and people.

Every client that can ask for tokens is in `org.apps` by its consumer key. Installed ones have rows
in ConnectedApplication and AppMenuItem; external client apps have their Tooling rows; some apps
are merely used, as in most real orgs.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

from orgsim.org import OAuthApp, Org
from orgsim.world import access, people
from orgsim.world.cast import Integration, Place, World
from orgsim.world.names import CLOUD, PLACES
from orgsim.world.rows import DAY, add

COLLECTOR = "Orgwarden Collector"
COLLECTOR_CALLBACKS = (
    "http://localhost:8800/connect/callback",
    "http://127.0.0.1:8800/connect/callback",
    "https://localhost:3000/test",
)


@dataclass(frozen=True)
class App:
    """An app of the org. `users` is the share of people who have approved it."""

    name: str
    installed: bool = True
    admin_approved: bool = False
    users: float = 0.0
    scopes: tuple[str, ...] = ("api", "refresh_token")
    flows: frozenset[str] = frozenset({"authorization_code", "refresh_token"})
    callbacks: tuple[str, ...] = ("https://app.example.com/oauth/callback",)
    forever: bool = True  # its refresh tokens never expire
    rotate: bool = False
    uses: int = 40


APPS = (
    App("Salesforce for iOS", users=0.25, admin_approved=True, scopes=("full",), rotate=True),
    App("Salesforce for Android", users=0.15, admin_approved=True, scopes=("full",)),
    App(
        "Salesforce CLI",
        users=0.03,
        admin_approved=True,
        callbacks=("http://localhost:1717/OauthRedirect",),
        flows=frozenset({"authorization_code", "refresh_token", "jwt_bearer"}),
    ),
    App("Warehouse Sync", admin_approved=True, uses=5000),
    App("Mailwright Marketing", admin_approved=True, uses=3000),
    App("Deskhand Support", uses=4000),
    App("Calendar Companion", installed=False, users=0.12, scopes=("full", "refresh_token")),
    App("Signing Desk", users=0.06, forever=False),
    App("Call Notes", installed=False, users=0.03),
    App("Data Loader", installed=True, users=0.01, admin_approved=True, forever=False),
    App("Postal Lookup", installed=False, users=0.005, uses=2),
)


@dataclass(frozen=True)
class Machine:
    """An integration user and its traffic: see `cast.Integration`."""

    name: str
    label: str
    profile: str
    permission_set: str
    app: str
    client: str
    agent: str
    ips: tuple[str, ...]
    place: Place = CLOUD
    login_type: str = "Remote Access 2.0"
    login_sub_type: str | None = "OAuth Refresh Token"
    api_type: str = "REST"
    api_version: str = "62.0"
    logins: float = 24
    rest_calls: float = 6
    bulk_jobs: float = 0
    soap_calls: float = 0
    objects: tuple[str, ...] = ("Account", "Contact")
    traits: frozenset[str] = field(default_factory=frozenset)


API_ONLY = "Minimum Access - API Only Integrations"
MACHINES = (
    Machine(
        "orgwarden.collector",
        "Orgwarden Collector",
        API_ONLY,
        "Orgwarden Collector",
        COLLECTOR,
        "orgwarden",
        "Orgwarden",
        ("192.0.2.200",),
        logins=0,
        rest_calls=0,
        login_sub_type="OAuth Client Credentials",
    ),
    Machine(
        "warehouse.sync",
        "Warehouse Sync",
        API_ONLY,
        "Warehouse Sync",
        "Warehouse Sync",
        "warehouse-sync/4.2",
        "Python 3.12 requests",
        ("198.51.100.20", "198.51.100.21"),
        logins=24,
        rest_calls=5,
        bulk_jobs=16,
        api_version="63.0",
        objects=("Account", "Contact", "Opportunity", "Case"),
    ),
    Machine(
        "mailwright",
        "Mailwright Marketing",
        API_ONLY,
        "Marketing Connector",
        "Mailwright Marketing",
        "mailwright",
        "Java 21 HttpClient",
        ("198.51.100.60", "198.51.100.61", "198.51.100.62"),
        logins=12,
        rest_calls=9,
        objects=("Lead", "Contact"),
    ),
    Machine(
        "deskhand",
        "Deskhand Support",
        API_ONLY,
        "Support Desk Connector",
        "Deskhand Support",
        "deskhand-bridge",
        "Node.js undici",
        ("198.51.100.120",),
        place=PLACES[3],
        logins=24,
        rest_calls=12,
        api_version="60.0",
        objects=("Case", "Contact"),
    ),
    Machine(
        "erp.bridge",
        "ERP Bridge",
        "Legacy API Profile",
        "ERP Connector",
        "N/A",
        "erpbridge/9",
        "Java (Salesforce.com)",
        ("203.0.113.12",),
        place=PLACES[0],
        login_type="Other Apex API",
        login_sub_type=None,
        api_type="SOAP Partner",
        api_version="58.0",
        logins=16,
        rest_calls=0,
        soap_calls=8,
        objects=("Account", "Opportunity"),
    ),
    Machine(
        "intranet.tiles",
        "Intranet Tiles",
        API_ONLY,
        "Support Desk Connector",
        "Intranet Tiles",
        "tiles",
        "Go-http-client/2.0",
        ("203.0.113.13",),
        place=PLACES[0],
        login_sub_type="OAuth Client Credentials",
        logins=8,
        rest_calls=3,
        objects=("Case",),
    ),
)


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
            org, world, id18=org.new_id("005"), username=username, first=None,
            last=machine.label, email=f"it@{world.domain}", profile=machine.profile,
            at=org.options.now_ms - 400 * DAY if machine.app != COLLECTOR
            else org.options.now_ms - org.options.days * DAY, place=PLACES[0],
            title="Integration", department="IT",
        )  # fmt: skip
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
        menu = None
        at = world.founded_ms + (order + 3) * 60 * DAY
        if app.installed:
            id18 = add(
                org, "ConnectedApplication", at, Name=app.name,
                OptionsAllowAdminApprovedUsersOnly=app.admin_approved,
                OptionsRefreshTokenValidityMetric=not app.forever,
                RefreshTokenValidityPeriod=None if app.forever else 30,
                StartUrl="https://app.example.com/",
            )  # fmt: skip
            world.remember("ConnectedApplication", app.name, id18)
            menu = menu_item(org, world, app.name, id18, "ConnectedApplication", order,
                             app.admin_approved)  # fmt: skip
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
        )


def menu_item(
    org: Org, world: World, name: str, application: str, kind: str, order: int, admin: bool
) -> str:
    return world.remember(
        "AppMenuItem",
        name,
        add(org, "AppMenuItem", world.founded_ms + DAY, Name=name.replace(" ", "_"), Label=name,
            Type=kind, ApplicationId=application, SortOrder=order, IsVisible=True,
            IsAccessible=True, IsUsingAdminAuthorization=admin),
    )  # fmt: skip


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
            org, "ExternalClientApplication", at, DeveloperName=api_name, MasterLabel=name,
            Language="en_US", ContactEmail=f"it@{world.domain}", DistributionState="Local",
            Version=1.0, IsEnabled=True, Description=f"{name} of {world.company}",
        )  # fmt: skip
        world.remember("ExternalClientApplication", name, app)
        add(org, "ExtlClntAppOauthSettings", at, DeveloperName=f"{api_name}_oauth",
            MasterLabel=f"{name} OAuth", Language="en_US", ExternalClientApplicationId=app,
            CommaSeparatedOauthScopes=",".join(s.title().replace("_", "") for s in scopes))  # fmt: skip
        add(org, "ExtlClntAppOauthPlcyCnfg", at, DeveloperName=f"{api_name}_policy",
            MasterLabel=f"{name} policies", ExternalClientApplicationId=app,
            ClientCredentialsFlowUserId=run_as, IpRelaxationPolicyType="Enforce",
            IsClientCredentialsFlowEnabled="client_credentials" in flows,
            PermittedUsersPolicyType="AdminApprovedPreAuthorized",
            RefreshTokenPolicyType="SpecificInactivity", RefreshTokenValidityPeriod=30,
            RefreshTokenValidityUnit="Days", RequiredSessionLevel="STANDARD")  # fmt: skip
        if run_as:
            own = world.find("PermissionSet", COLLECTOR if name == COLLECTOR
                             else "Support Desk Connector")  # fmt: skip
            add(org, "SetupEntityAccess", at, ParentId=own, SetupEntityId=app,
                SetupEntityType="ExternalClientApplication")  # fmt: skip
        key = secret(org, name, "key")
        org.apps[key] = OAuthApp(
            name=name,
            consumer_key=key,
            consumer_secret=secret(org, name, "secret"),
            kind="external_client_app",
            flows=frozenset(flows),
            scopes=scopes,
            callback_urls=callbacks,
            run_as=run_as,
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
        table.add(table.make({
            "UserId": user,
            "AppName": app,
            "AppMenuItemId": world.ids["AppMenuItem"].get(app),
            "CreatedDate": made - made % 1000,
            "LastUsedDate": None if uses == 0 else max(made, used) // 1000 * 1000,
            "UseCount": uses,
            "DeleteToken": "del" + rng.randbytes(24).hex(),
        }))  # fmt: skip

    for app in APPS:
        if app.users:
            chosen = rng.sample(
                range(len(world.people)),
                min(len(world.people), max(1, int(len(world.people) * app.users))),
            )
            for at in sorted(chosen):
                grant(world.people[at].id, app.name, rng.randrange(0, app.uses + 1),
                      rng.random() < 0.7)  # fmt: skip
    for it in world.integrations:
        if it.login_sub_type == "OAuth Refresh Token":
            grant(it.id, it.app, rng.randrange(500, 20_000), True)
