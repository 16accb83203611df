"""Control over the org itself: its edition, address and switches, its users, any row of it."""

from __future__ import annotations

from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orgsim import entry
from orgsim.control_asked import (
    asked_object,
    ranges,
    refuse_unknown,
    true_or_false,
    type_of,
    user_of,
    wrong,
)
from orgsim.policies import Unsure
from orgsim.rest.values import incoming
from orgsim.wire import ApiError, Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.org import OAuthApp, Options, Org
    from orgsim.server import OrgServer
    from orgsim.store import Table


# The org ----------------------------------------------------------------------------------


def _own_row(org: Org, values: dict[str, Any]) -> None:
    """Change the one row of Organization."""
    table = org.store["Organization"]
    at = table.find(org.id)
    if at is not None:
        org.change(table, at, values)


def _edition(server: OrgServer, value: Any) -> None:
    org = server.org
    org.options = replace(org.options, edition=str(value))
    _own_row(org, {"OrganizationType": str(value)})


def _api(server: OrgServer, value: Any) -> None:
    server.entry.api = None if value is None else true_or_false("api", value)


def _locked(server: OrgServer, value: Any) -> None:
    server.entry.locked = true_or_false("locked", value)


def _url(server: OrgServer, value: Any) -> None:
    """The org moves: another instance, or a renamed My Domain."""
    parts = urlsplit(str(value))
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.path:
        raise wrong("url is an address without a path")
    server.entry.old_url = server.entry.old_url or server.base_url
    server.base_url = str(value)
    if server.base_url == server.entry.old_url:
        server.entry.old_url = ""


def _old_host(server: OrgServer, value: Any) -> None:
    if value not in entry.OLD_HOST:
        raise wrong(f"old_host is one of {', '.join(entry.OLD_HOST)}")
    server.entry.old_host = value


def _refreshed(server: OrgServer, value: Any) -> None:
    """A sandbox is made anew: another org id, no session, code or grant of before."""
    if not true_or_false("refreshed", value):
        return
    org, table = server.org, server.org.store["Organization"]
    at = table.find(org.id)
    org.id = org.new_id("00D")
    if at is not None:
        table.update(at, {"Id": org.id})
    server.sessions.end_all()
    server.devices.clear()


def _sandbox(server: OrgServer, value: Any) -> None:
    _own_row(server.org, {"IsSandbox": true_or_false("sandbox", value)})


ORG: dict[str, Callable[[OrgServer, Any], None]] = {
    "edition": _edition,
    "api": _api,
    "locked": _locked,
    "old_host": _old_host,
    "url": _url,
    "refreshed": _refreshed,
    "sandbox": _sandbox,
}


def change_org(server: OrgServer, request: Request) -> Reply:
    """Change the org as a whole; see ORG."""
    asked = asked_object(request)
    refuse_unknown("an org", asked, ORG)
    for name, value in asked.items():
        ORG[name](server, value)
    org = server.org
    return answer({"org_id": org.id, "url": server.base_url, "edition": org.options.edition})


@dataclass(frozen=True)
class Origin:
    """How the org was when its server started."""

    url: str
    options: Options
    settings: dict[str, Any]
    apps: dict[str, OAuthApp]

    @classmethod
    def of(cls, org: Org, url: str) -> Origin:
        apps = {key: replace(app) for key, app in org.apps.items()}
        return cls(url, org.options, deepcopy(org.settings), apps)


def reset(server: OrgServer, request: Request) -> Reply:
    """Take back what the control API changed of apps, switches, users, permissions, fields, address
    and quota, and disarm the faults, delays and locks. Time, new rows, ended sessions and a new org
    id stay."""
    org, origin = server.org, server.origin
    server.propagation.reset()
    org.change_back()
    server.entry = entry.Entry()
    server.base_url = origin.url
    org.options = origin.options
    org.settings = deepcopy(origin.settings)
    for key, app in origin.apps.items():
        vars(org.apps[key]).update(vars(app))
    server.people.override.clear()
    server.people.changed()
    server.hidden.clear()
    server.hidden_ms = org.clock.now()
    server.faults.clear()
    server.locks.held.clear()
    server.unsure = Unsure()
    org.blocklist.clear()
    org.blocklist_shown.clear()
    server.sessions.machine_grants = False
    server.sessions.show(False)
    server.lists.own_only = False
    server.quota.limit = origin.options.daily_api_limit
    server.quota.set(org.clock.now(), 0)
    return Reply(status=204)


def network(server: OrgServer, request: Request) -> Reply:
    """Where calls seem to come from, and which addresses count as risky."""
    asked = asked_object(request)
    refuse_unknown("the network", asked, ("seen_from", "risky"))
    if "seen_from" in asked:
        found = ranges("seen_from", asked["seen_from"])
        if any(network.num_addresses > 1 for network in found):
            raise wrong("seen_from: a call comes from an address, not from a range")
        server.entry.seen_from = tuple(str(network.network_address) for network in found)
    if "risky" in asked:
        server.entry.risky = ranges("risky", asked["risky"])
    return answer(asked)


def settings(server: OrgServer, request: Request) -> Reply:
    """Change switches of Setup: `{"type": "SecuritySettings", "values": {…}}`, merged in."""
    asked = asked_object(request)
    found = server.org.settings.get(str(asked.get("type")))
    values = asked.get("values")
    if found is None or not isinstance(values, dict):
        raise wrong(f"type is one of {', '.join(server.org.settings)}, values an object")
    _merge(found, values)
    server.hidden_ms = server.org.clock.now()
    return answer(found)


def _merge(into: dict[str, Any], values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name not in into:
            raise wrong(f"there is no switch {name}; there are {', '.join(into)}")
        if isinstance(into[name], dict) and isinstance(value, dict):
            _merge(into[name], value)
        else:
            into[name] = value


# Users ------------------------------------------------------------------------------------


def _active(server: OrgServer, user_id: str, value: Any) -> None:
    users = server.org.store["User"]
    at = users.find(user_id)
    if at is not None:
        server.org.change(users, at, {"IsActive": true_or_false("active", value)})


def _frozen(server: OrgServer, user_id: str, value: Any) -> None:
    server.people.freeze(user_id, true_or_false("frozen", value))


def _contained(server: OrgServer, user_id: str, value: Any) -> None:
    """Frozen with every grant gone; false unfreezes, the grants stay gone."""
    if true_or_false("contained", value):
        entry.contain(server, user_id)
    else:
        server.people.freeze(user_id, False)


def _signed_out(server: OrgServer, user_id: str, value: Any) -> None:
    """Every session and grant ends, as when an administrator revokes them or a password policy
    does."""
    if true_or_false("signed_out", value):
        server.sessions.close_user(user_id)


def _password_locked(server: OrgServer, user_id: str, value: Any) -> None:
    _member(server.entry.password_locked, user_id, true_or_false("password_locked", value))


def _login_hours(server: OrgServer, user_id: str, value: Any) -> None:
    _member(server.entry.closed, user_id, not true_or_false("login_hours", value))


def _member(of: set[str], user_id: str, value: bool) -> None:
    (of.add if value else of.discard)(user_id)


def _login_from(server: OrgServer, user_id: str, value: Any) -> None:
    server.entry.ranges[user_id] = ranges("login_from", value)


USER: dict[str, Callable[[OrgServer, str, Any], None]] = {
    "active": _active,
    "frozen": _frozen,
    "contained": _contained,
    "signed_out": _signed_out,
    "password_locked": _password_locked,
    "login_hours": _login_hours,
    "login_from": _login_from,
}


def change_user(server: OrgServer, request: Request) -> Reply:
    """What befalls a user: `{"user": username, "frozen": true}`; see USER."""
    asked = asked_object(request)
    user_id = user_of(server, str(asked.get("user", "")))
    refuse_unknown("a user (POST change is for fields)", asked, ("user", *USER))
    for name, value in asked.items():
        if name != "user":
            USER[name](server, user_id, value)
    people = server.people
    people.changed()
    return answer({"id": user_id, "frozen": people.is_frozen(user_id)})


# Rows -------------------------------------------------------------------------------------


def change(server: OrgServer, request: Request) -> Reply:
    """Change fields of rows: `{"object": "User", "row": username, "values": {…}}`. `row` is an id,
    username or name; without it every row is meant."""
    asked = asked_object(request)
    kind = type_of(server, asked.get("object"))
    table = server.org.store[kind.name]
    values = incoming(server.org.store, kind, asked.get("values"))
    places = _places(table, asked.get("row"))
    for at in places:
        server.org.change(table, at, values)
    server.people.changed()
    return answer({"changed": len(places)})


def _places(table: Table, row: Any) -> list[int]:
    if row is None:
        return [at for at in range(len(table.rows)) if at not in table.deleted]
    found = table.find(str(row))
    if found is not None:
        return [found]
    names = ("Username", "Name", "DeveloperName", "MasterLabel")
    at = [table.type.position[n] for n in names if n in table.type.position]
    places = [p for p, values in enumerate(table.rows) if row in [values[n] for n in at]]
    if not places:
        raise ApiError(404, "SIM", f"no {table.type.name} is called {row!r}")
    return places
