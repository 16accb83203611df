"""The authorize endpoint: sign in, consent, redirect with a code or an error.

1. The app and its redirect address are checked; what is wrong there is shown, never redirected.
2. Whoever is not signed in gets the sign-in page, then comes back here.
3. An app allowed before gets its code at once (unless `prompt=consent`), else consent is asked.
"""

from __future__ import annotations

from http.cookies import CookieError, SimpleCookie
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from orgsim.oauth import apps, history, pages
from orgsim.oauth.sessions import Code
from orgsim.org import OAuthApp
from orgsim.wire import OAuthError, Reply, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

COOKIE = "sid"


def authorize(server: OrgServer, request: Request) -> Reply:
    params = request.form if request.method == "POST" else request.params
    query = urlencode(params)
    try:
        app, redirect_uri = _asking(server, params)
    except OAuthError as error:
        return pages.error(error.error, error.description)
    state = params.get("state")
    try:
        scopes = _checked(app, params)
    except OAuthError as error:
        return _back(redirect_uri, state, error=error.error, error_description=error.description)
    user_id = _signed_in(server, request)
    if user_id is None or params.get("prompt", "") == "login":
        if params.get("immediate") == "true":
            return _back(redirect_uri, state, error="immediate_unsuccessful")
        rest = urlencode({k: v for k, v in params.items() if (k, v) != ("prompt", "login")})
        return pages.sign_in(server.org.name, rest, params.get("login_hint", ""))
    try:
        _may_use(server, app, user_id)
    except OAuthError as error:
        return _back(redirect_uri, state, error=error.error, error_description=error.description)
    approved = server.sessions.has_approved(user_id, app) or app.felt("admin_approved_only")
    if approved and "consent" not in params.get("prompt", ""):
        return _with_code(server, app, user_id, scopes, params)
    username = str(server.people.value(user_id, "Username"))
    return pages.consent(app, username, scopes, query, _seal(server, request))


def _asking(server: OrgServer, params: dict[str, str]) -> tuple[OAuthApp, str]:
    app = server.org.apps.get(params.get("client_id", ""))
    if app is None or app.deleted or server.org.clock.now() < app.settles_ms:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    redirect_uri = params.get("redirect_uri", "")
    if redirect_uri not in app.callback_urls:
        raise OAuthError("redirect_uri_mismatch", "redirect_uri must match configuration")
    apps.let_in(app)
    return app, redirect_uri


def _checked(app: OAuthApp, params: dict[str, str]) -> tuple[str, ...]:
    """The scopes that will be granted, the rest of the call found in order."""
    if params.get("response_type") != "code" or "authorization_code" not in app.flows:
        raise OAuthError("unsupported_response_type", "response type not supported")
    challenge, method = params.get("code_challenge"), params.get("code_challenge_method", "S256")
    if method != "S256":
        raise OAuthError("invalid_request", "unsupported code challenge method")
    if app.pkce_required and not challenge:
        raise OAuthError("invalid_request", "missing required code challenge")
    wanted = tuple(params.get("scope", "").split()) or app.scopes
    same = {"offline_access": "refresh_token"}
    allowed = {same.get(s, s) for s in app.scopes} | {"id"}
    if "full" not in allowed and not {same.get(s, s) for s in wanted} <= allowed:
        raise OAuthError("invalid_scope", "the requested scope is not allowed")
    return wanted


def _may_use(server: OrgServer, app: OAuthApp, user_id: str) -> None:
    try:
        apps.may_use(server, app, user_id)
    except OAuthError as error:
        if error.error == "invalid_app_access":  # its name on pages
            raise OAuthError("OAUTH_APP_ACCESS_DENIED", error.description) from error
        raise
    if (
        not app.installed
        and not server.sessions.has_approved(user_id, app)
        and "ApproveUninstalledConnectedApps" not in server.people.permissions(user_id)
    ):
        raise OAuthError("invalid_client", "app must be installed into org")


def _with_code(
    server: OrgServer,
    app: OAuthApp,
    user_id: str,
    scopes: tuple[str, ...],
    params: dict[str, str],
) -> Reply:
    redirect_uri = params["redirect_uri"]
    code = server.sessions.issue_code(
        Code(
            app,
            user_id,
            scopes,
            redirect_uri,
            params.get("code_challenge"),
            params.get("nonce"),
            server.org.clock.now(),
        )
    )
    return _back(redirect_uri, params.get("state"), code=code)


def _back(redirect_uri: str, state: str | None, **values: str) -> Reply:
    if state is not None:
        values["state"] = state
    joint = "&" if "?" in redirect_uri else "?"
    return Reply(status=302, headers=[("Location", redirect_uri + joint + urlencode(values))])


# Signing in -------------------------------------------------------------------------------


def _cookie(request: Request) -> str:
    try:
        found = SimpleCookie(request.headers.get("cookie", "")).get(COOKIE)
    except CookieError:
        return ""
    return found.value if found else ""


def _signed_in(server: OrgServer, request: Request) -> str | None:
    session = server.sessions.find(_cookie(request))
    return session.user_id if session else None


def _seal(server: OrgServer, request: Request) -> str:
    """What only the page shown to this session knows, so that no other site can consent."""
    return _cookie(request)[-24:]


def sign_in(server: OrgServer, request: Request) -> Reply:
    form = request.form
    username, query = form.get("username", ""), form.get("query", "")
    user_id = server.people.by_username(username)
    right = form.get("password") == pages.PASSWORD
    if user_id is None or not history.let_in(server, request, user_id, right, **history.PAGE):
        problem = (
            "Please check your username and password. If you still can't log in, contact your "
            "Salesforce administrator."
        )
        if user_id is not None and right and server.people.is_frozen(user_id):
            problem = "Your access to Salesforce is frozen. Contact your administrator."
        return pages.sign_in(server.org.name, query, username, problem)
    session = server.sessions.open(user_id, None, ("web",))
    secure = "; Secure" if server.base_url.startswith("https") else ""
    cookie = f"{COOKIE}={session.token}; Path=/; HttpOnly; SameSite=Lax{secure}"
    return Reply(
        status=302,
        headers=[("Location", f"/services/oauth2/authorize?{query}"), ("Set-Cookie", cookie)],
    )


def sign_out(server: OrgServer, request: Request) -> Reply:
    server.sessions.close(_cookie(request))
    query = request.params.get("query", "")
    return Reply(status=302, headers=[("Location", f"/services/oauth2/authorize?{query}")])


def approve(server: OrgServer, request: Request) -> Reply:
    """The consent form's answer."""
    params = dict(parse_qsl(request.form.get("query", ""), keep_blank_values=True))
    try:
        app, redirect_uri = _asking(server, params)
        scopes = _checked(app, params)
    except OAuthError as error:
        return pages.error(error.error, error.description)
    user_id = _signed_in(server, request)
    if user_id is None or request.form.get("seal") != _seal(server, request):
        return pages.sign_in(server.org.name, request.form.get("query", ""))
    if request.form.get("decision") != "allow":
        return _back(
            redirect_uri,
            params.get("state"),
            error="access_denied",
            error_description="end-user denied authorization",
        )
    try:
        _may_use(server, app, user_id)
    except OAuthError as error:
        return pages.error(error.error, error.description)
    return _with_code(server, app, user_id, scopes, params)
