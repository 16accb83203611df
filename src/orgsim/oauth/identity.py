"""Who a token is: the identity URL, userinfo, id tokens, keys and the discovery document.

Failures here are words of plain text, not JSON.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from orgsim.entry import check_session
from orgsim.oauth import jose
from orgsim.oauth.sessions import Session
from orgsim.org import OAuthApp, id18
from orgsim.soql import dates
from orgsim.wire import ApiError, Reply, Request, TextError, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer

ENDPOINTS = {
    "enterprise": "/services/Soap/c/{version}/%s",
    "metadata": "/services/Soap/m/{version}/%s",
    "partner": "/services/Soap/u/{version}/%s",
    "rest": "/services/data/v{version}/",
    "sobjects": "/services/data/v{version}/sobjects/",
    "search": "/services/data/v{version}/search/",
    "query": "/services/data/v{version}/query/",
    "recent": "/services/data/v{version}/recent/",
    "tooling_soap": "/services/Soap/T/{version}/%s",
    "tooling_rest": "/services/data/v{version}/tooling/",
    "profile": "/%s",
    "feeds": "/services/data/v{version}/chatter/feeds",
    "groups": "/services/data/v{version}/chatter/groups",
    "users": "/services/data/v{version}/chatter/users",
    "feed_items": "/services/data/v{version}/chatter/feed-items",
    "feed_elements": "/services/data/v{version}/chatter/feed-elements",
    "custom_domain": "",
}
SCOPES = (
    "api", "web", "full", "refresh_token", "offline_access", "openid", "profile", "email",
    "address", "phone", "id", "visualforce", "chatter_api", "custom_permissions",
)  # fmt: skip


def link(server: OrgServer, user_id: str) -> str:
    return f"{server.base_url}/id/{server.org.id}/{user_id}"


def _urls(server: OrgServer, user_id: str) -> dict[str, str]:
    made = {}
    for name, path in ENDPOINTS.items():
        what = user_id if name == "profile" else server.org.id[:15]
        made[name] = server.base_url + (path % what if "%s" in path else path)
    return made


def _session(server: OrgServer, request: Request) -> Session:
    token = request.bearer() or request.params.get("oauth_token")
    if not token:
        raise TextError(403, "Missing_OAuth_Token")
    session = server.sessions.find(token)
    if session is None:
        raise TextError(403, "Bad_OAuth_Token")
    try:
        check_session(server, session, request)
    except ApiError:
        raise TextError(403, "Bad_OAuth_Token") from None
    return session


def _offset_ms(zone: str | None) -> int:
    """A time zone's distance from UTC without summer time, as Salesforce gives it."""
    try:
        winter = datetime(2026, 1, 1, tzinfo=ZoneInfo(zone or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        return 0
    away, summer = winter.utcoffset(), winter.dst()
    return round(((away or timedelta()) - (summer or timedelta())).total_seconds() * 1000)


def _common(server: OrgServer, user_id: str) -> dict[str, Any]:
    def value(name: str) -> Any:
        return server.people.value(user_id, name)

    picture = f"{server.base_url}/profilephoto/005/F"
    return {
        "user_id": user_id,
        "organization_id": server.org.id,
        "email": value("Email"),
        "email_verified": True,
        "photos": {"picture": picture, "thumbnail": picture.replace("/F", "/T")},
        "urls": _urls(server, user_id),
        "active": bool(value("IsActive")),
        "user_type": (value("UserType") or "Standard").upper(),
        "language": value("LanguageLocaleKey") or server.org.options.language,
        "locale": value("LocaleSidKey") or "en_US",
        "utcOffset": _offset_ms(value("TimeZoneSidKey")),
        "is_app_installed": True,
    }


def identity(server: OrgServer, request: Request, org_id: str, user_id: str) -> Reply:
    """`/id/{org}/{user}`."""
    session = _session(server, request)
    if len(org_id) not in (15, 18) or len(user_id) not in (15, 18):
        raise TextError(404, "Bad_Id")
    if id18(org_id[:15]) != server.org.id:
        raise TextError(403, "Wrong_Org")
    user_id = id18(user_id[:15])
    username = server.people.value(user_id, "Username")
    if username is None:
        raise TextError(404, "Bad_Id")
    if not server.people.is_active(user_id):
        raise TextError(404, "Inactive")
    if user_id != session.user_id and "ViewAllUsers" not in server.people.permissions(
        session.user_id
    ):
        raise TextError(404, "No_Access")

    def value(name: str) -> Any:
        return server.people.value(user_id, name)

    changed = value("LastModifiedDate") or value("CreatedDate") or server.org.clock.now()
    made = _common(server, user_id) | {
        "id": link(server, user_id),
        "asserted_user": user_id == session.user_id,
        "username": username,
        "nick_name": value("CommunityNickname") or value("Alias"),
        "display_name": value("Name"),
        "first_name": value("FirstName"),
        "last_name": value("LastName"),
        "timezone": value("TimeZoneSidKey"),
        "addr_street": None,
        "addr_city": None,
        "addr_state": None,
        "addr_country": None,
        "addr_zip": None,
        "mobile_phone": value("MobilePhone"),
        "mobile_phone_verified": False,
        "status": {"created_date": None, "body": None},
        "last_modified_date": dates.text(changed),
        "custom_attributes": {},
    }
    return answer(made)


def userinfo(server: OrgServer, request: Request) -> Reply:
    session = _session(server, request)
    user_id = session.user_id

    def value(name: str) -> Any:
        return server.people.value(user_id, name)

    changed = value("LastModifiedDate") or value("CreatedDate") or server.org.clock.now()
    made = _common(server, user_id) | {
        "sub": link(server, user_id),
        "preferred_username": value("Username"),
        "nickname": value("CommunityNickname") or value("Alias"),
        "name": value("Name"),
        "given_name": value("FirstName"),
        "family_name": value("LastName"),
        "zoneinfo": value("TimeZoneSidKey"),
        "profile": f"{server.base_url}/{user_id}",
        "picture": f"{server.base_url}/profilephoto/005/F",
        "address": {},
        "updated_at": dates.text(changed, "Z"),
    }
    return answer(made)


# Keys and discovery -----------------------------------------------------------------------


def _key_id(server: OrgServer) -> str:
    return hashlib.sha256(server.org.id.encode()).hexdigest()[:16]


def id_token(server: OrgServer, session: Session, app: OAuthApp, nonce: str | None) -> str:
    now = server.org.clock.now() // 1000
    digest = hashlib.sha256(session.token.encode()).digest()
    claims = {
        "iss": server.base_url,
        "sub": link(server, session.user_id),
        "aud": app.consumer_key,
        "iat": now,
        "exp": now + 120,
        "at_hash": jose.encode_bytes(digest[:16]),
    }
    if nonce is not None:
        claims["nonce"] = nonce
    return jose.sign(claims, server.key, _key_id(server))


def _number(n: int) -> str:
    return jose.encode_bytes(n.to_bytes((n.bit_length() + 7) // 8))


def keys(server: OrgServer, request: Request) -> Reply:
    numbers = server.key.public_key().public_numbers()
    return answer(
        {
            "keys": [
                {
                    "kty": "RSA",
                    "use": "sig",
                    "alg": "RS256",
                    "kid": _key_id(server),
                    "n": _number(numbers.n),
                    "e": _number(numbers.e),
                }
            ]
        }
    )


def discovery(server: OrgServer, request: Request) -> Reply:
    base = server.base_url
    oauth = f"{base}/services/oauth2"
    return answer(
        {
            "issuer": base,
            "authorization_endpoint": f"{oauth}/authorize",
            "token_endpoint": f"{oauth}/token",
            "revocation_endpoint": f"{oauth}/revoke",
            "userinfo_endpoint": f"{oauth}/userinfo",
            "introspection_endpoint": f"{oauth}/introspect",
            "jwks_uri": f"{base}/id/keys",
            "scopes_supported": list(SCOPES),
            "response_types_supported": ["code"],
            "grant_types_supported": [
                "authorization_code",
                "refresh_token",
                "client_credentials",
                "urn:ietf:params:oauth:grant-type:jwt-bearer",
            ],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "token_endpoint_auth_methods_supported": [
                "client_secret_post",
                "client_secret_basic",
                "private_key_jwt",
            ],
            "code_challenge_methods_supported": ["S256"],
            "claims_supported": ["sub", "iss", "aud", "email", "name", "nonce"],
        }
    )
