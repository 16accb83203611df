"""OAuth: every flow as a client drives it, and what is answered when it goes wrong."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from datetime import UTC, datetime
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from orgsim.oauth.pages import PASSWORD
from orgsim.org import OAuthApp
from orgsim.server import OrgServer
from tests.orgsim.standin import CALLBACK

VERIFIER = "v" * 64
CHALLENGE = (
    base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
)


class Browser:
    """A person at the sign-in and consent pages."""

    def __init__(self, server: OrgServer) -> None:
        self.url = server.base_url
        self.http = requests.Session()
        self.http.trust_env = False

    def open(self, app: str, **params: str) -> requests.Response:
        asked = {
            "response_type": "code",
            "client_id": f"3MVG9{app}",
            "redirect_uri": CALLBACK,
            "state": "s t&te",
        } | params
        url = f"{self.url}/services/oauth2/authorize"
        return self.http.get(url, params=asked, allow_redirects=False, timeout=10)

    def submit(self, page: requests.Response, **values: str) -> requests.Response:
        """Fill in the page's form and send it."""
        action = re.search(r'<form method="post" action="([^"]+)"', page.text)
        assert action is not None, page.text
        hidden = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page.text)
        data = {name: unescape(value) for name, value in hidden} | values
        answer = self.http.post(
            self.url + action.group(1), data=data, allow_redirects=False, timeout=10
        )
        target = answer.headers.get("Location", "")
        if target.startswith("/"):
            return self.http.get(self.url + target, allow_redirects=False, timeout=10)
        return answer

    def sign_in(self, page: requests.Response, name: str = "anna") -> requests.Response:
        return self.submit(page, username=f"{name}@example.org", password=PASSWORD)

    def allow(self, app: str, name: str = "anna", **params: str) -> dict[str, str]:
        """All the way to the callback; answers what it was called with."""
        page = self.open(app, **params)
        if page.status_code == 200 and "password" in page.text:
            page = self.sign_in(page, name)
        if page.status_code == 200:
            page = self.submit(page, decision="allow")
        return callback(page)


def callback(answer: requests.Response) -> dict[str, str]:
    target = answer.headers["Location"]
    assert target.startswith(CALLBACK)
    return {k: v[0] for k, v in parse_qs(urlsplit(target).query).items()}


def ask(server: OrgServer, app: str = "Everyday", **form: str) -> requests.Response:
    """The token endpoint."""
    secret = {"client_id": f"3MVG9{app}", "client_secret": f"secret-of-{app}"}
    url = f"{server.base_url}/services/oauth2/token"
    return requests.post(url, data=secret | form, timeout=10)


def redeem(server: OrgServer, app: str = "Everyday", name: str = "anna") -> dict[str, Any]:
    """One approval's tokens."""
    code = Browser(server).allow(app, name, prompt="consent")["code"]
    answer = ask(
        server, app, grant_type="authorization_code", code=code, redirect_uri=CALLBACK
    ).json()
    assert isinstance(answer, dict)
    return answer


def refused(answer: requests.Response) -> tuple[str, str]:
    assert answer.status_code == 400, answer.text
    body = answer.json()
    return body["error"], body["error_description"]


def works(server: OrgServer, token: str) -> bool:
    url = f"{server.base_url}/services/data/v62.0/"
    head = {"Authorization": f"Bearer {token}"}
    return requests.get(url, headers=head, timeout=10).status_code == 200


# Web server flow --------------------------------------------------------------------------


def test_the_web_server_flow_from_sign_in_to_refresh(server: OrgServer) -> None:
    browser = Browser(server)
    page = browser.open("Everyday", scope="api refresh_token openid", nonce="n")
    assert "Username" in page.text
    assert PASSWORD in page.text
    page = browser.sign_in(page)
    assert "Allow Access?" in page.text
    assert "(refresh_token)" in page.text
    back = callback(browser.submit(page, decision="allow"))
    assert back["state"] == "s t&te"
    form = {"grant_type": "authorization_code", "code": back["code"], "redirect_uri": CALLBACK}
    answer = ask(server, **form)
    assert answer.headers["Cache-Control"] == "no-cache, no-store"
    tokens = answer.json()
    assert tokens["access_token"].startswith(server.org.id[:15] + "!")
    assert tokens["refresh_token"].startswith("5Aep861")
    assert tokens["instance_url"] == server.base_url
    assert "expires_in" not in tokens
    signed = hmac.new(
        b"secret-of-Everyday", (tokens["id"] + tokens["issued_at"]).encode(), hashlib.sha256
    )
    assert tokens["signature"] == base64.b64encode(signed.digest()).decode()
    key = jwt.PyJWK(requests.get(f"{server.base_url}/id/keys", timeout=10).json()["keys"][0])
    claims = jwt.decode(
        tokens["id_token"],
        key,
        algorithms=["RS256"],
        audience="3MVG9Everyday",
        options={"verify_exp": False, "verify_iat": False},
    )
    assert claims["nonce"] == "n"
    again = ask(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).json()
    assert "refresh_token" not in again
    assert works(server, again["access_token"])
    assert works(server, tokens["access_token"])
    assert refused(ask(server, **form))[1] == "expired authorization code"
    assert not works(server, again["access_token"])  # a code used twice ends what it gave


def test_denying_goes_back_with_an_error(server: OrgServer) -> None:
    browser = Browser(server)
    page = browser.sign_in(browser.open("Everyday"))
    back = callback(browser.submit(page, decision="deny"))
    assert back["error"] == "access_denied"
    assert back["error_description"] == "end-user denied authorization"


def test_what_is_wrong_with_the_call_is_shown_or_sent_back(server: OrgServer) -> None:
    browser = Browser(server)
    assert "redirect_uri_mismatch" in browser.open("Everyday", redirect_uri="http://x/").text
    assert "invalid_client_id" in browser.open("Unknown").text
    assert "OAUTH_APP_BLOCKED" in browser.open("Blocked").text
    assert callback(browser.open("Everyday", scope="web"))["error"] == "invalid_scope"
    token = browser.open("Everyday", response_type="token")
    assert callback(token)["error"] == "unsupported_response_type"
    careful = callback(browser.open("Careful"))
    assert careful["error_description"] == "missing required code challenge"


def test_signing_in_refuses_wrong_passwords_and_frozen_people(server: OrgServer) -> None:
    browser = Browser(server)
    page = browser.open("Everyday")
    wrong = browser.submit(page, username="anna@example.org", password="guess")
    assert "Please check your username and password" in wrong.text
    bert = server.people.by_username("bert@example.org")
    assert bert is not None
    server.people.freeze(bert)
    assert "frozen" in browser.sign_in(page, "bert").text


def test_consent_cannot_be_given_from_another_site(server: OrgServer) -> None:
    browser = Browser(server)
    page = browser.sign_in(browser.open("Everyday"))
    answer = browser.submit(page, decision="allow", seal="forged")
    assert "Username" in answer.text


def test_pkce_needs_the_verifier_that_was_promised(server: OrgServer) -> None:
    form = {"grant_type": "authorization_code", "redirect_uri": CALLBACK}
    for verifier, right in ((VERIFIER, True), ("wrong", False)):
        code = Browser(server).allow("Careful", code_challenge=CHALLENGE, prompt="consent")["code"]
        answer = ask(server, "Careful", code=code, code_verifier=verifier, **form)
        assert (answer.status_code == 200) is right
    assert refused(answer) == ("invalid_grant", "invalid code verifier")


def test_codes_live_fifteen_minutes(server: OrgServer) -> None:
    code = Browser(server).allow("Everyday")["code"]
    server.org.clock.advance(16 * 60_000)
    answer = ask(server, grant_type="authorization_code", code=code, redirect_uri=CALLBACK)
    assert refused(answer) == ("invalid_grant", "expired authorization code")


def test_a_stray_app_is_open_to_those_who_may_approve_it(server: OrgServer) -> None:
    back = Browser(server).allow("Stray", "bert")
    assert back["error_description"] == "app must be installed into org"
    bert = server.people.by_username("bert@example.org")
    assert bert is not None
    server.people.override[bert, "ApproveUninstalledConnectedApps"] = True
    server.people.changed()
    assert "code" in Browser(server).allow("Stray", "bert")


# Tokens -----------------------------------------------------------------------------------


def test_the_sixth_approval_ends_the_first(server: OrgServer) -> None:
    tokens = [redeem(server)["refresh_token"] for _ in range(6)]
    first = ask(server, grant_type="refresh_token", refresh_token=tokens[0])
    assert refused(first) == ("invalid_grant", "expired access/refresh token")
    for token in tokens[1:]:
        assert ask(server, grant_type="refresh_token", refresh_token=token).status_code == 200


def test_reusing_a_rotated_token_ends_the_family(server: OrgServer) -> None:
    old = redeem(server, "Rotating")["refresh_token"]
    new = ask(server, "Rotating", grant_type="refresh_token", refresh_token=old).json()
    assert new["refresh_token"] != old
    reused = ask(server, "Rotating", grant_type="refresh_token", refresh_token=old)
    assert refused(reused) == ("invalid_grant", "expired access/refresh token")
    after = ask(server, "Rotating", grant_type="refresh_token", refresh_token=new["refresh_token"])
    assert after.status_code == 400
    assert not works(server, new["access_token"])


def test_client_credentials_run_as_their_user_on_the_org_s_own_host(server: OrgServer) -> None:
    form = {"grant_type": "client_credentials"}
    tokens = ask(server, "Robot", **form).json()
    assert "refresh_token" not in tokens
    who = requests.get(
        tokens["id"], headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=10
    )
    assert who.json()["username"] == "robot@example.org"
    basic = requests.post(
        f"{server.base_url}/services/oauth2/token",
        data=form,
        auth=("3MVG9Robot", "secret-of-Robot"),
        timeout=10,
    )
    assert basic.status_code == 200
    login = requests.post(
        f"{server.base_url}/services/oauth2/token",
        data=form | {"client_id": "3MVG9Robot", "client_secret": "secret-of-Robot"},
        headers={"Host": "login.salesforce.com"},
        timeout=10,
    )
    assert refused(login) == ("invalid_grant", "request not supported on this domain")
    assert refused(ask(server, "Nobody", **form))[1] == "no client credentials user enabled"
    assert refused(ask(server, "Everyday", **form))[1] == "client credentials flow not enabled"


def test_clients_that_are_not_who_they_say(server: OrgServer) -> None:
    form = {"grant_type": "client_credentials"}
    wrong = ask(server, "Robot", client_secret="guess", **form)
    assert refused(wrong) == ("invalid_client", "invalid client credentials")
    unknown = ask(server, "Robot", client_id="x", **form)
    assert refused(unknown) == ("invalid_client_id", "client identifier invalid")
    assert refused(ask(server, grant_type="magic"))[0] == "unsupported_grant_type"
    get = requests.get(f"{server.base_url}/services/oauth2/token", timeout=10)
    assert refused(get) == ("invalid_request", "must use HTTP POST")


def test_people_who_left_or_are_frozen_get_no_token(server: OrgServer) -> None:
    token = redeem(server, name="bert")["refresh_token"]
    bert = server.people.by_username("bert@example.org")
    assert bert is not None
    server.people.freeze(bert)
    answer = ask(server, grant_type="refresh_token", refresh_token=token)
    assert refused(answer) == ("invalid_grant", "user is locked")


def test_sessions_slide_for_two_hours(server: OrgServer) -> None:
    token = redeem(server)["access_token"]
    for _ in range(3):
        server.org.clock.advance(119 * 60_000)
        assert works(server, token)
    server.org.clock.advance(121 * 60_000)
    assert not works(server, token)


def key_and_certificate() -> tuple[rsa.RSAPrivateKey, str]:
    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "app")])
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(datetime(2020, 1, 1, tzinfo=UTC))
        .not_valid_after(datetime(2040, 1, 1, tzinfo=UTC))
        .sign(key, hashes.SHA256())
    )
    return key, made.public_bytes(serialization.Encoding.PEM).decode()


def test_jwt_bearer(server: OrgServer) -> None:
    key, pem = key_and_certificate()
    anna = server.people.by_username("anna@example.org")
    app = OAuthApp(
        "Signed",
        "3MVG9Signed",
        "s",
        flows=frozenset({"jwt_bearer"}),
        run_as=anna,
        certificate_pem=pem,
    )
    server.org.apps[app.consumer_key] = app
    now = server.org.clock.now() // 1000
    good = {
        "iss": app.consumer_key,
        "sub": "anna@example.org",
        "aud": "https://login.salesforce.com",
        "exp": now + 180,
    }

    def send(claims: dict[str, Any], with_key: rsa.RSAPrivateKey = key) -> requests.Response:
        return requests.post(
            f"{server.base_url}/services/oauth2/token",
            data={
                "grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer",
                "assertion": jwt.encode(claims, with_key, "RS256"),
            },
            timeout=10,
        )

    answer = send(good).json()
    assert works(server, answer["access_token"])
    assert not {"refresh_token", "signature", "issued_at"} & answer.keys()
    assert send(good | {"aud": server.base_url}).status_code == 200
    for change, error in (
        ({"aud": "https://example.org"}, ("invalid_grant", "Audience validation failed")),
        ({"exp": now - 600}, ("invalid_grant", "invalid assertion")),
        ({"exp": now + 6000}, ("invalid_grant", "invalid assertion")),
        ({"sub": "bert@example.org"}, ("invalid_grant", "user hasn't approved this consumer")),
        ({"iss": "nobody"}, ("invalid_client_id", "client identifier invalid")),
    ):
        assert refused(send(good | change)) == error
    assert refused(send(good, key_and_certificate()[0]))[1] == "invalid assertion"
    app.admin_approved_only = True
    assert refused(send(good | {"sub": "bert@example.org"}))[0] == "invalid_app_access"
