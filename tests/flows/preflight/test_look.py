"""A connection test says of each thing what Salesforce answered, and never passes the unknown."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.catalog.permissions import SEEDED
from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.flows.preflight import look as preflight
from orgwarden.flows.preflight import told as preflight_told
from orgwarden.records.models import AuditEntry, ConnectionTest, Org
from tests.support.allowed import allow_what_is_declared
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

TIERS = tuple(t for t in TIER_IDS if t != "real_time")  # the org has no licence for that one

Line = dict[str, Any]
Look = Callable[..., dict[str, Line]]
NEEDS = [(s.id, n.permission) for s in SOURCES for n in s.needs if s.tier != "real_time"]


def calls(sim: OrgsimServer) -> int:
    return sum(c["count"] for c in sim.control("calls"))


@pytest.fixture
def world(sim: OrgsimServer) -> Iterator[OrgsimServer]:
    """The shared org, its collector allowed all that the sources declare; what a test changes of
    it is given back."""
    sim.control("reset", {})
    allow_what_is_declared(sim)
    yield sim
    sim.control("reset", {})


@pytest.fixture
def look(at_home: House, world: OrgsimServer) -> Look:
    """Test a tenant of these tiers and ways; its lines by id, its sources as `source:<id>`."""

    org = at_home.connect(world, tiers=TIERS)

    def lines(tiers: tuple[str, ...] = TIERS, **more: Any) -> dict[str, Line]:
        Org.objects.filter(pk=org.pk).update(**more, tiers=list(tiers))
        org.refresh_from_db()
        done = preflight.check_now(org, actor="ada")
        found = {line["id"]: line for line in done.lines}
        return found | {f"source:{s['source']}": s for s in done.sources}

    return lines


def user(world: OrgsimServer) -> str:
    return world.app()["run_as"]


def take(world: OrgsimServer, permission: str, *, give: bool = False) -> None:
    asked = {"user": user(world), "permission": permission, "value": give}
    world.control("permission", asked)


@pytest.mark.seed("M13", "C25", "Z2", "L2", "C5")
def test_a_healthy_connection_is_connected_and_each_line_says_what_it_cost(
    at_home: House, world: OrgsimServer
) -> None:
    org = at_home.connect(world, tiers=TIERS)
    before = calls(world)
    done = preflight.check_now(org, actor="ada")
    made = calls(world) - before
    assert done.state == ConnectionTest.State.DONE
    assert done.connected is True
    told = preflight_told.as_json(done)
    on = sum(s.tier != "real_time" for s in SOURCES)
    assert told["headline"].startswith(f"Connected! {on} of {on} sources work.")
    assert sum(line["calls"] for line in done.lines) == done.calls
    assert made <= done.calls <= 30
    assert all(line["seconds"] >= 0 for line in done.lines)
    assert {line["verdict"] for line in done.lines} <= {"pass", "warn", "fail", "unknown"}
    assert not [x for x in done.lines if x["verdict"] == "fail"]
    assert [x for x in done.lines if x["verdict"] != "pass" and not x["fix"]] == []
    entry = AuditEntry.objects.filter(subject=org.name).order_by("-id").first()
    assert entry is not None
    assert (entry.actor, entry.detail["passed"]) == ("ada", True)


@pytest.mark.seed("M6", "C12", "C13", "D5", "M7")
@pytest.mark.parametrize("permission", [p.name for p in SEEDED])
def test_every_permission_the_guides_name_is_tested_by_name(look: Look, permission: str) -> None:
    line = look()[f"permission:{permission}"]
    assert line["title"] == {p.name: p.label for p in SEEDED}[permission]
    assert line["verdict"] in ("pass", "warn")


@pytest.mark.seed("M6", "M7", "C12", "C13")
@pytest.mark.parametrize("permission", sorted({p for _, p in NEEDS}))
def test_a_permission_taken_away_darkens_just_the_sources_that_need_it_and_says_the_fix(
    look: Look, world: OrgsimServer, permission: str
) -> None:
    take(world, permission)
    found = look()
    dark = {k.removeprefix("source:") for k, x in found.items() if x["verdict"] == "dark"}
    if permission == "ApiEnabled":  # then nothing can be asked at all
        assert found["sign_in"]["verdict"] == "fail"
        assert not dark
        told = {x["verdict"] for k, x in found.items() if k.startswith("source:")}
        assert told - {"off"} == {"unknown"}
        assert not [k for k, x in found.items() if x["verdict"] == "pass"]
        return
    assert dark == {s for s, p in NEEDS if p == permission}
    line = found[f"permission:{permission}"]
    assert line["verdict"] == "fail"
    assert user(world) in line["fix"]
    assert "ask Salesforce to add it" in line["fix"]
    assert all(found[f"source:{source}"]["because"] for source in dark)


@pytest.mark.seed("C13")
def test_manage_internal_and_external_users_do_as_well_for_sign_ins_as_manage_users(
    look: Look, world: OrgsimServer
) -> None:
    take(world, "ManageUsers")
    for permission in ("ManageInternalUsers", "ManageCssUsers"):
        take(world, permission, give=True)
    found = look(("sign_ins",))
    assert found["source:login_history"]["verdict"] == "works"
    assert found["source:user_logins"]["verdict"] == "dark"
    line = found["permission:ManageUsers"]
    assert line["verdict"] == "fail"
    assert "who is frozen or locked is dark" in line["words"]
    assert "own sign-ins" not in line["words"]
    assert "For the rest, Manage Internal Users and Manage External Users" in line["words"]


def test_a_source_not_opted_in_to_is_off_and_its_permission_not_asked_for(
    look: Look, world: OrgsimServer
) -> None:
    found = look(())
    assert found["source:login_history"]["verdict"] == "off"
    line = found["permission:ManageUsers"]
    assert line["verdict"] == "warn"  # held in excess
    assert "nothing that is on needs it" in line["words"]


@pytest.mark.seed("M3", "D3", "C6", "M4")
@pytest.mark.parametrize(
    ("edition", "flow", "verdict", "says"),
    [
        ("Performance Edition", "client-credentials", "pass", "has the REST API"),
        ("Enterprise Edition", "client-credentials", "pass", "has the REST API"),
        ("Unlimited Edition", "jwt-bearer", "pass", "has the REST API"),
        ("Developer Edition", "jwt-bearer", "pass", "has the REST API"),
        ("Developer Edition", "web-server", "pass", "has the REST API"),
        ("Developer Edition", "client-credentials", "warn", "API Only User does not exist"),
        ("Professional Edition", "jwt-bearer", "warn", "add-on"),
        ("Team Edition", "jwt-bearer", "unknown", "not one of the editions known"),
    ],
)
def test_editions_are_judged(
    at_home: House, world: OrgsimServer, edition: str, flow: str, verdict: str, says: str
) -> None:
    org = at_home.connect(world)
    world.control("change", {"object": "Organization", "values": {"OrganizationType": edition}})
    found = preflight.look(org)[0]
    facts_flow = Org(**{**_fields(org), "flow": flow})
    assert found
    lines = {x.id: x for x in _lines(facts_flow, org)}
    assert lines["edition"].verdict == verdict
    assert says in lines["edition"].words


def _fields(org: Org) -> dict[str, Any]:
    return {f.name: getattr(org, f.name) for f in Org._meta.fields}


def _lines(asked: Org, org: Org) -> list[Any]:
    """The lines as if the tenant had been connected another way: the way is judged, not used."""
    from dataclasses import replace

    from orgwarden.catalog.preflight import lines
    from orgwarden.flows.clients import open_client
    from orgwarden.flows.preflight.probing import Probing
    from orgwarden.flows.preflight.read import gather

    client, meter = open_client(org)
    probing = Probing(client, meter, preflight.facts_of(org))
    gather(probing)
    meter.settle()
    return lines(replace(probing.facts, flow=asked.flow))


@pytest.mark.seed("M4", "D3")
def test_professional_edition_without_the_api_is_explained(look: Look, world: OrgsimServer) -> None:
    world.control("org", {"edition": "Professional Edition", "api": False})
    found = look()
    assert found["sign_in"]["verdict"] == "fail" or found["rest"]["verdict"] == "fail"
    assert "Professional Edition has no REST API" in found["rest"]["fix"]
    assert Org.objects.get().tests.first().connected is False  # type: ignore[union-attr]


@pytest.mark.seed("D7")
@pytest.mark.parametrize(("locked", "verdict"), [(True, "warn"), (False, "pass")])
def test_sessions_locked_to_an_address_are_read_and_the_lock_is_not_asked_away(
    look: Look, world: OrgsimServer, locked: bool, verdict: str
) -> None:
    take(world, "ModifyMetadata", give=True)
    values = {"sessionSettings": {"lockSessionsToIp": locked}}
    world.control("settings", {"type": "SecuritySettings", "values": values})
    line = look()["session_lock"]
    assert line["verdict"] == verdict
    if locked:
        assert "the app's IP ranges, rather than turning it off" in line["fix"]


@pytest.mark.seed("D5", "D7")
def test_without_metadata_what_only_it_tells_is_unknown_and_never_a_pass(
    look: Look, world: OrgsimServer
) -> None:
    found = look(("sign_ins",))
    for line in ("session_lock", "event_storage"):
        assert found[line]["verdict"] == "unknown"
        assert "Metadata is not opted in to" in found[line]["words"]
    take(world, "ModifyMetadata")
    take(world, "CustomizeApplication")
    found = look()
    assert found["session_lock"]["verdict"] == "unknown"
    assert found["session_lock"]["fix"]


@pytest.mark.seed("D8", "D9")
def test_content_deliveries_are_detected(look: Look, world: OrgsimServer) -> None:
    assert look(())["content_deliveries"]["verdict"] == "pass"
    off = {"enableContentDistribution": False}
    world.control("settings", {"type": "ContentSettings", "values": off})
    for tiers in ((), TIERS):
        line = look(tiers)["content_deliveries"]
        assert line["verdict"] == "warn"
        assert "Content Deliveries feature can be enabled for users" in line["fix"]


@pytest.mark.seed("M8", "D6")
def test_the_content_box_is_looked_at_when_content_is_in_use(
    look: Look, world: OrgsimServer
) -> None:
    line = look()["content_user"]
    assert line["verdict"] == "warn"
    assert "tick Salesforce CRM Content User" in line["fix"]
    box = {"object": "User", "row": user(world)}
    world.control("change", {**box, "values": {"UserPermissionsSFContentUser": True}})
    try:
        assert look()["content_user"]["verdict"] == "pass"
    finally:
        world.control("change", {**box, "values": {"UserPermissionsSFContentUser": False}})
    world.control("settings", {"type": "ContentSettings", "values": {"enableContent": False}})
    assert look()["content_user"]["verdict"] == "pass"


@pytest.mark.fault("E11")
@pytest.mark.seed("D15")
def test_a_user_whose_language_is_not_english_is_warned_of(look: Look, world: OrgsimServer) -> None:
    row = {"object": "User", "row": user(world)}
    world.control("change", {**row, "values": {"LanguageLocaleKey": "de"}})
    try:
        line = look()["language"]
        assert line["verdict"] == "warn"
        assert "set Language to English" in line["fix"]
    finally:
        world.control("change", {**row, "values": {"LanguageLocaleKey": "en_US"}})


@pytest.mark.seed("C10", "C11")
def test_the_integration_licence_is_warned_of_with_what_it_lacks(
    look: Look, world: OrgsimServer
) -> None:
    take(world, "ModifyMetadata")
    found = look()
    line = found["profile"]
    assert line["verdict"] == "warn"
    assert "Minimum Access - API Only Integrations" in line["words"]
    assert "Modify Metadata" in line["words"]
    assert found["licence"]["verdict"] in ("pass", "warn")
    assert "Salesforce Integration" in found["licence"]["words"]


@pytest.mark.seed("M2", "C9")
def test_a_persons_account_is_not_taken_for_a_service_account(
    look: Look, world: OrgsimServer
) -> None:
    assert look()["service_account"]["verdict"] == "pass"
    me = world.session.get(
        f"{world.url}/services/data/v62.0/query",
        params={"q": f"SELECT Id FROM User WHERE Username = '{user(world)}'"},
        headers={"Authorization": f"Bearer {world.token()}"},
        timeout=30,
    ).json()["records"][0]["Id"]
    now = world.control("state")["now"]
    row = {"UserId": me, "LoginTime": now, "LoginType": "Application", "Status": "Success"}
    world.control("rows", {"object": "LoginHistory", "rows": [row]})
    line = look()["service_account"]
    assert line["verdict"] == "warn"
    assert "for this connection alone" in line["fix"]


@pytest.mark.seed("D2", "D13", "M16")
@pytest.mark.parametrize(
    ("monitoring", "verdict", "says"), [("none", "warn", "kept 1 day"), ("licensed", "pass", "30")]
)
def test_event_monitoring_is_told_from_the_files_there_are(
    at_home: House,
    shared_orgsim: StartOrgsim,
    monitoring: str,
    verdict: str,
    says: str,
) -> None:
    sim = shared_orgsim(users=8, days=3, speed=0, event_monitoring=monitoring)
    sim.control("faults", method="DELETE")
    at_home.admit(sim)
    done = preflight.check_now(at_home.connect(sim))
    [line] = [x for x in done.lines if x["id"] == "event_monitoring"]
    assert line["verdict"] == verdict
    assert says in line["words"]
    assert done.connected is True  # all else works without it
    [files] = [s for s in done.sources if s["source"] == "event_log_file"]
    assert files["verdict"] == ("partly" if monitoring == "none" else "works")


def test_a_field_that_is_hidden_makes_a_source_work_partly(look: Look, world: OrgsimServer) -> None:
    world.control("columns", {"object": "LoginHistory", "hide": ["ForwardedForIp"]})
    found = look()["source:login_history"]
    assert (found["verdict"], found["because"]) == (
        "partly", "Salesforce does not show ForwardedForIp."
    )  # fmt: skip


def test_a_sandbox_taken_for_production_is_told(look: Look, world: OrgsimServer) -> None:
    world.control("org", {"sandbox": True})
    try:
        assert look()["environment"]["verdict"] == "warn"
        assert look(environment="sandbox")["environment"]["verdict"] == "pass"
    finally:
        world.control("org", {"sandbox": False})


def test_another_user_than_the_intended_one_fails_the_sign_in(look: Look) -> None:
    line = look(intended_user="somebody@else.example")["sign_in"]
    assert line["verdict"] == "fail"
    assert "somebody@else.example" in line["words"]


def test_excess_rights_are_named(look: Look, world: OrgsimServer) -> None:
    take(world, "AuthorApex", give=True)
    take(world, "ModifyAllData", give=True)
    found = look()
    assert found["excess"]["verdict"] == "warn"
    assert "Author Apex" in found["excess"]["words"]
    assert "Modify All Data" in found["excess"]["words"]
    assert found["administrator"]["verdict"] == "warn"


def test_a_refused_sign_in_fails_and_all_else_is_unknown(look: Look, world: OrgsimServer) -> None:
    world.control("faults", {"endpoint": "oauth2/token", "error": "invalid_grant", "times": 99})
    world.control("user", {"user": user(world), "signed_out": True})
    found = look()
    assert found["sign_in"]["verdict"] == "fail"
    rest = {x["verdict"] for k, x in found.items() if k not in ("sign_in", "rest")}
    assert rest - {"off"} == {"unknown"}
    done = Org.objects.get().tests.first()
    assert done is not None
    assert preflight_told.headline_of(done) == "Not connected."


@pytest.mark.seed("M13")
def test_a_test_is_queued_joined_and_run_by_whoever_is_first(
    at_home: House, world: OrgsimServer
) -> None:
    org = at_home.connect(world)
    first = preflight.ask(org, "ada")
    assert preflight.ask(org, "bob") == first
    assert preflight_told.headline_of(first) == "Waiting for a worker."
    assert preflight.run_waiting() is True
    assert preflight.run_waiting() is False
    first.refresh_from_db()
    assert first.state == ConnectionTest.State.DONE
    assert first.connected is True
    assert preflight.claim(first) is False
    assert preflight.ask(org, "bob") != first


def test_a_test_whose_worker_died_is_lost_and_does_not_run_for_ever(
    at_home: House, world: OrgsimServer
) -> None:
    org = at_home.connect(world)
    first = preflight.ask(org, "ada")
    preflight.claim(first)
    long_ago = first.asked_at - preflight.LONGEST - timedelta(seconds=1)
    ConnectionTest.objects.filter(pk=first.pk).update(started_at=long_ago)
    again = preflight.ask(org, "ada")
    assert again != first
    first.refresh_from_db()
    assert first.state == ConnectionTest.State.LOST
    assert first.connected is None
    assert "Nothing is known" in preflight_told.headline_of(first)


def test_old_results_go_and_the_newest_stay(at_home: House, world: OrgsimServer) -> None:
    org = at_home.connect(world)
    at = preflight.check_now(org).asked_at
    ConnectionTest.objects.bulk_create(
        ConnectionTest(org=org, asked_by="ada", asked_at=at, state="done") for _ in range(30)
    )
    newest = preflight.check_now(org)
    kept = org.tests.filter(state="done")
    assert kept.count() == preflight.KEPT
    assert newest in kept


@pytest.mark.seed("M13")
def test_a_result_can_be_kept_as_json_and_as_text(at_home: House, world: OrgsimServer) -> None:
    done = preflight.check_now(at_home.connect(world), actor="ada")
    told = preflight_told.as_json(done)
    assert json.loads(json.dumps(told)) == told
    assert {e["kind"] for e in told["entries"]} == {"test", "source"}
    text = preflight_told.as_text(done)
    assert told["headline"] in text
    assert all(e["name"] in text for e in told["entries"])


def test_the_features_that_are_on_decide_what_is_asked(look: Look) -> None:
    found = look(TIERS, features=["sspm_scan"])
    assert "source:login_history" not in found
    assert "source:event_log_file" not in found
    assert set(FEATURE_IDS) == {"app_governance", "sspm_scan"}


def test_lists_of_jobs_are_proved_by_a_job_of_somebody_else_and_licences_by_an_answer(
    look: Look, world: OrgsimServer
) -> None:
    assert look()["source:bulk_query_jobs"]["verdict"] == "works"
    world.control("jobs", {"own_only": True})
    found = look(TIER_IDS)
    for source in ("bulk_query_jobs", "bulk_ingest_jobs"):
        assert found[f"source:{source}"]["verdict"] == "dark"
        assert "hides them is not known" in found[f"source:{source}"]["because"]
    assert found["source:api_events"]["verdict"] == "dark"
    assert "no licence" in found["source:api_events"]["because"]
