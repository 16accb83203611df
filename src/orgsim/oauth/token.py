"""The token endpoint: every grant type, each a function from a call to a token response."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from orgsim import entry
from orgsim.oauth import apps, device, history, identity
from orgsim.oauth.sessions import CODE_MS, Code, Grant, Session, signature
from orgsim.org import OAuthApp
from orgsim.wire import OAuthError, Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer

LOGIN_HOSTS = frozenset({"login.salesforce.com", "test.salesforce.com"})
NO_STORE = [("Cache-Control", "no-cache, no-store"), ("Pragma", "no-cache")]


def token(server: OrgServer, request: Request) -> Reply:
    if request.method != "POST":
        raise OAuthError("invalid_request", "must use HTTP POST")
    if request.form.get("response_type") == "device_code":
        return answer(device.start(server, request), headers=list(NO_STORE))
    kind = request.form.get("grant_type", "")
    grant = GRANTS.get(kind)
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    try:
        made = grant(server, request)
    except OAuthError as error:
        history.note_failure(server, request, error)
        raise
    return answer(made, headers=list(NO_STORE))


def _response(
    server: OrgServer, session: Session, *, refresh: str | None = None, nonce: str | None = None
) -> dict[str, Any]:
    app = session.app
    link = identity.link(server, session.user_id)
    issued = str(session.created_ms)
    made: dict[str, Any] = {"access_token": session.token}
    if refresh is not None:
        made["refresh_token"] = refresh
    if app is not None:
        made["signature"] = signature(app, link, issued)
    made["scope"] = " ".join(session.scopes)
    if "openid" in session.scopes and app is not None:
        made["id_token"] = identity.id_token(server, session, app, nonce)
        server.sessions.issued.append(("identity token", made["id_token"]))
    return made | {
        "instance_url": server.base_url,
        "id": link,
        "token_type": "Bearer",
        "issued_at": issued,
        "token_format": "opaque",
    }


def _open(
    server: OrgServer,
    request: Request,
    user_id: str,
    app: OAuthApp,
    scopes: tuple[str, ...],
    grant: Grant | None = None,
) -> Session:
    sub = history.SUB_TYPES.get(request.form.get("grant_type", ""))
    history.note(server, request, user_id, sub=sub, application=app.name)
    return server.sessions.open(user_id, app, scopes, grant, address=request.client)


# Grants -----------------------------------------------------------------------------------


def _code(server: OrgServer, request: Request) -> dict[str, Any]:
    form, sessions = request.form, server.sessions
    text = form.get("code", "")
    id, _ = apps.credentials(request)
    known = server.org.apps.get(id)
    needed = known is None or known.secret_required
    app = apps.authenticate(server, request, secret_needed=needed)
    if text in sessions.spent_codes:
        # A code that comes twice may have been stolen: what it gave is taken back.
        spent = sessions.spent_codes[text]
        if spent is not None:
            sessions.revoke(spent)
        raise OAuthError("invalid_grant", "expired authorization code")
    code = sessions.codes.get(text)
    if code is None or code.app is not app:
        raise OAuthError("invalid_grant", "invalid authorization code")
    if server.org.clock.now() - code.created_ms > CODE_MS:
        raise OAuthError("invalid_grant", "expired authorization code")
    if form.get("redirect_uri", "") != code.redirect_uri:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    _check_verifier(code, form.get("code_verifier"))
    del sessions.codes[text]
    sessions.spent_codes[text] = None
    entry.may_sign_in(server, code.user_id, request, app)
    apps.may_use(server, app, code.user_id)
    grant = sessions.approve(code.user_id, app, code.scopes)
    sessions.spent_codes[text] = grant
    session = _open(server, request, code.user_id, app, code.scopes, grant)
    return _response(server, session, refresh=_offline(grant), nonce=code.nonce)


def _offline(grant: Grant) -> str | None:
    """The refresh token, if the scopes and the app allow one."""
    wanted = {"refresh_token", "offline_access", "full"} & set(grant.scopes)
    return grant.token if wanted and "refresh_token" in grant.app.flows else None


def _check_verifier(code: Code, verifier: str | None) -> None:
    if code.challenge is None:
        return
    digest = hashlib.sha256((verifier or "").encode()).digest()
    if base64.urlsafe_b64encode(digest).decode().rstrip("=") != code.challenge.rstrip("="):
        raise OAuthError("invalid_grant", "invalid code verifier")


def _refresh(server: OrgServer, request: Request) -> dict[str, Any]:
    id, _ = apps.credentials(request)
    known = server.org.apps.get(id)
    app = apps.authenticate(server, request, secret_needed=known is None or known.secret_required)
    text = request.form.get("refresh_token", "")
    grant = server.sessions.by_refresh.get(text)
    if grant is None or grant.app is not app or not grant.live:
        raise OAuthError("invalid_grant", "expired access/refresh token")
    if text in grant.spent:
        server.sessions.revoke(grant)  # reuse of a rotated token ends the family
        raise OAuthError("invalid_grant", "expired access/refresh token")
    if server.sessions.outlived(grant):
        server.sessions.revoke(grant)
        raise OAuthError("invalid_grant", "expired access/refresh token")
    if app.refresh_addresses and not entry.within(request.client, app.refresh_addresses):
        raise OAuthError("invalid_grant", "ip restricted")
    entry.may_sign_in(server, grant.user_id, request, app)
    apps.may_use(server, app, grant.user_id)
    server.sessions.used(grant)
    rotated = app.felt("rotate_refresh_token")
    if rotated:
        server.sessions.rotate(grant)
    session = _open(server, request, grant.user_id, app, grant.scopes, grant)
    return _response(server, session, refresh=grant.token if rotated else None)


def _client_credentials(server: OrgServer, request: Request) -> dict[str, Any]:
    host = request.headers.get("host", "").split(":")[0].lower()
    if host in LOGIN_HOSTS:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    app = apps.authenticate(server, request)
    if "client_credentials" not in app.flows:
        raise OAuthError("invalid_grant", "client credentials flow not enabled")
    if app.run_as is None or "ApiEnabled" not in server.people.permissions(app.run_as):
        raise OAuthError("invalid_grant", "no client credentials user enabled")
    entry.may_sign_in(server, app.run_as, request, app)
    apps.may_use(server, app, app.run_as)
    scopes = tuple(s for s in app.scopes if s not in ("refresh_token", "offline_access"))
    grant = server.sessions.of_machine(app.run_as, app, scopes)
    session = _open(server, request, app.run_as, app, scopes, grant)
    return _response(server, session)


def _jwt_bearer(server: OrgServer, request: Request) -> dict[str, Any]:
    text = request.form.get("assertion", "")
    claims = apps.unverified(text)
    app = apps.find(server, str(claims.get("iss", "")))
    if "jwt_bearer" not in app.flows:
        raise OAuthError("invalid_grant", "invalid assertion")
    claims = apps.verified(server, app, text)
    user_id = server.people.by_username(str(claims.get("sub", "")))
    if user_id is None:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    entry.may_sign_in(server, user_id, request, app)
    apps.may_use(server, app, user_id)
    if app.felt("admin_approved_only"):
        pass  # approved by an administrator
    elif not server.sessions.has_approved(user_id, app) and app.run_as != user_id:
        raise OAuthError("invalid_grant", "user hasn't approved this consumer")
    grant = server.sessions.of_machine(user_id, app, app.scopes)
    session = _open(server, request, user_id, app, app.scopes, grant)
    made = _response(server, session)
    return {k: v for k, v in made.items() if k not in ("signature", "issued_at")}


def _device(server: OrgServer, request: Request) -> dict[str, Any]:
    asked, grant = device.poll(server, request)
    apps.may_use(server, asked.app, grant.user_id)
    session = _open(server, request, grant.user_id, asked.app, asked.scopes, grant)
    return _response(server, session, refresh=_offline(grant))


GRANTS: dict[str, Callable[[OrgServer, Request], dict[str, Any]]] = {
    "authorization_code": _code,
    "refresh_token": _refresh,
    "client_credentials": _client_credentials,
    "urn:ietf:params:oauth:grant-type:jwt-bearer": _jwt_bearer,
    "device": _device,
}


# Revoke and introspect --------------------------------------------------------------------


def revoke(server: OrgServer, request: Request) -> Reply:
    text = request.form.get("token", "")
    if not text:
        raise OAuthError("invalid_request", "missing required parameter: token")
    if not server.sessions.revoke_token(text):
        raise OAuthError("invalid_token", "invalid token")
    callback = request.params.get("callback")
    if callback:
        return Reply(f"{callback}({{}});".encode(), content_type="application/javascript")
    return Reply(b"", content_type="text/html;charset=UTF-8")


def introspect(server: OrgServer, request: Request) -> Reply:
    try:
        app = apps.authenticate(server, request)
    except OAuthError as error:
        raise OAuthError("invalid_client", "client credentials invalid", 401) from error
    text = request.form.get("token", "")
    session = server.sessions.sessions.get(text)
    grant = server.sessions.by_refresh.get(text)
    if session is not None and (session.app is None or session.app is app):
        user_id, scopes, created = session.user_id, session.scopes, session.created_ms
        expires: int | None = (session.used_ms + session.life_ms) // 1000
        if expires is not None and expires <= server.org.clock.now() // 1000:
            return answer({"active": False})
    elif grant is not None and grant.live and grant.token == text and grant.app is app:
        user_id, scopes, created, expires = grant.user_id, grant.scopes, grant.created_ms, None
    else:
        return answer({"active": False})
    made: dict[str, Any] = {
        "active": True,
        "scope": " ".join(scopes),
        "client_id": app.consumer_key,
        "username": server.people.value(user_id, "Username"),
        "sub": identity.link(server, user_id),
        "token_type": "access_token" if session is not None else "refresh_token",
        "iat": created // 1000,
        "nbf": created // 1000,
    }
    if expires is not None:
        made["exp"] = expires
    return answer(made)
