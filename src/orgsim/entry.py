"""Who the org lets in, and where it lives: addresses, login ranges and hours, locked users, moves.

Everything here is off until the control API sets it (`/_sim/network`, `/_sim/user`, `/_sim/org`).
"""

from __future__ import annotations

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from orgsim.wire import ApiError, OAuthError, Reply, Request

if TYPE_CHECKING:
    from orgsim.oauth.sessions import Session
    from orgsim.org import OAuthApp
    from orgsim.server import OrgServer

Network = ipaddress.IPv4Network | ipaddress.IPv6Network
OLD_HOST = ("redirect", "works", "gone")
WITHOUT_API = ("Professional Edition", "Team Edition")


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Addresses and ranges (192.0.2.0/24); ValueError for anything else."""
    return tuple(ipaddress.ip_network(text) for text in texts)


def within(address: str, ranges: tuple[Network, ...]) -> bool:
    at = ipaddress.ip_address(address)
    return any(at in network for network in ranges)


@dataclass
class Entry:
    """`seen_from`: the addresses that calls seem to come from, in turn, as behind a changing
    proxy. `risky`: whoever comes from there is contained (fact sheet 1.9)."""

    seen_from: tuple[str, ...] = ()
    risky: tuple[Network, ...] = ()
    ranges: dict[str, tuple[Network, ...]] = field(default_factory=dict)  # by user id
    closed: set[str] = field(default_factory=set)  # users outside their login hours
    password_locked: set[str] = field(default_factory=set)
    locked: bool = False  # the org: closed or suspended
    api: bool | None = None  # whether the edition has the API; None: as the edition says
    old_url: str = ""  # where the org lived before it moved
    old_host: str = "redirect"
    _turn: int = 0

    def address(self, client: str) -> str:
        """The address the next call seems to come from."""
        if not self.seen_from:
            return client
        self._turn += 1
        return self.seen_from[(self._turn - 1) % len(self.seen_from)]

    def moved(self, server: OrgServer, request: Request) -> Reply | None:
        """What the address answers that the org has left; None for calls to where it lives."""
        if not self.old_url or self.old_host == "works":
            return None
        if request.headers.get("host", "") == urlsplit(server.base_url).netloc:
            return None
        server.quota.uncounted["to the old host", request.client] += 1
        if self.old_host == "gone":
            page = b"<html><head><title>Unknown host</title></head><body>No such org.</body></html>"
            return Reply(page, 404, "text/html;charset=UTF-8")
        query = f"?{request.query}" if request.query else ""
        there = f"{server.base_url}{request.path}{query}"
        return Reply(b"", 302, "text/html;charset=UTF-8", [("Location", there)])


def has_api(server: OrgServer) -> bool:
    """Whether the org has the API: by its edition, unless control says otherwise."""
    if server.entry.api is not None:
        return server.entry.api
    return server.org.options.edition not in WITHOUT_API


def contain(server: OrgServer, user_id: str) -> None:
    """What Salesforce does to a user seen from a risky address: frozen, all grants and sessions
    gone. Nobody is told but administrators, by mail."""
    server.people.freeze(user_id)
    server.sessions.revoke_all(user_id)


def may_sign_in(
    server: OrgServer, user_id: str, request: Request, app: OAuthApp | None = None
) -> None:
    """Raises the token endpoint's refusal for a user who may not sign in now and from here. An app
    whose policy relaxes addresses is bound by no login ranges."""
    entry, people = server.entry, server.people
    if entry.locked:
        raise OAuthError("inactive_org", "organization is locked, closed, or suspended")
    if not people.is_active(user_id):
        raise OAuthError("invalid_grant", "inactive user")
    if entry.risky and within(request.client, entry.risky):
        contain(server, user_id)
    if people.is_frozen(user_id) or user_id in entry.password_locked:
        raise OAuthError("invalid_grant", "user is locked")
    if user_id in entry.closed:
        raise OAuthError("invalid_grant", "ip restricted or invalid login hours")
    ranges = entry.ranges.get(user_id)
    relaxed = app is not None and app.felt("ip_relaxation") == "BYPASS"
    if ranges and not relaxed and not within(request.client, ranges):
        raise OAuthError("invalid_grant", "ip restricted")


def check_session(server: OrgServer, session: Session, request: Request) -> None:
    """Raises the 401 of a session that is not honoured from here, or not for the REST API."""
    entry = server.entry
    headers = [("WWW-Authenticate", "Token")]
    gone = ApiError(401, "INVALID_SESSION_ID", "Session expired or invalid", headers=headers)
    if entry.locked:
        raise gone
    if entry.risky and within(request.client, entry.risky):
        contain(server, session.user_id)
        raise gone
    if session.app is None:
        return  # made by the control API, the sign-in page or SOAP login(): tied to no address
    rules = server.org.settings["SecuritySettings"]["sessionSettings"]
    if rules["lockSessionsToIp"] and session.address != request.client:
        raise gone
    relaxed = session.app.felt("ip_relaxation") == "BYPASS"
    ranges = () if relaxed else entry.ranges.get(session.user_id)
    if rules["enforceIpRangesEveryRequest"] and ranges and not within(request.client, ranges):
        raise gone
    if request.path.startswith("/services/data") and not {"api", "full"} & set(session.scopes):
        raise ApiError(
            401,
            "INVALID_SESSION_ID",
            "This session is not valid for use with the REST API",
            headers=headers,
        )
