"""What changes about records that are read whole becomes events: came, changed, went."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.lake.table import OrgLake
from orgwarden.records.models import Org, Run
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

CHANGES = (
    'SELECT "Object", "EntityId", "Version", "Name", "Change", "Fields", "Before", "After",'
    " action, target, actor, time FROM entity_changes ORDER BY arrived_seq, target"
)


@pytest.fixture
def sim(orgsim_server: StartOrgsim) -> OrgsimServer:
    """An org of this test's own: its people come and go."""
    return orgsim_server(users=8, days=2, speed=0, event_monitoring="none")


@pytest.fixture
def org(house: House, sim: OrgsimServer) -> Org:
    house.admit(sim)
    return house.connect(sim)


def someone(house: House, sim: OrgsimServer) -> dict[str, Any]:
    """An active user who is not the connected one."""
    run_as = sim.app()["run_as"]
    users = house.ask('SELECT * FROM users WHERE "IsActive" = \'true\' ORDER BY "Id"')
    return next(u for u in users if u["Username"] != run_as)


def change(sim: OrgsimServer, user: dict[str, Any], **values: Any) -> None:
    sim.control("change", {"object": "User", "row": user["Username"], "values": values})


def test_a_first_reading_tells_nothing_of_what_was_there_before(house: House, org: Org) -> None:
    house.collect(org, "users")
    assert house.count("users") > 0
    assert house.ask(CHANGES) == []


def test_a_changed_field_is_told_with_its_values_before_and_after(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "users")
    user = someone(house, sim)
    change(sim, user, Department="Intrusion", Title="Guest")
    house.collect(org, "users")
    [told] = house.ask(CHANGES)
    assert (told["Object"], told["EntityId"], told["Version"]) == ("User", user["Id"], "2")
    assert told["action"] == "entity.changed"
    assert told["target"] == told["Name"] == user["Username"]
    assert told["Fields"] == "Department, Title"
    assert json.loads(told["Before"]) == {"Department": user["Department"], "Title": user["Title"]}
    assert json.loads(told["After"]) == {"Department": "Intrusion", "Title": "Guest"}
    [now] = house.ask(f"SELECT * FROM users WHERE \"Id\" = '{user['Id']}'")
    assert (now["Department"], now["Orgwarden_Version"]) == ("Intrusion", "2")


def test_a_value_that_goes_back_and_forth_is_told_each_time(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "users")
    user = someone(house, sim)
    for value in ("A", "B", "A", "B"):
        change(sim, user, Title=value)
        house.collect(org, "users")
    told = [json.loads(c["After"])["Title"] for c in house.ask(CHANGES)]
    assert told == ["A", "B", "A", "B"]
    assert [c["Version"] for c in house.ask(CHANGES)] == ["2", "3", "4", "5"]


def test_reading_again_what_did_not_change_adds_nothing(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "users")
    before = house.state(org, "users").rows
    again = house.outcome(org, "users")
    assert (again.rows, again.stored) == (house.count("users"), 0)
    assert house.state(org, "users").rows == before
    assert house.ask(CHANGES) == []


def test_a_new_record_is_told_with_who_made_it(house: House, org: Org, sim: OrgsimServer) -> None:
    house.collect(org, "users")
    user = someone(house, sim)
    made = {
        "Username": "mallory@acme.example", "LastName": "Mallory", "Name": "Mallory",
        "Email": "mallory@acme.example", "ProfileId": user["ProfileId"], "IsActive": True,
        "CreatedById": user["Id"], "LastModifiedById": user["Id"],
    }  # fmt: skip
    sim.control("rows", {"object": "User", "rows": [made]})
    house.collect(org, "users")
    [told] = house.ask(CHANGES)
    assert (told["action"], told["target"]) == ("entity.added", "mallory@acme.example")
    assert told["actor"] == user["Username"]
    assert told["Before"] is None
    assert json.loads(told["After"])["Email"] == "mallory@acme.example"
    assert abs(told["time"] - datetime.now(UTC)) < timedelta(minutes=5)


def test_what_changed_between_the_consent_and_the_first_reading_is_told(
    house: House, sim: OrgsimServer
) -> None:
    house.admit(sim)
    org = house.connect(sim)
    sim.control("clock", {"advance": "PT1M"})
    us, stamp = sim.app()["run_as"], datetime.now(UTC) + timedelta(minutes=1)
    values = {"Title": "After consent", "LastModifiedDate": stamp.isoformat()}
    sim.control("change", {"object": "User", "row": us, "values": values})
    house.collect(org, "users")
    [told] = [c for c in house.ask(CHANGES) if c["target"] == us]
    assert told["action"] == "entity.changed"
    assert told["Before"] is None  # nobody had looked before
    assert json.loads(told["After"])["Title"] == "After consent"


def test_a_quiet_field_alone_makes_a_version_and_no_event(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "users")
    user = someone(house, sim)
    change(sim, user, LastLoginDate="2026-01-02T03:04:05.000Z")
    assert house.outcome(org, "users").stored == 1
    assert house.ask(CHANGES) == []


@pytest.mark.fault("F1")
@pytest.mark.parametrize("point", ["landed", "committed", "published"])
def test_a_run_that_dies_between_reading_and_telling_neither_loses_nor_doubles_a_change(
    house: House, org: Org, sim: OrgsimServer, point: str
) -> None:
    house.collect(org, "users")
    user = someone(house, sim)
    change(sim, user, Title="Once")

    def die(at: str) -> None:
        if at == point:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        house.collect(org, "users", at=die)
    house.collect(org, "users")
    house.collect(org, "users")
    [told] = house.ask(CHANGES)
    assert json.loads(told["After"]) == {"Title": "Once"}
    assert (
        OrgLake.open_or_create(house.home / "lake" / org.key).ledger().of("entity_changes").stored
        == 1
    )


def rest(sim: OrgsimServer, method: str, path: str) -> None:
    answer = sim.session.request(
        method,
        f"{sim.url}/services/data/v62.0/{path}",
        headers={"Authorization": f"Bearer {sim.token()}"},
        timeout=30,
    )
    assert answer.status_code == 204, answer.text


def given(house: House) -> list[dict[str, Any]]:
    """Assignments that a person made, not those that come with a profile."""
    return house.ask(
        "SELECT a.* FROM permission_set_assignments a JOIN permission_sets p"
        ' ON p."Id" = a."PermissionSetId" WHERE p."IsOwnedByProfile" = \'false\' ORDER BY a."Id"'
    )


def test_what_is_gone_is_told_with_what_it_was_and_leaves_the_view(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "permission_sets", "permission_set_assignments")
    before = house.count("permission_set_assignments")
    us = sim.app()["run_as"]
    gone = next(a for a in given(house) if a["Assignee.Username"] != us)
    sim.control("permission", {"user": us, "permission": "AssignPermissionSets", "value": True})
    rest(sim, "DELETE", f"sobjects/PermissionSetAssignment/{gone['Id']}")
    assert house.outcome(org, "permission_set_assignments").reason == ""
    [told] = house.ask(CHANGES)
    assert (told["action"], told["Object"]) == ("entity.removed", "PermissionSetAssignment")
    assert told["EntityId"] == gone["Id"]
    assert json.loads(told["Before"])["AssigneeId"] == gone["AssigneeId"]
    assert told["After"] is None
    assert house.count("permission_set_assignments") == before - 1
    house.collect(org, "permission_set_assignments")
    assert len(house.ask(CHANGES)) == 1  # told once


@pytest.mark.fault("C4")
def test_what_is_missing_while_the_org_still_counts_it_is_not_called_removed(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "permission_set_assignments")
    ids = house.ask('SELECT "Id" FROM permission_set_assignments ORDER BY "Id" LIMIT 2')
    first, second = (row["Id"] for row in ids)
    before = house.count("permission_set_assignments")
    [state] = [s for s in house.sources(org) if s["id"] == "permission_set_assignments"]
    known = state["complete"]
    sim.control("faults", {"prefix": "/services/data/", "replace": {second: first}})
    outcome = house.outcome(org, "permission_set_assignments")
    assert "none is called removed" in outcome.reason
    [state] = [s for s in house.sources(org) if s["id"] == "permission_set_assignments"]
    assert state["complete"] == known  # what is not sure is not complete
    assert house.ask(CHANGES) == []
    assert house.count("permission_set_assignments") == before


def test_a_field_that_the_org_hides_for_a_while_is_no_change(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "users")
    sim.control("columns", {"object": "User", "hide": ["FederationIdentifier"]})
    user = someone(house, sim)
    change(sim, user, Title="Meanwhile")
    assert "without FederationIdentifier" in house.outcome(org, "users").reason
    sim.control("columns", {"object": "User", "hide": []})
    house.collect(org, "users")
    assert [c["Fields"] for c in house.ask(CHANGES)] == ["Title"]


def audited(sim: OrgsimServer, action: str, text: str, by: str) -> None:
    row = {"Action": action, "Section": "Manage Users", "Display": text, "CreatedById": by}
    sim.control("rows", {"object": "SetupAuditTrail", "rows": [row]})


def test_who_gave_a_permission_set_is_found_in_the_audit_trail(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "users", "permission_sets", "permission_set_assignments")
    user = someone(house, sim)
    one, other = house.ask(
        'SELECT * FROM permission_sets WHERE "IsOwnedByProfile" = \'false\' ORDER BY "Id" LIMIT 2'
    )
    people = house.ask('SELECT "Id", "Username" FROM users ORDER BY "Id" LIMIT 2')
    text = "Permission set {}: assigned to user Somebody (UserID: [{}])"
    for given in (one, other):
        row = {"AssigneeId": user["Id"], "PermissionSetId": given["Id"], "IsActive": True}
        sim.control("rows", {"object": "PermissionSetAssignment", "rows": [row]})
        told = text.format(given["Label"], user["Id"][:15])
        audited(sim, "PermSetAssign", told, people[0]["Id"])
    # Of the other two people are told: then nobody is named.
    told = text.format(other["Label"], user["Id"][:15])
    audited(sim, "PermSetAssign", told, people[1]["Id"])
    house.collect(org, "setup_audit_trail", "permission_set_assignments")
    found = {json.loads(c["After"])["PermissionSetId"]: c for c in house.ask(CHANGES)}
    assert found[one["Id"]]["actor"] == people[0]["Username"]
    assert found[one["Id"]]["action"] == "entity.added"
    assert found[other["Id"]]["actor"] is None


@pytest.mark.fault("C8")
def test_a_permission_lost_while_it_is_read_removes_nobody(
    house: House, org: Org, sim: OrgsimServer
) -> None:
    house.collect(org, "users")
    before = house.count("users")
    us = {"user": sim.app()["run_as"], "permission": "ViewAllUsers", "value": False}
    one = house.ask('SELECT "Id" FROM users ORDER BY "Id" DESC LIMIT 1')[0]["Id"]
    another = {"endpoint": "FROM.{1,3}User(\\W|$)", "replace": {one: f"{one[:-6]}AAAAAA"}}
    sim.control("faults", another)

    def lose(run: Run) -> None:
        """After the first source, when our permissions were asked for already."""
        sim.control("permission", us)

    outcomes = house.collect(org, "limits", "users", tell=lose).outcomes
    assert {o.source: o.outcome for o in outcomes}["users"] == Run.Outcome.DARK
    assert house.ask(CHANGES) == []
    assert house.count("users") == before
