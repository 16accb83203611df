"""The declared objects: what holds for all of them, and the quirks that clients trip over."""

from __future__ import annotations

import pytest

from orgsim.objects import OBJECTS
from orgsim.objects.notation import read_field, read_fields, sobject
from orgsim.objects.permissions import PERMISSIONS
from orgsim.schema import ObjectType

BY_NAME = {t.name: t for t in OBJECTS}


def test_names_are_unique_and_every_prefix_belongs_to_one_object() -> None:
    assert len(BY_NAME) == len(OBJECTS)
    prefixes = [t.prefix for t in OBJECTS if t.prefix]
    assert sorted(prefixes) == sorted(set(prefixes))


@pytest.mark.parametrize("type", OBJECTS, ids=lambda t: t.name)
def test_references_and_children_name_objects_that_exist(type: ObjectType) -> None:
    for field in type.fields:
        assert set(field.reference_to) <= BY_NAME.keys(), field.name
    for child in type.children:
        assert child.field in BY_NAME[child.object].position, child
    for time in (type.event_time, type.created_time):
        assert time is None or time in type.position


def test_login_history_can_be_filtered_by_time_and_not_by_status() -> None:
    fields = BY_NAME["LoginHistory"].by_name
    for name in ("id", "userid", "logintime", "logintype", "loginurl", "countryiso"):
        assert fields[name].filterable, name
    for name in ("status", "browser", "platform", "application", "clientversion", "apitype"):
        assert not fields[name].filterable, name
    assert "own_rows_without:ManageUsers" in BY_NAME["LoginHistory"].quirks
    assert fields["logingeoid"].relationship == "LoginGeo"
    assert fields["userid"].relationship is None


def test_audit_trail_display_and_section_can_be_sorted_but_not_filtered() -> None:
    fields = BY_NAME["SetupAuditTrail"].by_name
    for name in ("display", "section"):
        assert fields[name].sortable
        assert not fields[name].filterable
    assert fields["createdbyid"].nillable
    assert fields["createdbyid"].relationship == "CreatedBy"


def test_log_file_columns_cannot_be_filtered() -> None:
    fields = BY_NAME["EventLogFile"].by_name
    assert fields["logfile"].type == "base64"
    assert fields["logfilelength"].type == "double"
    for name in ("logfile", "logfilefieldnames", "logfilefieldtypes"):
        assert not fields[name].filterable


def test_permissions_are_fields_of_permission_sets_and_profiles() -> None:
    assert len(PERMISSIONS) >= 120
    for name in ("PermissionSet", "Profile"):
        assert all(f"Permissions{p}" in BY_NAME[name].position for p in PERMISSIONS)


def test_quirks_are_names_the_query_layer_knows() -> None:
    known = {"oauth_token_paging", "content_document_link", "one_row_metadata"}
    for type in OBJECTS:
        for quirk in type.quirks:
            assert quirk in known or quirk.startswith("own_rows_without:"), type.name


def test_a_field_is_read_from_its_notation() -> None:
    field = read_field("OwnerId:reference[FGSU]>User|Group")
    assert field.reference_to == ("User", "Group")
    assert field.relationship == "Owner"
    assert field.updateable
    assert not field.createable
    assert read_field("UserId:reference[F]>User/-").relationship is None
    assert read_field("Interval:picklist[FGS]{Daily,Hourly}").values == ("Daily", "Hourly")
    with pytest.raises(ValueError, match="not a field"):
        read_field("NoType")


def test_the_first_of_two_fields_of_one_name_counts() -> None:
    fields = read_fields("@id Id:string Name:string[F]")
    assert [f.name for f in fields] == ["Id", "Name"]
    assert fields[0].type == "id"


def test_an_object_without_created_date_says_so() -> None:
    assert sobject("Thing", "x01", "@id Name:string").created_time is None
