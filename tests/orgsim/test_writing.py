"""Writes that fail, in part or as a whole: rights, locks, rollback, answers that are lost."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller

ASSIGNED = "SELECT Id FROM PermissionSetAssignment WHERE PermissionSet.Name = 'Extra'"


@pytest.fixture
def given(server: OrgServer, anna: Caller) -> list[str]:
    """Three assignments of a permission set; Anna may take them."""
    org = server.org
    extra = standin.add(org, "PermissionSet", Name="Extra", Label="Extra", IsCustom=True)
    people = ("anna", "bert", "carl")
    user = {name: server.people.by_username(f"{name}@example.org") for name in people}
    for permission in ("AssignPermissionSets", "ManageProfilesPermissionsets"):
        anna.post("/_sim/permission", {"user": "anna@example.org", "permission": permission})
    return [
        standin.add(org, "PermissionSetAssignment", AssigneeId=user[name], PermissionSetId=extra)
        for name in people
    ]


def remove(anna: Caller, ids: list[str], whole: bool) -> list[dict[str, Any]]:
    params = {"ids": ",".join(ids), "allOrNone": "true" if whole else "false"}
    made: list[dict[str, Any]] = anna.call("DELETE", "composite/sobjects", params=params).json()
    return made


def codes(rows: list[dict[str, Any]]) -> list[str]:
    return ["" if r["success"] else r["errors"][0]["statusCode"] for r in rows]


def test_a_collection_fails_in_part_or_as_a_whole(anna: Caller, given: list[str]) -> None:
    anna.post("/_sim/locks", {"row": given[1], "for": 60})
    whole = remove(anna, given, whole=True)
    back = "ALL_OR_NONE_OPERATION_ROLLED_BACK"
    assert codes(whole) == [back, "UNABLE_TO_LOCK_ROW", back]
    assert len(anna.rows(ASSIGNED)) == 3
    trail = "SELECT Id FROM SetupAuditTrail WHERE Action = 'PermSetUnassign'"
    assert anna.rows(trail) == []  # the trail tells of nothing that was rolled back
    part = remove(anna, given, whole=False)
    assert codes(part) == ["", "UNABLE_TO_LOCK_ROW", ""]
    assert [r["Id"] for r in anna.rows(ASSIGNED)] == [given[1]]
    assert len(anna.rows(trail)) == 2
    anna.post("/_sim/clock", {"advance": 61})
    assert codes(remove(anna, given, whole=False)) == ["ENTITY_IS_DELETED", "", "ENTITY_IS_DELETED"]


def test_a_locked_record_opens_after_so_many_tries(anna: Caller, given: list[str]) -> None:
    path = f"sobjects/PermissionSetAssignment/{given[0]}"
    anna.post("/_sim/locks", {"row": given[0], "times": 2})
    for _ in range(2):
        refused = anna.call("DELETE", path)
        assert refused.status_code == 400
        assert refused.json()[0]["errorCode"] == "UNABLE_TO_LOCK_ROW"
    assert anna.call("DELETE", path).status_code == 204


def test_a_composite_is_taken_back_as_a_whole(anna: Caller, given: list[str]) -> None:
    calls = [
        {
            "method": "DELETE",
            "url": f"/services/data/v62.0/sobjects/PermissionSetAssignment/{id}",
            "referenceId": f"r{n}",
        }
        for n, id in enumerate([given[0], "0Pa000000000000AAA", given[1]])
    ]
    for whole, statuses, left in ((True, [400, 404, 400], 3), (False, [204, 404, 204], 1)):
        asked = {"allOrNone": whole, "compositeRequest": calls}
        made = anna.post("composite", asked).json()["compositeResponse"]
        assert [r["httpStatusCode"] for r in made] == statuses
        assert len(anna.rows(ASSIGNED)) == left


def test_a_change_is_made_though_its_answer_is_lost_or_an_error(
    anna: Caller, given: list[str]
) -> None:
    for id, fault in (
        (given[0], {"drop_after_commit": True}),
        (given[1], {"error_after_commit": "SERVER_UNAVAILABLE"}),
    ):
        anna.post("/_sim/faults", {"endpoint": f"DELETE .*{id}", "nth": 1} | fault)
        path = f"sobjects/PermissionSetAssignment/{id}"
        if "drop_after_commit" in fault:
            with pytest.raises(requests.ConnectionError):
                anna.call("DELETE", path)
        else:
            assert anna.call("DELETE", path).status_code == 503
        assert anna.call("DELETE", path).json()[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_a_deleted_row_may_be_read_for_a_while(anna: Caller, given: list[str]) -> None:
    anna.post("/_sim/delays", {"reads": 30})
    path = f"sobjects/PermissionSetAssignment/{given[0]}"
    assert anna.call("DELETE", path).status_code == 204
    assert len(anna.rows(ASSIGNED)) == 3
    assert anna.call("DELETE", path).json()[0]["errorCode"] == "ENTITY_IS_DELETED"
    anna.post("/_sim/clock", {"advance": 31})
    assert len(anna.rows(ASSIGNED)) == 2


def test_who_may_change_what(anna: Caller, bert: Caller, given: list[str]) -> None:
    extra = anna.rows("SELECT Id FROM PermissionSet WHERE Name = 'Extra'")[0]["Id"]
    for method, path, body in (
        ("DELETE", f"sobjects/PermissionSetAssignment/{given[1]}", None),
        ("PATCH", f"sobjects/PermissionSet/{extra}", {"PermissionsUseAnyApiClient": False}),
    ):
        refused = bert.call(method, path, json=body)
        assert refused.status_code == 400
        assert refused.json()[0]["errorCode"] == "INSUFFICIENT_ACCESS_OR_READONLY"
        assert anna.call(method, path, json=body).status_code == 204


def test_a_permission_is_taken_from_sets_and_profiles(
    server: OrgServer, anna: Caller, given: list[str]
) -> None:
    extra = anna.rows("SELECT Id FROM PermissionSet WHERE Name = 'Extra'")[0]["Id"]
    anna.post("/_sim/permission", {"permission_set": "Extra", "permission": "UseAnyApiClient"})
    carl = server.people.by_username("carl@example.org") or ""
    assert "UseAnyApiClient" in server.people.permissions(carl)
    values = {"PermissionsUseAnyApiClient": False}
    assert anna.call("PATCH", f"sobjects/PermissionSet/{extra}", json=values).status_code == 204
    assert "UseAnyApiClient" not in server.people.permissions(carl)
    profile = server.people.value(carl, "ProfileId")
    path = f"sobjects/Profile/{profile}"
    assert anna.call("PATCH", path, json={"PermissionsApiEnabled": True}).status_code == 204
    assert anna.call("PATCH", path, json={"PermissionsApiEnabled": False}).status_code == 204
    assert "ApiEnabled" not in server.people.permissions(carl)
    told = anna.rows(
        "SELECT Action, Section, Display FROM SetupAuditTrail WHERE Action != 'createduser'"
    )
    assert [(r["Action"], r["Section"]) for r in told] == [
        ("PermSetDisableUserPerm", "Manage Users"),
        ("profilePermChangedCustom", "Manage Users"),
        ("profilePermChangedCustom", "Manage Users"),
    ]
    assert told[-1]["Display"].endswith("ApiEnabled was changed from enabled to disabled")
