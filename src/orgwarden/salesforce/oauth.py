"""Signing in: every OAuth flow Orgwarden uses, as plain functions over the transport.

Tokens come back as `Tokens`, whose secrets cannot be printed. Every `instance_url` that Salesforce
names is checked like an address typed by a person before any token is sent there.
"""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import urlencode, urlsplit

import msgspec
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from orgwarden.core.ids import to_18
from orgwarden.core.problems import GrantExpired, NeedsPerson, NotThere, Problem, TryLater
from orgwarden.salesforce.address import Address
from orgwarden.salesforce.bodies import quoted, redacted
from orgwarden.salesforce.errors import SessionExpired
from orgwarden.salesforce.http import Transport
from orgwarden.salesforce.oauth_errors import oauth_problem
from orgwarden.salesforce.secret import Secret

_TOKEN = "/services/oauth2/token"  # noqa: S105 - a path
# Salesforce takes at most three; what is left is for clocks that differ.
_ASSERTION_LIFE = timedelta(minutes=2)
_FORM = {"Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}


@dataclass(frozen=True)
class Tokens:
    """What one sign-in gave. `refresh_token` is the one to keep from now on, where there is one."""

    access_token: Secret
    refresh_token: Secret | None
    instance_url: str  # canonical, no slash at the end: where the API of this org answers
    identity_url: str  # names the org and the user: …/id/{org}/{user}
    scope: tuple[str, ...]
    issued_at: datetime | None  # None: Salesforce did not say (JWT bearer)


@dataclass(frozen=True)
class Identity:
    """Whose sign-in this is. Ids have 18 characters."""

    user_id: str
    organization_id: str
    username: str
    display_name: str
    email: str = field(repr=False)
    language: str
    locale: str
    active: bool


class _TokenAnswer(msgspec.Struct):
    access_token: str
    instance_url: str
    id: str = ""
    refresh_token: str | None = None
    scope: str = ""
    issued_at: str | None = None


class _IdentityAnswer(msgspec.Struct):
    user_id: str
    organization_id: str
    username: str = ""
    display_name: str | None = None
    email: str | None = None
    language: str | None = None
    locale: str | None = None
    active: bool = True


def client_credentials(
    transport: Transport, address: Address, client_id: str, client_secret: Secret
) -> Tokens:
    """Tokens of the app's run-as user. There is no refresh token: ask again when they expire.

    Raises NeedsPerson with the fix when the app or the secret is not right.
    """
    form = {
        "grant_type": "client_credentials",
        "client_id": client_id,
        "client_secret": client_secret.reveal(),
    }
    return _tokens(transport, address, form)


def jwt_bearer(
    transport: Transport,
    address: Address,
    client_id: str,
    username: str,
    private_key_pem: Secret,
    now: datetime,
) -> Tokens:
    """Tokens of a pre-authorised user, for an assertion signed with the app's key (RS256).

    `now` is an aware time, ours or better the org's: the assertion is valid for two minutes.
    """
    claims = {
        "iss": client_id,
        "sub": username,
        "aud": _audience(address, transport),
        "exp": int((now + _ASSERTION_LIFE).timestamp()),
    }
    try:
        key = RSAKey.import_key(private_key_pem.reveal())
        assertion = jwt.encode({"alg": "RS256"}, claims, key, algorithms=["RS256"])
    except (JoseError, ValueError, TypeError) as error:
        raise NeedsPerson(
            "The private key cannot be read.",
            fix="Give the RSA key whose certificate is uploaded to the app, as unencrypted PEM.",
            code="BAD_PRIVATE_KEY",
        ) from error.with_traceback(None)
    form = {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": assertion}
    return _tokens(transport, address, form)


def _audience(address: Address, transport: Transport) -> str:
    """The host that signs users in: the documented values, the org's own for the emulator."""
    if f"{address.host}:{address.port}" in transport.allowed:
        return address.url
    if address.host.endswith(".salesforce.com"):
        return f"https://{'test' if address.is_sandbox else 'login'}.salesforce.com"
    return address.url


def authorize_url(
    address: Address,
    client_id: str,
    redirect_uri: str,
    state: str,
    challenge: str,
    scopes: Sequence[str],
    prompt: str | None = None,
) -> str:
    """Where to send a person's browser to sign in and consent (web server flow with PKCE)."""
    asked = {
        "response_type": "code",
        "client_id": client_id,
        "redirect_uri": redirect_uri,
        "scope": " ".join(scopes),
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    if prompt is not None:
        asked["prompt"] = prompt
    return f"{address.url}/services/oauth2/authorize?{urlencode(asked)}"


def new_verifier() -> tuple[Secret, str]:
    """A PKCE verifier to keep until the callback, and the challenge to send ahead (RFC 7636)."""
    verifier = secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode("ascii")).digest()
    return Secret(verifier), base64.urlsafe_b64encode(digest).rstrip(b"=").decode("ascii")


def callback_problem(error: str, description: str) -> Problem:
    """What `error` and `error_description` of a callback mean. Both may be anything."""
    # Anybody can write such an address, so no more of it is shown than a sentence holds.
    return oauth_problem(quoted(error)[:100], quoted(description)[:300])


def exchange_code(
    transport: Transport,
    address: Address,
    client_id: str,
    client_secret: Secret | None,
    code: Secret,
    redirect_uri: str,
    verifier: Secret,
) -> Tokens:
    """Tokens for the code of a callback. A code works once, so a lost answer is not repeated."""
    form = {
        "grant_type": "authorization_code",
        "client_id": client_id,
        "code": code.reveal(),
        "redirect_uri": redirect_uri,
        "code_verifier": verifier.reveal(),
    }
    if client_secret is not None:
        form["client_secret"] = client_secret.reveal()
    return _tokens(transport, address, form, idempotent=False)


def refresh(
    transport: Transport,
    address: Address,
    client_id: str,
    client_secret: Secret | None,
    refresh_token: Secret,
) -> Tokens:
    """New tokens for a refresh token. With rotation, `refresh_token` of the result differs from
    the one given and the old one is dead: store it before using anything of the result.

    A lost answer is asked for once more with the same token, because the new one is known to
    nobody. Raises GrantExpired when Salesforce no longer honours the token.
    """
    form = {
        "grant_type": "refresh_token",
        "client_id": client_id,
        "refresh_token": refresh_token.reveal(),
    }
    if client_secret is not None:
        form["client_secret"] = client_secret.reveal()
    try:
        tokens = _tokens(transport, address, form, idempotent=False)
    except TryLater as lost:
        if lost.code not in ("NO_ANSWER", "CUT_SHORT"):
            raise
        try:
            tokens = _tokens(transport, address, form, idempotent=False)
        except GrantExpired as refused:
            raise GrantExpired(
                "Salesforce's answer to a token refresh was lost, and the old token is no longer"
                " honoured.",
                fix=refused.fix,
                code=refused.code,
            ) from lost
    return tokens if tokens.refresh_token else replace(tokens, refresh_token=refresh_token)


def revoke(transport: Transport, address: Address, token: Secret) -> None:
    """Ends a grant (refresh token, DeleteToken) or a session (access token).

    Raises NotThere when Salesforce does not know the token, which after a lost answer means that
    the first request worked.
    """
    try:
        transport.send(
            "POST",
            address,
            "/services/oauth2/revoke",
            headers=_FORM,
            data={"token": token.reveal()},
        )
    except NeedsPerson as problem:
        if problem.code in ("invalid_token", "unsupported_token_type"):
            raise NotThere(
                "Salesforce does not know this token (any more).", code=problem.code
            ) from None
        raise


def identity(transport: Transport, tokens: Tokens) -> Identity:
    """Whose tokens these are, by the identity URL. The call is not counted against the org.

    The path is asked of `instance_url`: Salesforce writes the identity URL with its generic
    sign-in host, and a token goes nowhere but to the org it belongs to.
    """
    address = transport.address(tokens.instance_url)
    path = urlsplit(tokens.identity_url).path
    if not path.startswith("/id/"):
        raise TryLater(
            "Salesforce did not say whose sign-in this is.",
            fix="Connect again.",
            code="NO_IDENTITY",
        )
    try:
        answer = transport.send(
            "GET",
            address,
            path,
            token=tokens.access_token,
            headers={"Accept": "application/json"},
        )
    except SessionExpired as refused:
        raise GrantExpired(
            "Salesforce refuses the token of this sign-in.", fix="Connect again.", code=refused.code
        ) from refused
    try:
        said = msgspec.json.decode(answer.body, type=_IdentityAnswer)
        return Identity(
            user_id=to_18(said.user_id),
            organization_id=to_18(said.organization_id),
            username=said.username,
            display_name=said.display_name or said.username,
            email=said.email or "",
            language=said.language or "",
            locale=said.locale or "",
            active=said.active,
        )
    except (msgspec.MsgspecError, ValueError) as error:
        raise TryLater(
            "Salesforce's answer about whose sign-in this is cannot be read.", code="NOT_JSON"
        ) from error


def _tokens(
    transport: Transport, address: Address, form: Mapping[str, str], *, idempotent: bool = True
) -> Tokens:
    answer = transport.send(
        "POST", address, _TOKEN, headers=_FORM, data=form, idempotent=idempotent
    )
    try:
        said = msgspec.json.decode(answer.body, type=_TokenAnswer)
    except msgspec.MsgspecError:
        # Not chained: the text of a decoding error may quote the answer, and that holds tokens.
        raise TryLater(
            f"{address.host} did not answer the sign-in as Salesforce does.",
            fix="Check that the address is the org's My Domain.",
            code="NOT_JSON",
        ) from None
    instance = transport.address(said.instance_url)
    if address.scheme == "https" and instance.scheme != "https":
        raise NeedsPerson(
            f"{address.host} names an address without https for its API.",
            fix="Do not connect to it; check the address.",
            code="NOT_HTTPS",
        )
    return Tokens(
        access_token=Secret(said.access_token),
        refresh_token=Secret(said.refresh_token) if said.refresh_token else None,
        instance_url=instance.url,
        identity_url=redacted(said.id),
        scope=tuple(said.scope.split()),
        issued_at=_issued(said.issued_at),
    )


def _issued(milliseconds: str | None) -> datetime | None:
    if milliseconds is None or not milliseconds.isdigit() or len(milliseconds) > 14:
        return None
    return datetime.fromtimestamp(int(milliseconds) / 1000, UTC)
