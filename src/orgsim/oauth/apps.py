"""Which app asks, and whether it and a user may have a token: the rules shared by all flows."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa

from orgsim.oauth import jose
from orgsim.org import EXTERNAL, OAuthApp
from orgsim.wire import OAuthError, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

# What the token endpoint says while a change of an app is not known everywhere.
UNSETTLED = {
    "invalid_client_id": "client identifier invalid",
    "invalid_client": "invalid client credentials",
    "invalid_grant": "no client credentials user enabled",
    "invalid_app_access": "user is not admin approved to access this app",
}
# What it says of an external client app that is switched off; which of them is not documented.
DISABLED = {
    "OAUTH_EC_APP_NOT_FOUND": "external client app is not installed in org",
    "OAUTH_APP_BLOCKED": "this app is blocked by admin",
    "invalid_client_id": "client identifier invalid",
    "invalid_grant": "authentication failure",
}
ASSERTION = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
SKEW_S = 60
LONGEST_S = 300  # of a JWT's life; Salesforce says about three minutes and tolerates skew


def credentials(request: Request) -> tuple[str, str | None]:
    """Client id and secret, from the form or from HTTP Basic."""
    form = request.form
    header = request.headers.get("authorization", "")
    if header.lower().startswith("basic "):
        try:
            text = base64.b64decode(header[6:], validate=True).decode()
        except (binascii.Error, UnicodeDecodeError):
            raise OAuthError("invalid_client", "invalid client credentials") from None
        id, _, secret = text.partition(":")
        return id, secret
    return form.get("client_id", ""), form.get("client_secret")


def find(server: OrgServer, client_id: str) -> OAuthApp:
    app = server.org.apps.get(client_id)
    if app is None or app.deleted:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if server.org.clock.now() < app.settles_ms:
        raise OAuthError(app.settles_as, UNSETTLED[app.settles_as])
    let_in(app)
    return app


def let_in(app: OAuthApp) -> None:
    """Raises the refusal of an app that this org has not, or has shut out."""
    if app.kind == EXTERNAL and not app.installed:
        raise OAuthError("OAUTH_EC_APP_NOT_FOUND", "external client app is not installed in org")
    if not app.felt("enabled"):
        raise OAuthError(app.disabled_as, DISABLED[app.disabled_as])
    if app.felt("blocked"):
        raise OAuthError("OAUTH_APP_BLOCKED", "this app is blocked by admin")


def may_use(server: OrgServer, app: OAuthApp, user_id: str) -> None:
    """Raises the refusal of a user who may not use an app: it is for those only whom an
    administrator approved, or API access control lets in no other apps than approved ones."""
    approved = admin_approved(server, app, user_id)
    if app.felt("admin_approved_only") and not approved:
        raise OAuthError("invalid_app_access", "user is not admin approved to access this app")
    control = server.org.settings["ConnectedAppSettings"]["enableAdminApprovedAppsOnly"]
    known = approved and app.installed
    if control and not known and "UseAnyApiClient" not in server.people.permissions(user_id):
        raise OAuthError("OAUTH_APP_BLOCKED", "this app is blocked by admin")


def authenticate(server: OrgServer, request: Request, *, secret_needed: bool = True) -> OAuthApp:
    """The app a token call comes from, its secret (or signed assertion) checked."""
    assertion = request.form.get("client_assertion")
    if assertion and request.form.get("client_assertion_type") == ASSERTION:
        claims = unverified(assertion)
        app = find(server, str(claims.get("iss", "")))
        verified(server, app, assertion)
        return app
    id, secret = credentials(request)
    if not id:
        raise OAuthError("invalid_request", "missing required parameter: client_id")
    app = find(server, id)
    if secret is None:
        if secret_needed:
            raise OAuthError("invalid_client", "invalid client credentials")
    elif secret != app.consumer_secret:
        raise OAuthError("invalid_client", "invalid client credentials")
    return app


def unverified(token: str) -> dict[str, Any]:
    try:
        return jose.claims(token)
    except jose.BadToken:
        raise OAuthError("invalid_grant", "invalid assertion") from None


def verified(server: OrgServer, app: OAuthApp, token: str) -> dict[str, Any]:
    """The claims of a JWT signed by an app's certificate and meant for this org, now."""
    if app.certificate_pem is None:
        raise OAuthError("invalid_grant", "invalid assertion")
    key = x509.load_pem_x509_certificate(app.certificate_pem.encode()).public_key()
    if not isinstance(key, rsa.RSAPublicKey):
        raise OAuthError("invalid_grant", "invalid assertion")
    try:
        claims = jose.verified(token, key)
    except jose.BadToken:
        raise OAuthError("invalid_grant", "invalid assertion") from None
    audience = claims.get("aud")
    meant = audience if isinstance(audience, list) else [audience]
    ours = {
        "https://login.salesforce.com",
        "https://test.salesforce.com",
        server.base_url,
        f"{server.base_url}/services/oauth2/token",
    }
    if not ours & {str(m).rstrip("/") for m in meant}:
        raise OAuthError("invalid_grant", "Audience validation failed")
    now = server.org.clock.now() / 1000
    expires = claims.get("exp")
    if not isinstance(expires, int | float) or not now - SKEW_S < expires < now + LONGEST_S:
        raise OAuthError("invalid_grant", "invalid assertion")
    return claims


def admin_approved(server: OrgServer, app: OAuthApp, user_id: str) -> bool:
    """Whether an administrator gave the app to the user, by SetupEntityAccess of one of the
    user's permission sets, or by naming the user as the one the app runs as."""
    if app.run_as == user_id:
        return True
    store = server.org.store
    access, sets = store.tables.get("SetupEntityAccess"), store.tables.get("PermissionSet")
    apps = store.tables.get("ConnectedApplication")
    if access is None or sets is None or apps is None:
        return False
    if app.application_id is not None:
        entity = {app.application_id}
    else:
        name, id_at = apps.type.position["Name"], apps.type.position["Id"]
        entity = {row[id_at] for row in apps.rows if row[name] == app.name}
    held = {sets.value(at, "Id") for at in server.people.sets_of(user_id)}
    parent, target = (access.type.position[n] for n in ("ParentId", "SetupEntityId"))
    return any(
        access.rows[at][target] in entity and access.rows[at][parent] in held
        for at in access.seen(server.org.clock.now())
    )
