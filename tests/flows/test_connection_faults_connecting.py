"""Faults while a connection is being made: refused in words with a fix, and nothing is stored."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.core.problems import Problem
from orgwarden.flows.connecting import attempts, confirm, consent, pending
from orgwarden.flows.connecting.pending import Stage
from orgwarden.records.models import AuditEntry, ConsentRequest, Credential, Org
from tests.flows import browser
from tests.flows.connecting.test_consent import SESSION, begin, draft
from tests.flows.connection_faults import CONSENT, JWT, KEY, TOKEN, a_sentence, connect, log_text
from tests.support.canaries import assert_absent, given_out, issued
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

pytestmark = pytest.mark.xdist_group("connection-faults")

SIGNING_IN = {"endpoint": "^POST /services/oauth2/token"}
WHOSE = {"endpoint": "^GET /id/"}


@pytest.fixture
def sim(house: House, shared_orgsim: StartOrgsim) -> OrgsimServer:
    server = shared_orgsim(users=8, days=3, speed=0, event_monitoring="none", seed=3)
    house.admit(server)
    return server


@dataclass(frozen=True)
class Row:
    words: str
    fix: str
    code: str
    way: str = KEY
    tell: tuple[str, Any] | None = None
    more: dict[str, Any] = field(default_factory=dict)
    tries: int = 1  # token calls at most


def fault(**given: Any) -> tuple[str, Any]:
    return ("faults", given)


def denied(error: str, description: str = "") -> tuple[str, Any]:
    return fault(**SIGNING_IN, error=error, message=description)


KEYLESS = "-----BEGIN PRIVATE KEY-----\nnot a key at all\n-----END PRIVATE KEY-----\n"
ROWS = {
    "A9 a wrong consumer secret": Row(
        "consumer key or secret is wrong", "Copy the consumer key", "invalid_client",
        more={"client_secret": "a-wrong-secret-that-nobody-should-see"}),
    "A9 a wrong consumer key": Row(
        "does not know this consumer key", "ten minutes", "invalid_client_id",
        more={"client_id": "3MVG9-of-no-app"}),
    "A9 the app runs as nobody": Row(
        "no user to run as", "Run As", "invalid_grant", tell=("app", {"run_as": None})),
    "A9 the flow is off": Row(
        "flow is off", "Enable Client Credentials Flow", "invalid_grant",
        tell=("app", {"flows": ["refresh_token"]})),
    "A9 the app is blocked": Row(
        "has blocked the app", "Unblock", "OAUTH_APP_BLOCKED", tell=("app", {"blocked": True})),
    "A9 the sign-in host is a generic one": Row(
        "only on the org's own address", "My Domain", "invalid_grant",
        tell=denied("invalid_grant", "request not supported on this domain")),
    "A9 the app runs as another user than intended": Row(
        "was intended", "run-as user", "OTHER_USER",
        more={"username": "somebody.else@example.com"}),
    "A9 the user did not approve the app": Row(
        "has not approved the app", "Pre-authorise", "invalid_grant", JWT,
        more={"username": "nobody.there@example.com"}),
    "A9 the key fits no certificate": Row(
        "our signed assertion", "certificate uploaded", "invalid_grant", JWT,
        tell=fault(**SIGNING_IN, error="invalid_grant", message="invalid assertion")),
    "A9 the key is none": Row(
        "private key cannot be read", "PEM", "BAD_PRIVATE_KEY", JWT,
        more={"client_secret": KEYLESS}, tries=0),
    "E8 our clock is ten minutes slow": Row(
        "our signed assertion", "clock", "invalid_grant", JWT,
        tell=("clock", {"advance": "PT10M"})),
    "A9 the audience is another": Row(
        "another sign-in host", "sandbox", "invalid_grant", JWT,
        tell=denied("invalid_grant", "audience is invalid")),
    "A9 the org is of another kind than chosen": Row(
        "was chosen", "right kind", "ENVIRONMENT", more={"environment": "sandbox"}),
    "A10 too many sign-ins": Row(
        "signed in too often", "within the hour", "rate_limit_exceeded",
        tell=denied("rate_limit_exceeded")),
    "A12 maintenance": Row(
        "web page", "maintenance", "WEB_PAGE", tell=fault(**SIGNING_IN, html=True), tries=5),
    "A11 the identity of the token is refused": Row(
        "may not see whose it is", "scope id", "No_Access",
        tell=fault(**WHOSE, status=404, body="No_Access",
                   headers={"Content-Type": "text/html"})),
    "A11 the token belongs to another org": Row(
        "belongs to another org", "address", "Wrong_Org",
        tell=fault(**WHOSE, status=403, body="Wrong_Org",
                   headers={"Content-Type": "text/html"})),
    "A9 the edition has no API": Row(
        "no API access", "upgrade", "API_DISABLED_FOR_ORG",
        tell=("org", {"edition": "Professional Edition"})),
    "R the user is contained": Row(
        "locked or frozen", "VPN", "invalid_grant", tell=("contained", {})),
    "A11 the name leads nowhere": Row(
        "cannot be reached", "address", "UNREACHABLE",
        more={"url": "http://no-such-org.invalid:8901"}, tries=0),
    "A11 a host that is not Salesforce's": Row(
        "evil.example", "salesforce.com", "NOT_SALESFORCE",
        more={"url": "https://acme.my.salesforce.com.evil.example"}, tries=0),
    "A11 a server without TLS behind https": Row(
        "does not speak https", "port", "NOT_HTTPS", more={"url": "https"}, tries=0),
}  # fmt: skip


@pytest.mark.fault("A9")
@pytest.mark.parametrize("name", ROWS)
def test_what_cannot_be_connected_is_refused_in_words_and_stored_nowhere(
    house: House, sim: OrgsimServer, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level("DEBUG")
    row, since = ROWS[name], issued(sim)
    more = dict(row.more)
    if more.get("url") == "https":
        more["url"] = sim.url.replace("http:", "https:")
    if "invalid" in more.get("url", ""):
        house.admit_hosts(frozenset({"no-such-org.invalid:8901"}))
    if row.tell is not None:
        path, body = row.tell
        if path == "contained":
            path, body = "user", {"user": sim.app()["run_as"], "contained": True}
        sim.control(path, body)
    before = token_calls(sim)
    try:
        with pytest.raises(Problem) as raised:
            connect(house, sim, row.way, **more)
    finally:
        if row.tell is not None and row.tell[0] == "clock":
            sim.control("clock", {"advance": -600})
    problem = raised.value
    assert row.words in problem.what, problem.what
    assert row.fix in problem.fix, problem.fix
    assert problem.code == row.code
    a_sentence(problem.what)
    a_sentence(problem.fix)
    assert token_calls(sim) - before <= row.tries
    assert not Org.objects.exists()
    assert not Credential.objects.exists()
    told = AuditEntry.objects.get(action="org:connection:failed")
    assert told.detail["code"] == row.code
    texts = [problem.sentence(), log_text(caplog), str(told.detail)]
    secrets = {**given_out(sim, since=since), "typed in": typed(more)}
    assert_absent(secrets, house.home, *(t.encode() for t in texts))


def typed(more: dict[str, Any]) -> list[str]:
    secret = more.get("client_secret", "")
    return [secret] if secret and "BEGIN" not in secret else []


def token_calls(sim: OrgsimServer) -> int:
    calls = sim.control("calls", params={"all": "1"})
    return sum(call["count"] for call in calls if call["endpoint"] == TOKEN)


# Consent in the browser -------------------------------------------------------------------

CALLBACKS = {
    "A9 the app must be installed": (
        "invalid_client", "app must be installed into org", "not installed", "Install the app"),
    "A9 the app is blocked on the page": (
        "OAUTH_APP_BLOCKED", "this app is blocked by admin", "has blocked the app", "Unblock"),
    "A9 an approval error without a reason": (
        "OAUTH_APPROVAL_ERROR_GENERIC", "An unexpected error has occured during authentication",
        "not approve the app", "Approve Uninstalled Connected Apps"),
    "A9 the external client app is not there": (
        "OAUTH_EC_APP_NOT_FOUND", "", "not installed in this org", "consumer key"),
    "A9 apps of other orgs are blocked": (
        "OAUTH_AUTHORIZATION_BLOCKED", "", "blocks apps of other orgs", "created in this org"),
    "A9 the user is not admitted to the app": (
        "OAUTH_APP_ACCESS_DENIED", "user is not admin approved", "may not use the app",
        "permission set that the app admits"),
    "A9 the person declined": (
        "access_denied", "end-user denied authorization", "was declined", "choose Allow"),
    "A9 a scope is missing": (
        "invalid_scope", "the requested scope is not allowed", "a scope that Orgwarden asks for",
        "Add the scopes"),
    "A9 an error that nobody knows": (
        "OAUTH_SOMETHING_NEW", "tokens of 2031 <b>only</b>", "OAUTH_SOMETHING_NEW",
        "Login History"),
}  # fmt: skip


@pytest.mark.parametrize("name", CALLBACKS)
def test_a_consent_that_salesforce_refuses_is_told_with_its_fix(
    house: House, sim: OrgsimServer, name: str
) -> None:
    error, description, words, fix = CALLBACKS[name]
    row = draft(sim)
    consent.go(row.id, SESSION, "ann")
    state = ConsentRequest.objects.get().state
    shown, problem = consent.refused(state, SESSION, error, description)
    assert words in problem.what
    assert fix in problem.fix
    assert "\n" not in problem.sentence()
    assert shown.trouble is not None
    assert not Org.objects.exists()
    assert not Credential.objects.exists()


def test_a9_a_code_that_came_too_late_is_told(house: House, sim: OrgsimServer) -> None:
    back = browser.consent(begin(sim), sim.app()["run_as"])
    sim.control("clock", {"advance": "PT16M"})
    try:
        with pytest.raises(Problem) as raised:
            consent.finish(back["state"], back["code"], SESSION)
    finally:
        sim.control("clock", {"advance": -16 * 60})
    assert "15 minutes" in raised.value.what
    assert not Org.objects.exists()


def test_r_a_contained_user_cannot_consent(house: House, sim: OrgsimServer) -> None:
    user = sim.app()["run_as"]
    back = browser.consent(begin(sim), user)
    sim.control("user", {"user": user, "contained": True})
    with pytest.raises(Problem) as raised:
        consent.finish(back["state"], back["code"], SESSION)
    assert "locked or frozen" in raised.value.what
    assert "VPN" in raised.value.fix
    assert not Org.objects.exists()


# The ten minutes of an app change ---------------------------------------------------------


@pytest.mark.parametrize("error", ["invalid_client_id", "invalid_client", "invalid_grant"])
def test_a_change_of_the_app_is_waited_for_ten_minutes_before_it_is_a_failure(
    house: House, sim: OrgsimServer, error: str
) -> None:
    sim.control("app", {"settles": "PT8M", "settles_as": error})
    began, spent, tries = trying(sim), timedelta(), token_calls(sim)
    try:
        while ConsentRequest.objects.get().stage == Stage.TRYING:
            row = ConsentRequest.objects.get()
            assert row.due_at is not None
            pause = max(row.due_at - began - spent, timedelta())
            sim.control("clock", {"advance": pause.total_seconds()})
            spent += pause
            assert attempts.try_due(now=began + spent)
    finally:
        sim.control("clock", {"advance": -spent.total_seconds()})
    assert timedelta(minutes=8) <= spent < timedelta(minutes=10)
    assert token_calls(sim) - tries <= 15
    found = pending.find(ConsentRequest.objects.get().pk, SESSION)
    assert found.found is not None
    org = confirm.confirm(found.id, SESSION, "ann", accept=True)
    assert org.connected_user == sim.app()["run_as"]


def test_a_refusal_that_outlasts_the_ten_minutes_is_a_failure(
    house: House, sim: OrgsimServer
) -> None:
    sim.control("app", {"deleted": True})
    began, spent, tries = trying(sim), timedelta(), token_calls(sim)
    while (row := ConsentRequest.objects.get()).stage == Stage.TRYING:
        assert row.due_at is not None
        spent = max(row.due_at - began, timedelta())
        assert attempts.try_due(now=began + spent)
    assert timedelta(minutes=10) <= spent <= timedelta(minutes=11)
    assert token_calls(sim) - tries <= 15
    trouble = pending.find(row.pk, SESSION).trouble
    assert trouble is not None
    assert trouble["code"] == "invalid_client_id"
    assert not Org.objects.exists()


def trying(sim: OrgsimServer) -> datetime:
    """A connection by client credentials on its way; when it began."""
    began = datetime.now(UTC)
    row = draft(sim, flow=Org.Flow.CLIENT_CREDENTIALS)
    assert consent.go(row.id, SESSION, "ann", now=began) == ""
    return began


# TLS --------------------------------------------------------------------------------------


def test_a_certificate_of_nobody_we_trust_ends_the_try(
    house: House, orgsim_server: StartOrgsim
) -> None:
    sim = orgsim_server(users=8, days=2, speed=0, event_monitoring="none", tls=True)
    app = sim.app()
    house.admit(sim)
    before = token_calls(sim)
    with pytest.raises(Problem) as raised:
        house.connect(sim, client_id=app["consumer_key"])
    assert raised.value.code == "TLS"
    assert "is not trusted" in raised.value.what
    assert "ORGWARDEN_CA_BUNDLE" in raised.value.fix
    assert token_calls(sim) == before  # no secret left before the certificate was looked at
    assert not Org.objects.exists()


@pytest.mark.parametrize("way", [KEY, JWT, CONSENT])
def test_each_way_connects_when_nothing_is_wrong(house: House, sim: OrgsimServer, way: str) -> None:
    org = connect(house, sim, way)
    assert org.connected_user == sim.app()["run_as"]
