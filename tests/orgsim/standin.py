"""A small org made by hand, so that what the server answers can be said in a test."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import uvloop

from orgsim.objects import OBJECTS
from orgsim.org import Clock, OAuthApp, Options, Org
from orgsim.server import OrgServer
from orgsim.serving import base_url, listen
from orgsim.soql.dates import instant
from orgsim.store import Store
from tests.support.postgres import free_port

NOW = instant("2026-03-18T12:00:00Z")
HOUR = 3_600_000
ADMIN = ("ApiEnabled", "ManageUsers", "ViewSetup", "ViewEventLogFiles", "CustomizeApplication")
PLAIN = ("ApiEnabled",)
CALLBACK = "http://localhost:7777/callback"
LOGINS = 4500


def add(org: Org, object: str, visible: int = 0, **values: Any) -> str:
    """One row; answers its id."""
    table = org.store[object]
    id = values.pop("Id", None) or org.new_id(table.type.prefix)
    for field in table.type.fields:
        if field.type == "datetime" and not field.nillable:
            values.setdefault(field.name, NOW - 90 * 24 * HOUR)
    table.add(table.make({"Id": id} | values), visible)
    return id


def person(org: Org, first: str, permissions: tuple[str, ...], **values: Any) -> str:
    """A user with a profile-owned permission set of these permissions."""
    profile = add(org, "Profile", Name=f"{first}'s profile")
    user = add(
        org,
        "User",
        Username=f"{first.lower()}@example.org",
        Name=f"{first} Example",
        FirstName=first,
        LastName="Example",
        Email=f"{first.lower()}@example.org",
        IsActive=True,
        ProfileId=profile,
        UserType="Standard",
        TimeZoneSidKey="Europe/Berlin",
        LanguageLocaleKey="en_US",
        LocaleSidKey="en_US",
        **values,
    )
    owned = add(
        org,
        "PermissionSet",
        Name=f"X{profile}",
        Label=profile,
        IsOwnedByProfile=True,
        ProfileId=profile,
        **{f"Permissions{name}": True for name in permissions},
    )
    add(org, "PermissionSetAssignment", AssigneeId=user, PermissionSetId=owned)
    return user


def make_org(**options: Any) -> Org:
    """The org, to be served on a free port."""
    options.setdefault("port", free_port())
    org = Org(Options(now_ms=NOW, **options), Store(OBJECTS), Clock(NOW))
    org.id, org.name = org.new_id("00D"), "Stand-in"
    anna = person(org, "Anna", ADMIN)
    bert = person(org, "Bert", PLAIN, ManagerId=anna)
    carl = person(org, "Carl", ("ApiEnabled",))
    robot = person(org, "Robot", ADMIN)
    person(org, "Dora", ())
    for n in range(LOGINS):
        add(
            org,
            "LoginHistory",
            LoginTime=NOW - n * 60_000,
            UserId=(anna, bert, carl)[n % 3],
            LoginType="Application",
            Status='Invalid "Password"' if n % 10 == 0 else "Success",
            SourceIp=f"192.0.2.{n % 250}",
            Platform="Linux\nUnknown" if n == 7 else "Linux",
        )
    for n in range(4):
        add(
            org,
            "SetupAuditTrail",
            Action="createduser",
            CreatedDate=NOW - HOUR,
            CreatedById=anna if n else None,
            Display=f"Created user {n}",
        )
    health = org.store["SecurityHealthCheck"]
    health.add(health.make({"DurableId": "0Z6", "Score": "86"}))
    for name, flows, more in (
        ("Everyday", {"authorization_code", "refresh_token"}, {}),
        ("Rotating", {"authorization_code", "refresh_token"}, {"rotate_refresh_token": True}),
        ("Careful", {"authorization_code", "refresh_token"}, {"pkce_required": True}),
        ("Robot", {"client_credentials"}, {"run_as": robot, "kind": "external_client_app"}),
        ("Nobody", {"client_credentials"}, {}),
        ("Blocked", {"authorization_code"}, {"blocked": True}),
        ("Stray", {"authorization_code"}, {"installed": False}),
    ):
        app = OAuthApp(
            name,
            f"3MVG9{name}",
            f"secret-of-{name}",
            flows=frozenset(flows),
            callback_urls=(CALLBACK,),
            scopes=("api", "refresh_token", "openid", "id"),
            **more,  # type: ignore[arg-type]
        )
        org.apps[app.consumer_key] = app
    return org


@contextmanager
def serving(org: Org, *, tls: bool = False) -> Iterator[OrgServer]:
    """The org on a free port of loopback, in a thread of this process."""
    from orgsim import tls as certificates

    server = OrgServer(org, base_url(org.options))
    ready, stop = threading.Event(), asyncio.Event()
    loops: list[asyncio.AbstractEventLoop] = []

    async def run() -> None:
        loops.append(asyncio.get_running_loop())
        context = certificates.context() if tls else None
        listening = await listen(server, org.options.port, context)
        ready.set()
        await stop.wait()
        await listening.end()

    thread = threading.Thread(target=lambda: uvloop.run(run()))
    thread.start()
    assert ready.wait(60)
    try:
        yield server
    finally:
        loops[0].call_soon_threadsafe(stop.set)
        thread.join(10)
        server.close()
