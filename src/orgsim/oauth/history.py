"""What LoginHistory says of sign-ins at the org's own doors: pages, token endpoint, SOAP login.

Rows come only while the org lives (speed above 0). A try is noted where the org can tell whose it
was, as LoginHistory has no row without a user. Labels are those that LoginHistory answers; the
list of LoginSubType has no name for JWT bearer and the device flow, so theirs is empty. That a
wrong client secret, a locked org and an app that is blocked, switched off or deleted are noted, and
in which words, is not documented.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orgsim.entry import may_sign_in
from orgsim.oauth import jose
from orgsim.wire import OAuthError, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SUB_TYPES = {  # by grant_type
    "authorization_code": "OAuth Web Server",
    "refresh_token": "OAuth Refresh Token",
    "client_credentials": "OAuth Client Credentials",
    "password": "OAuth Username-Password",
}
FAILURES = {  # by error_description
    "user is locked": "Failed: User is frozen",
    "inactive user": "Failed: User is inactive",
    "invalid client credentials": "Failed: Invalid client credentials",
    "invalid code verifier": "Failed: Invalid code verifier",
    "expired access/refresh token": "Failed: Invalid token",
    "expired authorization code": "Failed: Invalid token",
    "user hasn't approved this consumer": "Failed: Not approved for access",
    "user is not admin approved to access this app": "Failed: Not approved for access",
    "Audience validation failed": "Failed: Audience validation failed",
    "invalid assertion": "Failed: Invalid assertion",
    "login rate exceeded": "Login Rate Exceeded",
    "ip restricted": "Restricted IP",
    "ip restricted or invalid login hours": "Restricted Time",
    "this app is blocked by admin": "Failed: OAuth API Access Disabled",
    "external client app is not installed in org": "Failed: OAuth API Access Disabled",
    "organization is locked, closed, or suspended": "Failed: Organization is inactive",
}
PAGE = {"kind": "Application", "sub": "UI Username-Password", "application": "Browser"}
BROWSERS = (("Edg/", "Edge"), ("Chrome/", "Chrome"), ("Firefox/", "Firefox"), ("Safari/", "Safari"))
SYSTEMS = (("Windows", "Windows 10"), ("Mac OS", "Mac OSX"), ("Linux", "Linux"))


def note(
    server: OrgServer,
    request: Request,
    user_id: str,
    status: str = "Success",
    *,
    kind: str = "Remote Access 2.0",
    sub: str | None = None,
    application: str = "N/A",
    api: str = "N/A",
    version: str = "N/A",
) -> None:
    """Add the row, seen from the next second of the org's clock on."""
    org = server.org
    history, users = org.store.tables.get("LoginHistory"), org.store.tables.get("User")
    if org.options.speed <= 0 or history is None or users is None:
        return
    at = org.clock.now() // 1000 * 1000
    agent = request.headers.get("user-agent", "")
    modern = application == "Browser"
    history.add(
        history.make(
            {
                "Id": org.new_id("0Ya"),
                "UserId": user_id,
                "LoginTime": at,
                "LoginType": kind,
                "LoginSubType": sub,
                "SourceIp": request.client,
                "LoginUrl": re.sub(r"^https?://", "", server.base_url),
                "Status": status,
                "Application": application,
                "ApiType": api,
                "ApiVersion": version,
                "ClientVersion": "N/A",
                "Browser": _named(agent, BROWSERS),
                "Platform": _named(agent, SYSTEMS),
                "TlsProtocol": "TLS 1.3" if modern else "TLS 1.2",
                "CipherSuite": "TLS_AES_256_GCM_SHA384"
                if modern
                else "ECDHE-RSA-AES256-GCM-SHA384",
                "OptionsIsGet": False,
                "OptionsIsPost": True,
            }
        ),
        at + 1000,
    )
    place = users.find(user_id)
    if status == "Success" and place is not None:
        users.update(place, {"LastLoginDate": at})


def _named(agent: str, known: tuple[tuple[str, str], ...]) -> str:
    return next((name for mark, name in known if mark in agent), "Unknown")


def let_in(server: OrgServer, request: Request, user_id: str, right: bool, **told: str) -> bool:
    """Whether somebody who gave a password, the right one or not, may come in. Notes the try;
    `told` is as in `note`."""
    status = "Success" if right else "Invalid Password"
    if right:
        try:
            may_sign_in(server, user_id, request)
        except OAuthError as refusal:
            status = FAILURES[refusal.description]
    note(server, request, user_id, status, **told)
    return status == "Success"


def note_failure(server: OrgServer, request: Request, error: OAuthError) -> None:
    """A token call that was refused: noted when it tells whose sign-in it was."""
    status = FAILURES.get(error.description)
    user_id = _meant(server, request)
    form = request.form
    app = server.org.apps.get(form.get("client_id", "") or _issuer(form))
    if app is not None and app.deleted:
        status = "Failed: Consumer Deleted"
    if status is None or user_id is None:
        return
    sub = SUB_TYPES.get(form.get("grant_type", ""))
    note(server, request, user_id, status, sub=sub, application=app.name if app else "N/A")


def _issuer(form: dict[str, str]) -> str:
    """The consumer key that an assertion names."""
    try:
        return str(jose.claims(form.get("assertion", "")).get("iss"))
    except jose.BadToken:
        return ""


def _meant(server: OrgServer, request: Request) -> str | None:
    """The user a token call is about, as far as it says so."""
    from orgsim.oauth.apps import credentials

    form, sessions = request.form, server.sessions
    grant = sessions.by_refresh.get(form.get("refresh_token", ""))
    if grant is not None:
        return grant.user_id
    code = form.get("code", "")
    if code in sessions.codes:
        return sessions.codes[code].user_id
    spent = sessions.spent_codes.get(code)
    if spent is not None:
        return spent.user_id
    if form.get("grant_type") == JWT:
        try:
            return server.people.by_username(str(jose.claims(form.get("assertion", "")).get("sub")))
        except jose.BadToken:
            return None
    if form.get("grant_type") == "client_credentials":
        try:
            app = server.org.apps.get(credentials(request)[0])
        except OAuthError:
            return None
        return app.run_as if app else None
    return server.people.by_username(form.get("username", ""))
