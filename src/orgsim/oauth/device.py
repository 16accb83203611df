"""The device flow: a code shown on one machine, typed in on another.

An app that is not installed is blocked here for everybody, whatever they may approve elsewhere.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from orgsim import entry
from orgsim.oauth import apps, history, pages
from orgsim.oauth.sessions import Grant
from orgsim.org import OAuthApp
from orgsim.wire import OAuthError, Reply, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

LIFE_MS = 10 * 60_000
INTERVAL_S = 5
LETTERS = "BCDFGHJKLMNPQRSTVWXYZ0123456789"


@dataclass
class Device:
    """A request from a device. `user_id` is set by the approval."""

    app: OAuthApp
    scopes: tuple[str, ...]
    device_code: str
    user_code: str
    created_ms: int
    polled_ms: int | None = None
    user_id: str | None = None
    denied: bool = False


def start(server: OrgServer, request: Request) -> dict[str, Any]:
    """`response_type=device_code`: the codes to show and to poll with."""
    app = apps.authenticate(server, request, secret_needed=False)
    if "device" not in app.flows:
        raise OAuthError("invalid_request", "device flow is not enabled for this app")
    wanted = tuple(request.form.get("scope", "").split()) or app.scopes
    made = Device(
        app,
        wanted,
        server.sessions.secret(48),
        "".join(server.sessions.random.choices(LETTERS, k=8)),
        server.org.clock.now(),
    )
    server.devices[made.device_code] = made
    server.sessions.issued.append(("device code", made.device_code))
    return {
        "device_code": made.device_code,
        "user_code": made.user_code,
        "verification_uri": f"{server.base_url}/setup/connect",
        "interval": INTERVAL_S,
    }


def poll(server: OrgServer, request: Request) -> tuple[Device, Grant]:
    """`grant_type=device`: the approval, or the reason that there is none yet."""
    app = apps.authenticate(server, request, secret_needed=False)
    found = server.devices.get(request.form.get("code", ""))
    now = server.org.clock.now()
    if found is None or found.app is not app or now - found.created_ms > LIFE_MS:
        raise OAuthError("invalid_grant", "invalid device code")
    if found.denied:
        raise OAuthError("access_denied", "end-user denied authorization")
    if found.user_id is None:
        early = found.polled_ms is not None and now - found.polled_ms < INTERVAL_S * 1000
        found.polled_ms = now
        if early:
            raise OAuthError("slow_down", "polling too frequently")
        raise OAuthError("authorization_pending", "waiting for the user to approve")
    entry.may_sign_in(server, found.user_id, request)
    del server.devices[found.device_code]
    return found, server.sessions.approve(found.user_id, app, found.scopes)


def connect(server: OrgServer, request: Request) -> Reply:
    """The page at `/setup/connect` where somebody signs in and types the code."""
    form = request.form
    code = form.get("user_code", "").strip().upper()
    if request.method != "POST":
        return pages.device(server.org.name, code)
    now = server.org.clock.now()
    found = next(
        (
            d
            for d in server.devices.values()
            if d.user_code == code and d.user_id is None and now - d.created_ms <= LIFE_MS
        ),
        None,
    )
    if found is None:
        return pages.device(server.org.name, code, "The code you entered is invalid or expired.")
    user_id = server.people.by_username(form.get("username", ""))
    right = form.get("password") == pages.PASSWORD
    if user_id is None or not history.let_in(server, request, user_id, right, **history.PAGE):
        return pages.device(server.org.name, code, "Please check your username and password.")
    if form.get("decision") != "allow":
        found.denied = True
        return pages.told("Access denied", "You denied access. You can close this page.")
    if not found.app.installed:
        found.denied = True
        return pages.error(
            "OAUTH_APPROVAL_ERROR_GENERIC",
            "An unexpected error has occured during authentication.",
        )
    try:
        apps.let_in(found.app)
        apps.may_use(server, found.app, user_id)
    except OAuthError as error:
        name = {"invalid_app_access": "OAUTH_APP_ACCESS_DENIED"}.get(error.error, error.error)
        return pages.error(name, error.description)
    found.user_id = user_id
    return pages.told("You’re connected", f"{found.app.name} may now use this org.")
