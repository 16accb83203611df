"""Control over which apps there are: new ones, with users of their own, installed or not."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from orgsim.control_access import shown
from orgsim.control_apps import FLOWS
from orgsim.control_asked import (
    app_of,
    asked_object,
    refuse_unknown,
    true_or_false,
    user_of,
    wrong,
)
from orgsim.installing import OBJECTS, install, uninstall
from orgsim.org import EXTERNAL, OAuthApp
from orgsim.wire import Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer

NEW = (
    "name", "kind", "flows", "scopes", "callback_urls", "installed", "local",
    "admin_approved_only", "run_as", "permissions",
)  # fmt: skip


def _admin(server: OrgServer) -> str:
    """Whose work the installing is: the first user's that there is."""
    world = server.org.world
    users = server.org.store["User"]
    return world.admin if world else str(users.value(0, "Id"))


def new_app(server: OrgServer, request: Request) -> Reply:
    """One more app: `{"name": …, "kind": "external_client_app", "flows": […], "run_as": username,
    "permissions": […]}`. A username nobody has becomes a user with just these permissions."""
    asked = asked_object(request)
    refuse_unknown("a new app", asked, NEW)
    name, kind = asked.get("name"), asked.get("kind", "connected_app")
    flows = asked.get("flows", ["authorization_code", "refresh_token"])
    if not isinstance(name, str) or not name or kind not in OBJECTS:
        raise wrong(f"name is a text, kind one of {', '.join(OBJECTS)}")
    if not isinstance(flows, list) or not set(flows) <= set(FLOWS):
        raise wrong(f"flows is a list of some of {', '.join(FLOWS)}")
    org = server.org
    text = f"{org.options.seed}/{org.options.number}/{len(org.apps)}/{name}"
    digest = hashlib.sha512(text.encode()).hexdigest()
    made = OAuthApp(
        name,
        "3MVG9" + digest[:80],
        digest[-64:].upper(),
        kind=kind,
        flows=frozenset(flows),
        scopes=tuple(asked.get("scopes", ("api", "refresh_token"))),
        callback_urls=tuple(asked.get("callback_urls", ("https://app.example.com/callback",))),
        installed=False,
        local=true_or_false("local", asked.get("local", kind == EXTERNAL)),
        admin_approved_only=true_or_false(
            "admin_approved_only", asked.get("admin_approved_only", False)
        ),
    )
    if asked.get("run_as"):
        made.run_as = _user(server, str(asked["run_as"]), asked.get("permissions", []))
    org.apps[made.consumer_key] = made
    if true_or_false("installed", asked.get("installed", True)):
        install(server, made, _admin(server))
    return answer(shown(server, made) | {"name": name}, 201)


def _user(server: OrgServer, username: str, permissions: list[str]) -> str:
    org, people = server.org, server.people
    found = people.by_username(username)
    if found is None:
        users = org.store["User"]
        like = user_of(server, str(users.value(0, "Username")))
        at = users.find(like) or 0
        row: dict[str, Any] = {f.name: users.value(at, f.name) for f in users.type.fields}
        found = org.new_id("005")
        name = username.partition("@")[0]
        row |= {"Id": found, "Username": username, "Email": username, "Name": name,
                "LastName": name, "FirstName": None, "IsActive": True,
                "ManagerId": None}  # fmt: skip
        users.add(users.make(row), 0)
        held = people.permissions(found)
        for permission in held - set(permissions):
            people.override[found, permission] = False
    for permission in permissions:
        people.override[found, str(permission)] = True
    people.changed()
    return found


def installation(server: OrgServer, request: Request) -> Reply:
    """Install or uninstall an app: `{"name": …, "installed": false}`."""
    asked = asked_object(request)
    refuse_unknown("an installation", asked, ("name", "installed"))
    app = app_of(server, asked.get("name"))
    wanted = true_or_false("installed", asked.get("installed"))
    if wanted != app.installed:
        (install if wanted else uninstall)(server, app, _admin(server))
    return answer({"name": app.name, "installed": app.installed, "id": app.application_id})
