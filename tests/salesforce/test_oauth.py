"""Signing in: every flow on the wire, and where its secrets may go."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Callable
from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from joserfc import jwt
from joserfc.jwk import RSAKey

from orgwarden.core.problems import GrantExpired, NeedsPerson, NotThere, Problem, TryLater
from orgwarden.salesforce import (
    Secret,
    Tokens,
    Transport,
    authorize_url,
    callback_problem,
    canonical,
    client_credentials,
    exchange_code,
    identity,
    jwt_bearer,
    new_verifier,
    refresh,
    revoke,
)
from orgwarden.salesforce.oauth import _audience
from tests.salesforce.stub_server import Reply, StubServer, as_json, page

TOKEN = "/services/oauth2/token"
IDENTITY = "/id/00D000000000001EAA/005000000000001AAA"
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)


def granted(stub: StubServer, **extra: object) -> Reply:
    return as_json({
        "access_token": "00Dxx!access",
        "instance_url": stub.url,
        "id": f"https://login.salesforce.com{IDENTITY}",
        "token_type": "Bearer",
        "scope": "api id refresh_token",
        "signature": "x",
        "issued_at": "1795255200000",
    } | extra)  # fmt: skip


def refused(error: str, description: str) -> Reply:
    return as_json({"error": error, "error_description": description}, 400)


@pytest.mark.seed("C15", "C17")
def test_client_credentials(stub: StubServer, transport: Transport) -> None:
    stub.routes[TOKEN] = granted(stub)
    tokens = client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))
    assert stub.asked[0].form == {
        "grant_type": "client_credentials", "client_id": "key", "client_secret": "hush",
    }  # fmt: skip
    assert stub.asked[0].query == {}
    assert tokens == Tokens(
        access_token=Secret("00Dxx!access"),
        refresh_token=None,
        instance_url=stub.url,
        identity_url=f"https://login.salesforce.com{IDENTITY}",
        scope=("api", "id", "refresh_token"),
        issued_at=NOW,
    )


def test_jwt_bearer(stub: StubServer, transport: Transport) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    ).decode()
    stub.routes[TOKEN] = granted(stub, issued_at=None)
    address = transport.address(stub.url)
    tokens = jwt_bearer(transport, address, "key", "ann@example.com", Secret(pem), NOW)
    assert tokens.issued_at is None
    form = stub.asked[0].form
    assert form["grant_type"] == "urn:ietf:params:oauth:grant-type:jwt-bearer"
    signed = jwt.decode(form["assertion"], RSAKey.import_key(pem), algorithms=["RS256"])
    assert signed.header["alg"] == "RS256"
    assert signed.claims == {
        "iss": "key", "sub": "ann@example.com", "aud": stub.url,
        "exp": int(NOW.timestamp()) + 120,
    }  # fmt: skip


def test_a_private_key_that_is_none_is_refused_without_showing_it(
    stub: StubServer, transport: Transport
) -> None:
    for pem in ("hush", "-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----"):
        with pytest.raises(NeedsPerson, match="private key cannot be read") as raised:
            jwt_bearer(transport, transport.address(stub.url), "k", "u", Secret(pem), NOW)
        assert "hush" not in raised.value.sentence()
    assert not stub.asked


@pytest.mark.parametrize(
    ("host", "audience"),
    [
        ("acme.my.salesforce.com", "https://login.salesforce.com"),
        ("acme--uat.sandbox.my.salesforce.com", "https://test.salesforce.com"),
        ("acme.my.salesforce.mil", "https://acme.my.salesforce.mil"),
    ],
)
def test_an_assertion_names_the_sign_in_host(
    transport: Transport, host: str, audience: str
) -> None:
    assert _audience(canonical(host), transport) == audience


def test_the_authorize_address_carries_pkce() -> None:
    verifier, challenge = new_verifier()
    digest = hashlib.sha256(verifier.reveal().encode()).digest()
    assert challenge == base64.urlsafe_b64encode(digest).decode().rstrip("=")
    assert 43 <= len(verifier.reveal()) <= 128
    url = authorize_url(
        canonical("acme.my.salesforce.com"), "key", "https://w.example/cb?x=1", "s&t", challenge,
        ["api", "refresh_token"], prompt="login",
    )  # fmt: skip
    assert url.startswith("https://acme.my.salesforce.com/services/oauth2/authorize?")
    asked = {k: v[0] for k, v in parse_qs(urlsplit(url).query).items()}
    assert asked == {
        "response_type": "code", "client_id": "key", "redirect_uri": "https://w.example/cb?x=1",
        "scope": "api refresh_token", "state": "s&t", "code_challenge": challenge,
        "code_challenge_method": "S256", "prompt": "login",
    }  # fmt: skip


def test_a_code_is_exchanged_once_only(stub: StubServer, transport: Transport) -> None:
    def exchange() -> Tokens:
        return exchange_code(
            transport, transport.address(stub.url), "key", None, Secret("aPrx=="),
            "https://w.example/cb", Secret("verifier"),
        )  # fmt: skip

    stub.routes[TOKEN] = granted(stub, refresh_token="5Aep861x")
    assert exchange().refresh_token == Secret("5Aep861x")
    assert stub.asked[0].form == {
        "grant_type": "authorization_code", "client_id": "key", "code": "aPrx==",
        "redirect_uri": "https://w.example/cb", "code_verifier": "verifier",
    }  # fmt: skip
    stub.routes[TOKEN] = Reply(silent=True)
    with pytest.raises(TryLater):
        exchange()
    assert len(stub.asked) == 2


def do_refresh(stub: StubServer, transport: Transport) -> Tokens:
    return refresh(transport, transport.address(stub.url), "key", Secret("s"), Secret("old"))


def test_a_refresh_keeps_the_token_unless_it_was_rotated(
    stub: StubServer, transport: Transport
) -> None:
    stub.routes[TOKEN] = granted(stub)
    assert do_refresh(stub, transport).refresh_token == Secret("old")
    stub.routes[TOKEN] = granted(stub, refresh_token="new")
    assert do_refresh(stub, transport).refresh_token == Secret("new")
    assert stub.asked[0].form["grant_type"] == "refresh_token"


def test_a_lost_answer_to_a_refresh_is_asked_for_once_more(
    stub: StubServer, transport: Transport
) -> None:
    stub.routes[TOKEN] = [Reply(silent=True), granted(stub, refresh_token="new")]
    assert do_refresh(stub, transport).refresh_token == Secret("new")
    stub.asked.clear()
    stub.routes[TOKEN] = [
        Reply(silent=True), refused("invalid_grant", "expired access/refresh token"),
    ]  # fmt: skip
    with pytest.raises(GrantExpired, match="answer to a token refresh was lost"):
        do_refresh(stub, transport)
    assert len(stub.asked) == 2


def test_a_grant_that_is_no_longer_honoured_is_asked_about_once(
    stub: StubServer, transport: Transport
) -> None:
    stub.routes[TOKEN] = refused("invalid_grant", "expired access/refresh token")
    with pytest.raises(GrantExpired) as raised:
        do_refresh(stub, transport)
    assert "Reconnect" in raised.value.fix
    assert len(stub.asked) == 1


@pytest.mark.parametrize(
    "instance",
    ["https://evil.example", "http://169.254.169.254", "https://acme.my.salesforce.com:1"],
)
def test_an_instance_that_is_not_salesforce_gets_nothing(
    stub: StubServer, transport: Transport, instance: str
) -> None:
    stub.routes[TOKEN] = granted(stub, instance_url=instance)
    with pytest.raises(NeedsPerson):
        client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))


def test_an_instance_on_another_host_than_named_is_refused(
    stub: StubServer, other_stub: StubServer, transport: Transport
) -> None:
    stub.routes[TOKEN] = granted(stub, instance_url=other_stub.url)
    with pytest.raises(NeedsPerson):
        client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))
    assert not other_stub.asked


@pytest.mark.parametrize(
    "reply",
    [as_json({"access_token": "00Dxx!hush-hush"}), as_json([]), Reply(b""), Reply(b"00Dxx!hush{")],
)
def test_an_answer_that_is_no_sign_in_names_no_secret(
    stub: StubServer, transport: Transport, reply: Reply
) -> None:
    stub.routes[TOKEN] = reply
    with pytest.raises(TryLater, match="did not answer the sign-in") as raised:
        client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))
    assert "hush" not in raised.value.sentence()
    assert raised.value.__cause__ is None


def test_a_web_page_instead_of_a_sign_in_points_to_the_address(
    stub: StubServer, transport: Transport
) -> None:
    for status in (200, 503):
        stub.routes[TOKEN] = page("Login | Salesforce", status)
        with pytest.raises(TryLater, match="Login | Salesforce") as raised:
            client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))
        assert raised.value.code == "WEB_PAGE"


def test_two_refreshes_at_once_are_waited_out(stub: StubServer, transport: Transport) -> None:
    stub.routes[TOKEN] = refused("invalid_grant", "Token request is already being processed")
    with pytest.raises(TryLater) as raised:
        do_refresh(stub, transport)
    assert raised.value.code == "ALREADY_PROCESSED"


def test_a_used_up_sign_in_rate_is_not_made_worse(stub: StubServer, transport: Transport) -> None:
    stub.routes[TOKEN] = refused("rate_limit_exceeded", "login rate exceeded")
    with pytest.raises(TryLater) as raised:
        client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))
    assert raised.value.after is not None
    assert len(stub.asked) == 1


def test_revoking(stub: StubServer, transport: Transport) -> None:
    # Nothing, called a web page: that is how success looks here.
    stub.routes["/services/oauth2/revoke"] = Reply(b"", headers={"Content-Type": "text/html"})
    revoke(transport, transport.address(stub.url), Secret("5Aep861x"))
    assert stub.asked[0].form == {"token": "5Aep861x"}
    assert stub.asked[0].query == {}
    stub.routes["/services/oauth2/revoke"] = refused("invalid_token", "invalid token")
    with pytest.raises(NotThere):
        revoke(transport, transport.address(stub.url), Secret("5Aep861x"))


def test_the_identity_is_asked_of_the_org_itself(stub: StubServer, transport: Transport) -> None:
    stub.routes[TOKEN] = granted(stub)
    stub.routes[IDENTITY] = as_json({
        "user_id": "005000000000001", "organization_id": "00D000000000001EAA",
        "username": "ann@example.com", "display_name": "Ann", "email": "ann@example.com",
        "language": "en_US", "locale": "de_DE", "active": True, "urls": {"rest": "{version}"},
    })  # fmt: skip
    tokens = client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))
    me = identity(transport, tokens)
    assert (me.user_id, me.organization_id) == ("005000000000001AAA", "00D000000000001EAA")
    assert (me.username, me.language, me.locale, me.active) == (
        "ann@example.com", "en_US", "de_DE", True,
    )  # fmt: skip
    assert stub.asked[-1].headers["Authorization"] == "Bearer 00Dxx!access"


@pytest.mark.parametrize(
    ("word", "status", "sentence"),
    [
        ("Wrong_Org", 403, "another org"),
        ("No_Access", 404, "may not see"),
        ("Inactive", 404, "inactive"),
        ("Missing_OAuth_Token", 403, "refuses the token"),
        ("Bad_OAuth_Token", 403, "refuses the token"),
    ],
)
def test_the_identity_addresss_bare_words_are_understood(
    stub: StubServer, transport: Transport, word: str, status: int, sentence: str
) -> None:
    stub.routes[TOKEN] = granted(stub)
    # Salesforce calls its bare words HTML.
    stub.routes[IDENTITY] = Reply(word.encode(), status, {"Content-Type": "text/html"})
    tokens = client_credentials(transport, transport.address(stub.url), "key", Secret("hush"))
    with pytest.raises(Problem, match=sentence):
        identity(transport, tokens)


def test_a_callback_may_say_anything_at_all() -> None:
    assert "blocked" in callback_problem("OAUTH_APP_BLOCKED", "").what
    assert (
        callback_problem("access_denied", "end-user denied authorization").code == "access_denied"
    )
    assert (
        "not installed" in callback_problem("invalid_client", "app must be installed into org").what
    )
    hostile = callback_problem(
        "<script>", "x\x00\x1b[31m\u202e" + "y" * 5000 + "client_secret=hush"
    )
    assert len(hostile.sentence()) < 700
    assert hostile.sentence().isprintable()
    assert "hush" not in hostile.sentence()


def test_tokens_are_asked_for_with_the_secret_in_the_body_only(
    stub: StubServer, transport: Transport
) -> None:
    stub.routes[TOKEN] = granted(stub)
    flows: list[Callable[[], Tokens]] = [
        lambda: client_credentials(transport, transport.address(stub.url), "k", Secret("hush")),
        lambda: do_refresh(stub, transport),
    ]
    for flow in flows:
        flow()
    for asked in stub.asked:
        assert asked.method == "POST"
        assert not asked.query
        assert "hush" not in str(asked.headers)
