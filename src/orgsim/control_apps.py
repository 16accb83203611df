"""Control over the org's apps: what administrators set on their pages, and what befalls them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orgsim.control_access import shown
from orgsim.control_asked import (
    app_of,
    asked_object,
    duration_ms,
    ranges,
    refuse_unknown,
    true_or_false,
    user_of,
    wrong,
)
from orgsim.oauth.apps import DISABLED, UNSETTLED
from orgsim.wire import Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.org import OAuthApp
    from orgsim.server import OrgServer

FLOWS = ("authorization_code", "refresh_token", "client_credentials", "jwt_bearer", "device")
SWITCHES = (
    "rotate_refresh_token",
    "pkce_required",
    "secret_required",
    "admin_approved_only",
    "blocked",
    "installed",
    "deleted",
    "enabled",
    "local",
)
DURATIONS = {  # as asked for, to the app's attribute
    "refresh_idle": "refresh_idle_ms",
    "refresh_life": "refresh_life_ms",
    "session": "session_ms",
}


def _callback(server: OrgServer, app: OAuthApp, value: Any) -> None:
    app.callback_urls = (*app.callback_urls, str(value))


def _run_as(server: OrgServer, app: OAuthApp, value: Any) -> None:
    app.run_as = None if value is None else user_of(server, str(value))


def _secret(server: OrgServer, app: OAuthApp, value: Any) -> None:
    if not isinstance(value, str) or not value:
        raise wrong("consumer_secret is a text")
    app.consumer_secret = value


def _flows(server: OrgServer, app: OAuthApp, value: Any) -> None:
    if not isinstance(value, list) or not set(value) <= set(FLOWS):
        raise wrong(f"flows is a list of some of {', '.join(FLOWS)}")
    app.flows = frozenset(value)


def _scopes(server: OrgServer, app: OAuthApp, value: Any) -> None:
    if not isinstance(value, list) or not all(isinstance(s, str) for s in value):
        raise wrong("scopes is a list of names")
    app.scopes = tuple(value)


def _addresses(server: OrgServer, app: OAuthApp, value: Any) -> None:
    app.refresh_addresses = ranges("refresh_addresses", value)


def _settles(server: OrgServer, app: OAuthApp, value: Any) -> None:
    app.settles_ms = server.org.clock.now() + duration_ms(value)


def _settles_as(server: OrgServer, app: OAuthApp, value: Any) -> None:
    if value not in UNSETTLED:
        raise wrong(f"settles_as is one of {', '.join(UNSETTLED)}")
    app.settles_as = value


def _disabled_as(server: OrgServer, app: OAuthApp, value: Any) -> None:
    if value not in DISABLED:
        raise wrong(f"disabled_as is one of {', '.join(DISABLED)}")
    app.disabled_as = value


CHANGES: dict[str, Callable[[OrgServer, OAuthApp, Any], None]] = {
    "callback_url": _callback,
    "run_as": _run_as,
    "consumer_secret": _secret,
    "flows": _flows,
    "scopes": _scopes,
    "refresh_addresses": _addresses,
    "settles": _settles,
    "settles_as": _settles_as,
    "disabled_as": _disabled_as,
}


def change_app(server: OrgServer, request: Request) -> Reply:
    """Change an app: each thing named is set as given, `callback_url` adds one."""
    asked = asked_object(request)
    found = app_of(server, asked.get("name"))
    key = found.consumer_key
    refuse_unknown("an app", asked, ("name", *CHANGES, *SWITCHES, *DURATIONS))
    for name, value in asked.items():
        if name in CHANGES:
            CHANGES[name](server, found, value)
        elif name in DURATIONS:
            setattr(found, DURATIONS[name], None if value is None else duration_ms(value))
        elif name in SWITCHES:
            setattr(found, name, true_or_false(name, value))
            if name == "blocked" and not value:
                for entries in (server.org.blocklist, server.org.blocklist_shown):
                    for full_name in [n for n, b in entries.items() if b.consumer_key == key]:
                        del entries[full_name]
    return answer(shown(server, found))


def approvals(server: OrgServer, request: Request) -> Reply:
    """Somebody approves an app so many times more, as by setting up more clients of it. Only the
    newest five approvals of one app by one user live."""
    asked = asked_object(request)
    app = app_of(server, asked.get("name"))
    user_id = user_of(server, str(asked.get("user", "")))
    count = asked.get("count", 1)
    if not isinstance(count, int) or not 0 < count <= 100:
        raise wrong("count is a number from 1 to 100")
    for _ in range(count):
        server.sessions.approve(user_id, app, app.scopes)
    live = [g for g in server.sessions.grants if g.live and g.app is app and g.user_id == user_id]
    return answer({"live": len(live)}, 201)
