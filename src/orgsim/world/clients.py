"""The clients of an org as data: apps that people and machines use, and the machines themselves."""

from __future__ import annotations

from dataclasses import dataclass

from orgsim.world.cast import Place
from orgsim.world.names import CLOUD, PLACES

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
