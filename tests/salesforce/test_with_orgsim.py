"""The same package against the emulator: two programs that share no code agree on the wire."""

from __future__ import annotations

import csv
import html
import re
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urljoin, urlsplit

import msgspec
import pytest
import requests

from orgwarden.core.problems import (
    GrantExpired,
    NeedsPerson,
    NotAllowed,
    NotThere,
    Problem,
    TryLater,
)
from orgwarden.salesforce import (
    Client,
    CursorGone,
    Secret,
    Tokens,
    Transport,
    authorize_url,
    client_credentials,
    exchange_code,
    identity,
    new_verifier,
    refresh,
    revoke,
    select,
)
from orgwarden.salesforce.soql import after_in_order, at_least, count, equal, starts_with
from tests.salesforce.conftest import Tally
from tests.support.fixtures import StartOrgsim
from tests.support.orgsim import OrgsimServer


class Signed:
    """Credentials of the emulator's own app."""

    def __init__(self, transport: Transport, sim: OrgsimServer) -> None:
        self._transport = transport
        self._app = sim.app()
        self.renewals = 0
        self.tokens = self.sign_in()

    def sign_in(self, secret: str | None = None) -> Tokens:
        return client_credentials(
            self._transport,
            self._transport.address(self._app["url"]),
            self._app["consumer_key"],
            Secret(secret or self._app["consumer_secret"]),
        )

    def current(self) -> Tokens:
        return self.tokens

    def renew(self, stale: Tokens) -> Tokens:
        self.renewals += 1
        self.tokens = self.sign_in()
        return self.tokens


class LogFile(msgspec.Struct):
    Id: str
    EventType: str
    LogFileLength: float
    LogFile: str


class SignIn(msgspec.Struct):
    Id: str
    LoginTime: str


@pytest.fixture
def sim(shared_orgsim: StartOrgsim) -> OrgsimServer:
    return shared_orgsim(users=20, days=20, speed=0, event_monitoring="licensed")


@pytest.fixture
def to_sim(sim: OrgsimServer) -> Iterator[Transport]:
    made = Transport(allowed=frozenset({f"127.0.0.1:{sim.port}"}), wait=lambda seconds: None)
    yield made
    made.close()


@pytest.fixture
def signed(to_sim: Transport, sim: OrgsimServer) -> Signed:
    return Signed(to_sim, sim)


@pytest.fixture
def org(to_sim: Transport, sim: OrgsimServer, signed: Signed, tally: Tally) -> Client:
    return Client(to_sim, to_sim.address(sim.url), signed, tally)


def test_signing_in_says_who_we_are(to_sim: Transport, signed: Signed, sim: OrgsimServer) -> None:
    me = identity(to_sim, signed.tokens)
    assert me.username == sim.app()["run_as"]
    assert me.organization_id.startswith("00D")
    assert me.active
    assert "api" in signed.tokens.scope


def test_a_person_signs_in_consents_and_the_grant_is_refreshed_and_revoked(
    to_sim: Transport, sim: OrgsimServer, org: Client
) -> None:
    app, address = sim.app(), to_sim.address(sim.url)
    key, secret = app["consumer_key"], Secret(app["consumer_secret"])
    verifier, challenge = new_verifier()
    callback = "http://localhost:8800/connect/callback"
    there = authorize_url(
        address, key, callback, "state-1", challenge, ["api", "id", "refresh_token"]
    )
    who = org.records(
        select("User", ["Username"]).where(
            equal("IsActive", True), equal("Profile.Name", "System Administrator")
        ),
        dict[str, Any],
    )[0]["Username"]
    code = consent(there, who)
    tokens = exchange_code(to_sim, address, key, secret, Secret(code), callback, verifier)
    assert tokens.refresh_token is not None
    assert identity(to_sim, tokens).username == who
    fresh = refresh(to_sim, address, key, secret, tokens.refresh_token)
    assert fresh.access_token != tokens.access_token
    assert fresh.refresh_token is not None
    revoke(to_sim, address, fresh.refresh_token)
    with pytest.raises(GrantExpired):
        refresh(to_sim, address, key, secret, fresh.refresh_token)
    with pytest.raises(NeedsPerson):
        exchange_code(to_sim, address, key, secret, Secret(code), callback, verifier)


def consent(url: str, username: str) -> str:
    """What a person's browser does; the code that comes back."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(url, timeout=30)
        page = browser.post(
            urljoin(url, "/login"),
            {**hidden(page.text), "username": username, "password": "orgsim-password"},
            timeout=30,
        )
        answer = browser.post(
            urljoin(url, "/services/oauth2/approve"),
            {**hidden(page.text), "decision": "allow"},
            allow_redirects=False,
            timeout=30,
        )
    back = parse_qs(urlsplit(answer.headers["Location"]).query)
    assert back["state"] == ["state-1"]
    return back["code"][0]


def hidden(page: str) -> dict[str, str]:
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}


def test_a_wrong_secret_is_one_sentence_without_the_secret(signed: Signed) -> None:
    with pytest.raises(NeedsPerson, match="secret") as raised:
        signed.sign_in("F00HUSH")
    assert raised.value.fix
    assert "F00HUSH" not in raised.value.sentence()


def test_every_sign_in_is_read_by_pages(org: Client, sim: OrgsimServer, tally: Tally) -> None:
    query = select("LoginHistory", ["Id", "LoginTime"]).order_by("LoginTime", "Id")
    pages = list(org.query(query, batch_size=200))
    found = [r for page in pages for r in msgspec.json.decode(page.body)["records"]]
    truth = {row["id"] for row in sim.ledger("LoginHistory")}
    assert {record["Id"] for record in found} == truth
    assert len(found) == len(truth) == pages[0].total_size == org.count(count("LoginHistory"))
    assert len(tally.before_calls) == len(pages) + 1
    assert [usage for _, usage in tally.after_calls if usage is None] == []


def test_every_sign_in_is_read_by_bulk(
    org: Client, sim: OrgsimServer, tally: Tally, tmp_path: Path
) -> None:
    query = select("LoginHistory", ["Id", "LoginTime"])
    result = org.bulk_query(query, max_records=100)
    found: list[str] = []
    for page in result.pages(tmp_path):
        with page.path.open(newline="", encoding="utf-8") as file:
            rows = [row["Id"] for row in csv.DictReader(file)]
        assert len(rows) == page.count
        found += rows
    truth = [row["id"] for row in sim.ledger("LoginHistory")]
    assert sorted(found) == sorted(truth)
    with pytest.raises(NotThere):
        org.bulk_resume(result.job_id).wait()


def test_every_log_file_arrives_in_its_stated_length(org: Client, tmp_path: Path) -> None:
    files = org.records(
        select("EventLogFile", ["Id", "EventType", "LogFileLength", "LogFile"])
        .where(equal("Interval", "Daily"))
        .order_by("CreatedDate", "Id"),
        LogFile,
    )
    assert files
    for listed in files[:20]:
        to = tmp_path / listed.Id
        done = org.download(listed.LogFile, to, expected=int(listed.LogFileLength))
        assert done.bytes_read == to.stat().st_size == int(listed.LogFileLength)
        assert to.read_bytes().startswith(b'"EVENT_TYPE"')


@pytest.mark.fault("C12")
def test_the_builder_writes_what_the_emulator_reads(org: Client) -> None:
    everyone = org.records(
        select("LoginHistory", ["Id", "LoginTime"]).order_by("LoginTime", "Id"), SignIn
    )
    middle = everyone[len(everyone) // 2]
    when = datetime.strptime(middle.LoginTime, "%Y-%m-%dT%H:%M:%S.%f%z")
    after = org.records(
        select("LoginHistory", ["Id", "LoginTime"])
        .where(after_in_order("LoginTime", when, middle.Id))
        .order_by("LoginTime", "Id"),
        SignIn,
    )
    assert [s.Id for s in after] == [s.Id for s in everyone[len(everyone) // 2 + 1 :]]
    names = select("User", ["Id", "LoginTime"][:1]).where(starts_with("Username", "%' OR Id != '"))
    assert org.records(names, dict) == []
    since = select("SetupAuditTrail", ["Id"]).where(at_least("CreatedDate", when))
    assert org.count(str(since).replace("SELECT Id", "SELECT COUNT()")) >= 0


def test_limits_describe_composite_and_clock(org: Client) -> None:
    limits = org.limits()
    assert limits["DailyApiRequests"].max == 100_000
    assert {"Id", "EventType", "Interval"} <= org.describe("EventLogFile")
    answers = org.composite({
        "org": "SELECT Id, Name FROM Organization",
        "nothing": "SELECT Id FROM Nothing__c",
    })  # fmt: skip
    assert not isinstance(answers["org"], Problem)
    assert answers["org"].count == 1
    assert isinstance(answers["nothing"], NotAllowed)
    now = org.server_time()
    assert now is not None
    assert abs(now - datetime.now(UTC)) < timedelta(minutes=5)


def test_an_ended_session_is_renewed_and_the_work_goes_on(
    org: Client, to_sim: Transport, signed: Signed, sim: OrgsimServer
) -> None:
    revoke(to_sim, to_sim.address(sim.url), signed.tokens.access_token)
    assert org.count(count("User")) > 0
    assert signed.renewals == 1


def test_a_field_or_object_that_is_not_there_is_not_allowed(org: Client) -> None:
    for query, code in (
        ("SELECT Nothing FROM User", "INVALID_FIELD"),
        ("SELECT Id FROM Nothing__c", "INVALID_TYPE"),
    ):
        with pytest.raises(NotAllowed) as raised:
            list(org.query(query))
        assert raised.value.code == code
    with pytest.raises(Problem) as bug:
        list(org.query("SELECT Id FROM LoginHistory WHERE Status = 'x'"))
    assert bug.value.code == "INVALID_FIELD"
    assert not isinstance(bug.value, NotAllowed)
    with pytest.raises(NotThere):
        org.describe("Nothing__c")


def test_the_callers_client_name_is_what_the_emulator_saw(org: Client, sim: OrgsimServer) -> None:
    org.limits()
    calls = sim.control("calls")
    assert any("Orgwarden" in str(call["client"]) for call in calls)


FAULTS: list[dict[str, object]] = [
    {"expired_token": True},
    {"cut": 0},
    {"cut": 1},
    {"cut": 700},
    {"html": True},
    {"html": True, "status": 200},
    {"error": "SERVER_UNAVAILABLE"},
    {"error": "UNKNOWN_EXCEPTION"},
    {"status": 429, "headers": {"Retry-After": "1"}},
    {"status": 502},
]


@pytest.mark.parametrize("fault", FAULTS, ids=str)
def test_a_fault_at_any_call_neither_loses_nor_doubles_a_record(
    org: Client, sim: OrgsimServer, tally: Tally, tmp_path: Path, fault: dict[str, object]
) -> None:
    truth = sorted(row["id"] for row in sim.ledger("LoginHistory"))
    query = select("LoginHistory", ["Id", "LoginTime"]).order_by("LoginTime", "Id")
    for nth in (1, 2, 3):
        sim.control("faults", {"prefix": "/services/data/", "nth": nth, **fault})
        before = len(tally.before_calls)
        pages = list(org.query(query, batch_size=200))
        found = [r["Id"] for page in pages for r in msgspec.json.decode(page.body)["records"]]
        assert sorted(found) == truth
        assert len(tally.before_calls) - before == len(pages) + 1, "the fault did not strike"
        assert len(pages) >= 3
        sim.control("faults", method="DELETE")
    for nth in (2, 3, 4):
        sim.control("faults", {"endpoint": "^GET .*/jobs/query", "nth": nth, **fault})
        found = []
        for page in org.bulk_query(query, max_records=150).pages(tmp_path):
            with page.path.open(newline="", encoding="utf-8") as file:
                found += [row["Id"] for row in csv.DictReader(file)]
        assert sorted(found) == truth
        sim.control("faults", method="DELETE")


def test_a_cursor_that_is_lost_is_named(org: Client, sim: OrgsimServer) -> None:
    sim.control("faults", {"prefix": "/services/data/", "nth": 2, "expired_cursors": True})
    pages = org.query("SELECT Id FROM LoginHistory", batch_size=200)
    with pytest.raises(CursorGone):
        list(pages)


def test_over_tls_with_the_emulators_authority(
    shared_orgsim: StartOrgsim, tmp_path: Path, tally: Tally
) -> None:
    sim = shared_orgsim(users=5, days=1, speed=0, tls=True)
    transport = Transport(
        allowed=frozenset({f"127.0.0.1:{sim.port}"}), ca_bundle=Path(str(sim.session.verify))
    )
    client = Client(transport, transport.address(sim.url), Signed(transport, sim), tally)
    assert client.count(count("User")) >= 5
    transport.close()


def test_a_limit_that_is_used_up_stops_at_once(org: Client, sim: OrgsimServer) -> None:
    sim.control("quota", {"used": 100_000})
    try:
        with pytest.raises(TryLater) as raised:
            org.count(count("User"))
        assert raised.value.code == "REQUEST_LIMIT_EXCEEDED"
    finally:
        sim.control("quota", {"used": 0})
    began = time.monotonic()
    assert org.count(count("User")) > 0
    assert time.monotonic() - began < 30
