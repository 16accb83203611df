"""Faults after a sign-in that works: the data API refuses, the org has moved, the network fails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest

from orgwarden.records import credentials
from orgwarden.records.models import Org
from tests.flows.connection_faults import KEY, Tenant, a_sentence, log_text
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

pytestmark = pytest.mark.xdist_group("connection-faults")


@pytest.fixture
def sim(shared_orgsim: StartOrgsim) -> OrgsimServer:
    return shared_orgsim(users=8, days=3, speed=0, event_monitoring="none", seed=3)


@pytest.fixture
def tenant(house: House, sim: OrgsimServer) -> Tenant:
    house.admit(sim)
    return Tenant.settled(house, sim)


@dataclass(frozen=True)
class Refusal:
    """What every data call is answered with, though the sign-in works."""

    break_: Callable[[Tenant], Any]
    words: str
    fix: str
    code: str
    mend: Callable[[Tenant], Any]


def without_api(value: bool) -> Callable[[Tenant], Any]:
    return lambda t: t.tell("permission", user=t.user, permission="ApiEnabled", value=value)


def scopes(*names: str) -> Callable[[Tenant], Any]:
    def tell(t: Tenant) -> None:
        t.tell("app", scopes=list(names))
        t.end_session()

    return tell


def edition(name: str) -> Callable[[Tenant], Any]:
    return lambda t: t.tell("org", edition=name)


def changing_address(t: Tenant) -> None:
    """Our address changes with every call, and sessions are locked to theirs."""
    locked = {"sessionSettings": {"lockSessionsToIp": True}}
    t.tell("settings", type="SecuritySettings", values=locked)
    t.tell("network", seen_from=["198.51.100.7", "198.51.100.8"])


def disarm(t: Tenant) -> None:
    t.sim.control("faults", method="DELETE")


def arm(**fault: Any) -> Callable[[Tenant], Any]:
    return lambda t: t.tell("faults", prefix="/services/data/", **fault)


REFUSALS = {
    "A9 the user lost API Enabled": Refusal(
        without_api(False), "may not use the API", "API Enabled", "API_CURRENTLY_DISABLED",
        without_api(True)),
    "A9 the app lost the scope api": Refusal(
        scopes("id"), "not for the API", "scope to the app", "INVALID_SESSION_ID",
        scopes("api", "id", "refresh_token")),
    "A9 the edition has no API": Refusal(
        edition("Professional Edition"), "no API access", "upgrade to Enterprise",
        "API_DISABLED_FOR_ORG", edition("Enterprise Edition")),
    "A11 our API version is retired": Refusal(
        arm(error="UNSUPPORTED_API_VERSION"), "retired the API version", "Upgrade Orgwarden",
        "UNSUPPORTED_API_VERSION", disarm),
    "R sessions are locked to an address that changes": Refusal(
        changing_address, "even a token that it has just issued", "ours may change",
        "INVALID_SESSION_ID", lambda t: t.tell("network", seen_from=[])),
    "A11 data calls are sent on to a foreign host": Refusal(
        arm(status=302, headers={"Location": "https://login.evil.example/x"}),
        "login.evil.example", "salesforce.com", "NOT_SALESFORCE", disarm),
}  # fmt: skip


@pytest.mark.fault("C11")
@pytest.mark.parametrize("name", REFUSALS)
def test_a_refusal_of_the_data_api_is_told_and_not_hammered(
    tenant: Tenant, caplog: pytest.LogCaptureFixture, name: str
) -> None:
    caplog.set_level("DEBUG")
    row = REFUSALS[name]
    row.break_(tenant)
    token, data = tenant.made_by(tenant.work)
    assert (token <= 2, data <= 3) == (True, True)
    shown = tenant.shown()
    assert shown["status"] == "error"
    assert row.words in shown["problem"], shown["problem"]
    assert row.fix in shown["fix"], shown["fix"]
    assert shown["code"] == row.code
    a_sentence(shown["problem"])
    a_sentence(shown["fix"])
    tenant.assert_honest()
    assert tenant.made_by(tenant.some_rounds) == (0, 0)
    tenant.an_hour_passes()
    token, data = tenant.made_by(tenant.some_rounds)
    assert (token <= 3, data <= 3) == (True, True)
    tenant.assert_honest()
    tenant.assert_no_secret(log_text(caplog))
    row.mend(tenant)
    tenant.an_hour_passes()
    tenant.assert_recovers()


# Moves ------------------------------------------------------------------------------------


def elsewhere(sim: OrgsimServer) -> str:
    """Another name of the same port."""
    return sim.url.replace("127.0.0.1", "localhost")


def to_the_old_host(sim: OrgsimServer) -> int:
    """The calls that the address answered which the org has left."""
    calls = sim.control("calls", params={"all": "1"})
    return sum(call["count"] for call in calls if call["endpoint"] == "to the old host")


def admit_both(house: House, sim: OrgsimServer) -> None:
    house.admit(sim)
    both = frozenset({f"127.0.0.1:{sim.port}", f"localhost:{sim.port}"})
    house.admit_hosts(both)


@pytest.mark.fault("A11")
def test_a11_an_org_that_moved_is_followed_when_its_sign_in_names_the_new_host(
    house: House, sim: OrgsimServer
) -> None:
    admit_both(house, sim)
    tenant = Tenant.settled(house, sim)
    tenant.tell("org", url=elsewhere(sim), old_host="works")
    tenant.end_session()
    tenant.work()
    tenant.org.refresh_from_db()
    assert tenant.org.instance_url == elsewhere(sim)
    assert tenant.shown()["last_synced"] > tenant.before["last_synced"]
    tenant.assert_recovers()


@pytest.mark.fault("A11")
def test_a11_a_renamed_org_is_told_with_its_new_address_and_its_token_stays_home(
    house: House, sim: OrgsimServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    admit_both(house, sim)
    tenant = Tenant.settled(house, sim)
    tenant.tell("org", url=elsewhere(sim))
    token, data = tenant.made_by(tenant.work)
    assert (token, data) == (0, 0)  # nothing with a token went to the new host
    assert to_the_old_host(sim) <= 3
    shown = tenant.shown()
    assert shown["status"] == "error"
    assert f"localhost:{sim.port}" in shown["problem"]
    assert elsewhere(sim) in shown["fix"]
    assert shown["code"] in ("REDIRECTED", "MOVED")
    tenant.assert_honest()
    tenant.assert_quiet(probes=0)
    tenant.assert_no_secret(log_text(caplog))
    tenant.sim.control("reset", method="POST")
    tenant.an_hour_passes()
    tenant.assert_recovers()


@pytest.mark.fault("A11")
def test_a11_a_sign_in_that_names_a_foreign_host_gets_no_token_there(tenant: Tenant) -> None:
    tenant.end_session()
    foreign = {tenant.sim.url: "https://acme.my.salesforce.com.evil.example"}
    tenant.tell("faults", endpoint="oauth2/token", replace=foreign)
    kept = credentials.need(tenant.org, "access_token")
    token, data = tenant.made_by(tenant.work)
    assert (token <= 2, data <= 1) == (True, True)
    shown = tenant.shown()
    assert shown["status"] == "error"
    assert "evil.example" in shown["problem"]
    assert credentials.need(tenant.org, "access_token") == kept
    assert Org.objects.get().instance_url == tenant.sim.url
    tenant.assert_honest()
    tenant.assert_quiet(probes=1)
    disarm(tenant)
    tenant.an_hour_passes()
    tenant.assert_recovers()


def test_a11_an_org_whose_old_name_is_gone_is_told_as_not_found(tenant: Tenant) -> None:
    tenant.tell("org", url=elsewhere(tenant.sim), old_host="gone")
    token, data = tenant.made_by(tenant.work)
    assert (token, data) == (0, 0)
    shown = tenant.shown()
    assert shown["status"] == "error"
    a_sentence(shown["problem"])
    assert shown["problem"]
    tenant.assert_honest()
    tenant.sim.control("reset", method="POST")
    tenant.an_hour_passes()
    tenant.assert_recovers()


# The network ------------------------------------------------------------------------------


def test_a_an_org_that_cannot_be_reached_is_waited_for(
    house: House, orgsim_server: StartOrgsim, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    sim = orgsim_server(users=8, days=2, speed=0, event_monitoring="none")
    house.admit(sim)
    tenant = Tenant.settled(house, sim)
    sim.stop()
    tenant.work()
    shown = tenant.shown()
    assert (shown["status"], shown["problem"]) == ("success", None)
    assert "cannot be reached" in shown["waiting"]["reason"]
    tenant.assert_honest()
    assert len([r for r in caplog.records if "repeating a request" in r.getMessage()]) <= 4


def test_a_an_answer_that_comes_in_drops_is_read_to_its_end(tenant: Tenant) -> None:
    tenant.tell("faults", endpoint="FROM.{1,3}Organization", trickle=400, times=1)
    tenant.work()
    assert tenant.sim.control("faults")[0]["struck"] == 1
    assert tenant.shown()["last_synced"] > tenant.before["last_synced"]
    tenant.assert_recovers()
    assert tenant.way == KEY
