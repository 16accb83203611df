"""Shutting apps out and restricting them, through the Metadata API, read back where it was set."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
import requests

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller
from tests.orgsim.test_metadata import META, soap
from tests.orgsim.test_oauth import Browser, ask, callback, redeem, refused, works

RIGHTS = ("ModifyMetadata", "ManageRemoteAccess", "ManageProfilesPermissionsets")
TRAIL = "SELECT Action, Section, Display FROM SetupAuditTrail WHERE Action != 'createduser'"
XSI = 'xmlns:x="http://www.w3.org/2001/XMLSchema-instance"'
EVERYDAY = {
    "consumerKey": "3MVG9Everyday",
    "consumerName": "Everyday",
    "masterLabel": "Everyday",
}


@pytest.fixture(autouse=True)
def rights(anna: Caller) -> None:
    for permission in RIGHTS:
        anna.post("/_sim/permission", {"user": "anna@example.org", "permission": permission})


def inner(values: dict[str, Any]) -> str:
    return "".join(
        f"<{name}>{inner(v) if isinstance(v, dict) else v}</{name}>" for name, v in values.items()
    )


def write(
    server: OrgServer, who: Caller, verb: str, kind: str, name: str, values: dict[str, Any]
) -> tuple[bool, str]:
    """One component through the Metadata API: whether it was changed, else the status code."""
    body = (
        f'<{verb}Metadata {XSI}><metadata x:type="{kind}"><fullName>{name}</fullName>'
        f"{inner(values)}</metadata></{verb}Metadata>"
    )
    return told(soap(server, who.token, body))


def unblock(server: OrgServer, who: Caller, name: str) -> tuple[bool, str]:
    body = (
        "<deleteMetadata><type>BlacklistedConsumer</type>"
        f"<fullNames>{name}</fullNames></deleteMetadata>"
    )
    return told(soap(server, who.token, body))


def told(answer: Any) -> tuple[bool, str]:
    return (
        answer.findtext(f".//{META}success") == "true",
        answer.findtext(f".//{META}statusCode") or "",
    )


def read(server: OrgServer, who: Caller, kind: str, name: str) -> dict[str, str]:
    body = f"<readMetadata><type>{kind}</type><fullNames>{name}</fullNames></readMetadata>"
    (records,) = soap(server, who.token, body).iter(f"{META}records")
    return {e.tag.removeprefix(META): e.text or "" for e in records.iter() if e is not records}


def blocked(server: OrgServer, who: Caller) -> list[str]:
    body = "<listMetadata><queries><type>BlacklistedConsumer</type></queries></listMetadata>"
    return [e.text or "" for e in soap(server, who.token, body).iter(f"{META}fullName")]


def refresh(server: OrgServer, tokens: dict[str, Any]) -> requests.Response:
    return ask(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


# Blocking ---------------------------------------------------------------------------------


def test_a_blocked_app_is_out_until_it_is_unblocked(server: OrgServer, anna: Caller) -> None:
    tokens = redeem(server)
    assert write(server, anna, "create", "BlacklistedConsumer", "Shut", EVERYDAY) == (True, "")
    assert blocked(server, anna) == ["Shut", "Blocked"]
    assert read(server, anna, "BlacklistedConsumer", "Shut")["consumerKey"] == "3MVG9Everyday"
    assert not works(server, tokens["access_token"])
    assert refused(refresh(server, tokens)) == (
        "OAUTH_APP_BLOCKED",
        "this app is blocked by admin",
    )
    assert "OAUTH_APP_BLOCKED" in Browser(server).open("Everyday").text
    assert len(anna.rows("SELECT AppName FROM OauthToken")) == 1  # the grant is still there
    assert write(server, anna, "create", "BlacklistedConsumer", "Shut", EVERYDAY) == (
        False,
        "DUPLICATE_DEVELOPER_NAME",
    )
    assert unblock(server, anna, "Shut") == (True, "")
    assert blocked(server, anna) == ["Blocked"]
    assert works(server, refresh(server, tokens).json()["access_token"])
    assert unblock(server, anna, "Shut") == (False, "INVALID_CROSS_REFERENCE_KEY")
    assert [(r["Action"], r["Section"]) for r in anna.rows(TRAIL)] == [
        ("blockConnectedApplication", "Connected Apps"),
        ("unblockConnectedApplication", "Connected Apps"),
    ]


def test_blocking_takes_its_time_where_it_is_told_to(server: OrgServer, anna: Caller) -> None:
    anna.post("/_sim/delays", {"apps": 60, "reads": 300, "audit": 30})
    tokens = redeem(server)
    write(server, anna, "create", "BlacklistedConsumer", "Shut", EVERYDAY)
    assert works(server, tokens["access_token"])
    assert refresh(server, tokens).status_code == 200
    assert anna.rows(TRAIL) == []
    anna.post("/_sim/clock", {"advance": 61})
    assert not works(server, tokens["access_token"])
    assert refused(refresh(server, tokens))[0] == "OAUTH_APP_BLOCKED"
    assert blocked(server, anna) == ["Blocked"]  # reads do not show it yet
    assert len(anna.rows(TRAIL)) == 1
    anna.post("/_sim/clock", {"advance": 300})
    assert blocked(server, anna) == ["Shut", "Blocked"]


def test_blocking_may_end_the_grants_too(server: OrgServer, anna: Caller) -> None:
    anna.post("/_sim/unsure", {"block_revokes": True})
    tokens = redeem(server)
    write(server, anna, "create", "BlacklistedConsumer", "Shut", EVERYDAY)
    unblock(server, anna, "Shut")
    assert refused(refresh(server, tokens))[0] == "invalid_grant"


def test_control_lets_in_what_metadata_shut_out(server: OrgServer, anna: Caller) -> None:
    write(server, anna, "create", "BlacklistedConsumer", "Shut", EVERYDAY)
    anna.post("/_sim/app", {"name": "Everyday", "blocked": False})
    assert blocked(server, anna) == ["Blocked"]
    anna.post("/_sim/app", {"name": "Everyday", "blocked": True})
    assert blocked(server, anna) == ["Everyday", "Blocked"]
    assert unblock(server, anna, "Everyday") == (True, "")


def test_a_consumer_the_org_does_not_know_can_be_shut_out(server: OrgServer, anna: Caller) -> None:
    values = EVERYDAY | {"consumerKey": "3MVG9Elsewhere"}
    assert write(server, anna, "upsert", "BlacklistedConsumer", "Other", values) == (True, "")
    assert "Other" in blocked(server, anna)
    twice = write(server, anna, "create", "BlacklistedConsumer", "Twin", values)
    assert twice == (False, "DUPLICATE_VALUE")
    lacking = write(server, anna, "create", "BlacklistedConsumer", "No", {"masterLabel": "No"})
    assert lacking == (False, "REQUIRED_FIELD_MISSING")


def test_who_may_not_manage_apps_is_refused_each_component(server: OrgServer, anna: Caller) -> None:
    asked = {"user": "anna@example.org", "permission": "ManageRemoteAccess", "value": False}
    anna.post("/_sim/permission", asked)
    code = "INSUFFICIENT_ACCESS_OR_READONLY"
    made = write(server, anna, "create", "BlacklistedConsumer", "Shut", EVERYDAY)
    assert made == (False, code)
    assert unblock(server, anna, "Blocked") == (False, code)
    assert blocked(server, anna) == ["Blocked"]


def test_machines_meet_the_block_and_login_history_tells() -> None:
    org = standin.make_org(speed=1)
    with standin.serving(org) as server:
        anna = Caller(server, "anna@example.org")
        for permission in RIGHTS:
            anna.post("/_sim/permission", {"user": "anna@example.org", "permission": permission})
        values = EVERYDAY | {"consumerKey": "3MVG9Robot", "consumerName": "Robot"}
        write(server, anna, "create", "BlacklistedConsumer", "Robot", values)
        assert refused(ask(server, "Robot", grant_type="client_credentials"))[0] == (
            "OAUTH_APP_BLOCKED"
        )
        table = org.store["LoginHistory"]
        last = len(table.rows) - 1
        shown = [table.value(last, n) for n in ("Application", "LoginSubType", "Status")]
        assert shown == ["Robot", "OAuth Client Credentials", "Failed: OAuth API Access Disabled"]


# Restricting ------------------------------------------------------------------------------


@pytest.fixture
def application(server: OrgServer) -> str:
    """Everyday as an installed app, with its row."""
    id = standin.add(server.org, "ConnectedApplication", Name="Everyday")
    server.org.apps["3MVG9Everyday"].application_id = id
    return id


def approve_extra(server: OrgServer, application: str, name: str) -> tuple[str, str]:
    """A permission set that may use the app, given to somebody; ids of access and assignment."""
    org = server.org
    extra = standin.add(org, "PermissionSet", Name="Extra", Label="Extra", IsCustom=True)
    user = server.people.by_username(f"{name}@example.org")
    access = standin.add(
        org,
        "SetupEntityAccess",
        ParentId=extra,
        SetupEntityId=application,
        SetupEntityType="ConnectedApplication",
    )
    given = standin.add(org, "PermissionSetAssignment", AssigneeId=user, PermissionSetId=extra)
    return access, given


def test_a_restricted_app_is_for_approved_people_only(
    server: OrgServer, anna: Caller, application: str
) -> None:
    access, _ = approve_extra(server, application, "bert")
    of_anna, of_bert = redeem(server), redeem(server, name="bert")
    values = {"oauthConfig": {"isAdminApproved": "true"}}
    assert write(server, anna, "update", "ConnectedApp", "Everyday", values) == (True, "")
    assert read(server, anna, "ConnectedApp", "Everyday")["isAdminApproved"] == "true"
    row = anna.rows("SELECT OptionsAllowAdminApprovedUsersOnly FROM ConnectedApplication")[0]
    assert row["OptionsAllowAdminApprovedUsersOnly"] is True
    assert refused(refresh(server, of_anna))[0] == "invalid_app_access"
    assert works(server, of_anna["access_token"])  # it lives on until it ends
    assert refresh(server, of_bert).status_code == 200
    page = Browser(server)
    assert callback(page.sign_in(page.open("Everyday")))["error"] == "OAUTH_APP_ACCESS_DENIED"
    told = anna.rows(TRAIL)[-1]
    assert (told["Action"], told["Section"]) == ("changeUserRuntimeAccessPolicy", "Application")
    assert "from All users may self-authorize to Admin approved users" in told["Display"]
    # What an administrator approved is taken back.
    assert anna.call("DELETE", f"sobjects/SetupEntityAccess/{access}").status_code == 204
    assert refused(refresh(server, of_bert))[0] == "invalid_app_access"
    action = "SetupEntityAccessAudit_PermissionSet_ConnectedApplication_Disabled"
    assert anna.rows(TRAIL)[-1]["Action"] == action
    again = anna.call("DELETE", f"sobjects/SetupEntityAccess/{access}")
    assert again.json()[0]["errorCode"] == "ENTITY_IS_DELETED"


def test_restricting_may_end_the_sessions_of_the_others(
    server: OrgServer, anna: Caller, application: str
) -> None:
    anna.post("/_sim/unsure", {"restrict_ends": True})
    approve_extra(server, application, "bert")
    of_anna, of_bert = redeem(server), redeem(server, name="bert")
    values = {"oauthConfig": {"isAdminApproved": "true"}}
    write(server, anna, "update", "ConnectedApp", "Everyday", values)
    assert not works(server, of_anna["access_token"])
    assert works(server, of_bert["access_token"])


def test_who_may_use_an_app_is_set_as_a_list(
    server: OrgServer, anna: Caller, application: str
) -> None:
    approve_extra(server, application, "bert")
    profile = "Carl's profile"
    for values, sets, profiles in (
        ({"profileName": profile}, "Extra", profile),
        ({"permissionsetName": ""}, None, profile),
        ({"permissionsetName": "Extra", "profileName": ""}, "Extra", None),
    ):
        assert write(server, anna, "update", "ConnectedApp", "Everyday", values) == (True, "")
        found = read(server, anna, "ConnectedApp", "Everyday")
        assert (found.get("permissionsetName"), found.get("profileName")) == (sets, profiles)
    unknown = write(
        server, anna, "update", "ConnectedApp", "Everyday", {"permissionsetName": "None"}
    )
    assert unknown == (False, "INVALID_CROSS_REFERENCE_KEY")


def test_policies_of_refresh_tokens_and_addresses(
    server: OrgServer, anna: Caller, application: str
) -> None:
    tokens = redeem(server)
    anna.post("/_sim/user", {"user": "anna@example.org", "login_from": ["192.0.2.1"]})
    assert refused(refresh(server, tokens))[1] == "ip restricted"
    values = {"oauthPolicy": {"ipRelaxation": "BYPASS", "refreshTokenPolicy":
                              "specific_inactivity:2:DAYS"}}  # fmt: skip
    assert write(server, anna, "update", "ConnectedApp", "Everyday", values) == (True, "")
    assert refresh(server, tokens).status_code == 200
    found = read(server, anna, "ConnectedApp", "Everyday")
    assert found["refreshTokenPolicy"] == "specific_inactivity:48:HOURS"
    assert (
        anna.rows("SELECT RefreshTokenValidityPeriod FROM ConnectedApplication")[0][
            "RefreshTokenValidityPeriod"
        ]
        == 48
    )
    assert anna.rows(TRAIL)[-1]["Action"] == "changeIpRelaxationPolicy"
    wrong = {"oauthPolicy": {"ipRelaxation": "ENFORCE", "refreshTokenPolicy": "sometimes"}}
    assert write(server, anna, "update", "ConnectedApp", "Everyday", wrong) == (
        False,
        "INVALID_FIELD",
    )
    assert read(server, anna, "ConnectedApp", "Everyday")["ipRelaxation"] == "BYPASS"
    zero = {"oauthPolicy": {"refreshTokenPolicy": "zero"}}
    assert write(server, anna, "update", "ConnectedApp", "Everyday", zero) == (True, "")
    assert refused(refresh(server, tokens))[0] == "invalid_grant"


def test_an_external_client_app_is_switched_off_and_on(server: OrgServer, anna: Caller) -> None:
    token = ask(server, "Robot", grant_type="client_credentials").json()["access_token"]
    assert works(server, token)
    off, on = {"isEnabled": "false"}, {"isOauthPluginEnabled": "true"}
    assert write(server, anna, "update", "ExternalClientApplication", "Robot", off)[0]
    assert read(server, anna, "ExternalClientApplication", "Robot")["isEnabled"] == "false"
    assert not works(server, token)
    answer = refused(ask(server, "Robot", grant_type="client_credentials"))
    assert answer[0] == "OAUTH_EC_APP_NOT_FOUND"
    anna.post("/_sim/app", {"name": "Robot", "disabled_as": "invalid_client_id"})
    answer = refused(ask(server, "Robot", grant_type="client_credentials"))
    assert answer[0] == "invalid_client_id"
    assert write(server, anna, "update", "ExtlClntAppConfigurablePolicies", "Robot", on)[0]
    assert ask(server, "Robot", grant_type="client_credentials").status_code == 200
    policies = {"externalClientApplication": "Robot", "refreshTokenPolicyType": "SpecificLifetime",
                "refreshTokenValidityPeriod": 3, "refreshTokenValidityUnit": "Days",
                "permittedUsersPolicyType": "AdminApprovedPreAuthorized"}  # fmt: skip
    kind = "ExtlClntAppOauthConfigurablePolicies"
    assert write(server, anna, "update", kind, "Robot_oauthPolicy", policies) == (True, "")
    found = read(server, anna, kind, "Robot")
    assert found["permittedUsersPolicyType"] == "AdminApprovedPreAuthorized"
    assert (found["refreshTokenPolicyType"], found["refreshTokenValidityPeriod"]) == (
        "SpecificLifetime",
        "72",
    )


def test_api_access_control_lets_in_approved_apps_only(
    server: OrgServer, anna: Caller, application: str
) -> None:
    approve_extra(server, application, "bert")
    of_anna, of_bert = redeem(server), redeem(server, name="bert")
    switch = {"enableAdminApprovedAppsOnly": "true"}
    changed = write(server, anna, "update", "ConnectedAppSettings", "ConnectedApp", switch)
    assert changed == (True, "")
    assert (
        read(server, anna, "ConnectedAppSettings", "ConnectedApp")["enableAdminApprovedAppsOnly"]
        == "true"
    )
    assert refused(refresh(server, of_anna))[0] == "OAUTH_APP_BLOCKED"
    assert refresh(server, of_bert).status_code == 200
    anna.post("/_sim/permission", {"user": "anna@example.org", "permission": "UseAnyApiClient"})
    assert refresh(server, of_anna).status_code == 200


def test_permissions_are_taken_by_metadata(server: OrgServer, anna: Caller) -> None:
    carl = server.people.by_username("carl@example.org") or ""
    values = {"userPermissions": {"name": "ApproveUninstalledConnectedApps", "enabled": "true"}}
    name = "Carl's profile"
    assert write(server, anna, "update", "Profile", name, values) == (True, "")
    assert "ApproveUninstalledConnectedApps" in server.people.permissions(carl)
    values["userPermissions"]["enabled"] = "false"
    assert write(server, anna, "update", "Profile", name, values) == (True, "")
    assert "ApproveUninstalledConnectedApps" not in server.people.permissions(carl)
    assert [r["Action"] for r in anna.rows(TRAIL)] == ["profilePermChangedCustom"] * 2
    lost = write(server, anna, "update", "Profile", "None", values)
    assert lost == (False, "INVALID_CROSS_REFERENCE_KEY")


# Deployments ------------------------------------------------------------------------------

HEAD = '<?xml version="1.0" encoding="UTF-8"?>'
SPACE = 'xmlns="http://soap.sforce.com/2006/04/metadata"'


def manifest(*members: str, kind: str = "BlacklistedConsumer") -> str:
    named = "".join(f"<members>{m}</members>" for m in members)
    types = f"<types>{named}<name>{kind}</name></types>" if members else ""
    return f"{HEAD}<Package {SPACE}>{types}<version>62.0</version></Package>"


def deploy(who: Caller, files: dict[str, str], **options: Any) -> dict[str, Any]:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zip:
        for name, text in files.items():
            zip.writestr(name, text)
    parts = {
        "json": (None, json.dumps({"deployOptions": options}), "application/json"),
        "file": ("deploy.zip", packed.getvalue(), "application/zip"),
    }
    answer = who.call("POST", "metadata/deployRequest", files=parts)
    assert answer.status_code == 201, answer.text
    return status(who, answer.json()["id"])


def status(who: Caller, id: str) -> dict[str, Any]:
    path = f"metadata/deployRequest/{id}?includeDetails=true"
    made: dict[str, Any] = who.get(path).json()["deployResult"]
    return made


def consumer(**values: str) -> str:
    told = inner(EVERYDAY | values)
    return f"{HEAD}<BlacklistedConsumer {SPACE}>{told}</BlacklistedConsumer>"


def test_a_block_is_deployed_checked_first_and_taken_back(server: OrgServer, anna: Caller) -> None:
    files = {
        "package.xml": manifest("Shut"),
        "blacklistedConsumers/Shut.blacklistedConsumer": consumer(),
    }
    checked = deploy(anna, files, checkOnly=True)
    assert (checked["status"], checked["checkOnly"]) == ("Succeeded", True)
    assert blocked(server, anna) == ["Blocked"]
    assert anna.rows(TRAIL) == []
    made = deploy(anna, files)
    assert (made["status"], made["numberComponentsDeployed"]) == ("Succeeded", 1)
    assert made["details"]["componentSuccesses"][0]["created"] is True
    assert blocked(server, anna) == ["Shut", "Blocked"]
    files = {"package.xml": manifest(), "destructiveChanges.xml": manifest("Shut")}
    for problem in (None, "No BlacklistedConsumer named: Shut found"):
        gone = deploy(anna, files)
        assert gone["status"] == "Succeeded"
        assert gone["details"]["componentSuccesses"][0].get("problem") == problem
    assert blocked(server, anna) == ["Blocked"]


def test_a_package_is_deployed_by_soap_too(server: OrgServer, anna: Caller) -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as zip:
        zip.writestr("package.xml", manifest("Shut"))
        zip.writestr("blacklistedConsumers/Shut.blacklistedConsumer", consumer())
    text = base64.b64encode(packed.getvalue()).decode()
    begun = soap(server, anna.token, f"<deploy><ZipFile>{text}</ZipFile></deploy>")
    id = begun.findtext(f".//{META}id")
    body = f"<checkDeployStatus><asyncProcessId>{id}</asyncProcessId></checkDeployStatus>"
    assert soap(server, anna.token, body).findtext(f".//{META}status") == "Succeeded"
    assert blocked(server, anna) == ["Shut", "Blocked"]


def test_a_deployment_fails_as_a_whole_or_in_part_and_takes_its_time(
    server: OrgServer, anna: Caller
) -> None:
    files = {
        "package.xml": manifest("Shut", "Bad"),
        "blacklistedConsumers/Shut.blacklistedConsumer": consumer(),
        "blacklistedConsumers/Bad.blacklistedConsumer": consumer(consumerKey=""),
    }
    failed = deploy(anna, files)
    assert (failed["status"], failed["numberComponentErrors"]) == ("Failed", 1)
    assert blocked(server, anna) == ["Blocked"]
    anna.post("/_sim/delays", {"deploy": 20})
    begun = deploy(anna, files, rollbackOnError=False)
    assert (begun["status"], begun["done"]) == ("InProgress", False)
    anna.post("/_sim/clock", {"advance": 21})
    ended = status(anna, begun["id"])
    assert (ended["status"], ended["done"]) == ("SucceededPartial", True)
    assert blocked(server, anna) == ["Shut", "Blocked"]
    begun = deploy(anna, {"package.xml": manifest(), "destructiveChanges.xml": manifest("Shut")})
    path = f"metadata/deployRequest/{begun['id']}"
    answer = anna.call("PATCH", path, json={"deployResult": {"status": "Canceling"}})
    assert answer.json()["deployResult"]["status"] == "Canceled"
    anna.post("/_sim/clock", {"advance": 21})
    assert blocked(server, anna) == ["Shut", "Blocked"]


def test_a_package_says_what_is_wrong_with_it(anna: Caller, bert: Caller) -> None:
    lacking = deploy(anna, {"package.xml": manifest("Shut")})
    assert (
        "was not found in zipped directory" in lacking["details"]["componentFailures"][0]["problem"]
    )
    parts = {"file": ("deploy.zip", b"no zip", "application/zip")}
    for who, files, code in (
        (anna, parts, (400, "INVALID_PACKAGE")),
        (anna, {"json": (None, "{}")}, (400, "INVALID_MULTIPART_REQUEST")),
        (bert, parts, (403, "INSUFFICIENT_ACCESS")),
    ):
        answer = who.call("POST", "metadata/deployRequest", files=files)
        assert (answer.status_code, answer.json()[0]["errorCode"]) == code
