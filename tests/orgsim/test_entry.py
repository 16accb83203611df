"""Who is let in and where the org lives: addresses, hours, containment, moves, and app policies."""

from __future__ import annotations

from typing import Any

import pytest
import requests

from orgsim.oauth.pages import PASSWORD
from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller
from tests.orgsim.test_metadata import soap
from tests.orgsim.test_oauth import Browser, ask, redeem, refused, works
from tests.orgsim.test_other_ways_in import connect, device, login
from tests.orgsim.worlds import make, rows
from tests.support.postgres import free_port

HERE, THERE = "198.51.100.7", "203.0.113.9"


def tell(server: OrgServer, path: str, **body: Any) -> requests.Response:
    return requests.post(f"{server.base_url}/_sim/{path}", json=body, timeout=10)


def robot(server: OrgServer) -> requests.Response:
    """The client credentials flow of the app that runs as Robot."""
    form = {"grant_type": "client_credentials", "client_id": "3MVG9Robot"}
    form["client_secret"] = "secret-of-Robot"
    return requests.post(f"{server.base_url}/services/oauth2/token", data=form, timeout=10)


def renew(server: OrgServer, token: str, app: str = "Everyday") -> requests.Response:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": token,
        "client_id": f"3MVG9{app}",
        "client_secret": f"secret-of-{app}",
    }
    return requests.post(f"{server.base_url}/services/oauth2/token", data=form, timeout=10)


GONE = ("invalid_grant", "expired access/refresh token")


# Users ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"active": False}, "inactive user"),
        ({"frozen": True}, "user is locked"),
        ({"password_locked": True}, "user is locked"),
        ({"login_hours": False}, "ip restricted or invalid login hours"),
        ({"login_from": ["192.0.2.0/24"]}, "ip restricted"),
    ],
    ids=str,
)
def test_a_user_who_may_not_sign_in_is_refused_until_that_ends(
    server: OrgServer, change: dict[str, Any], said: str
) -> None:
    name = "robot@example.org"
    assert robot(server).status_code == 200
    tell(server, "user", user=name, **change).raise_for_status()
    assert refused(robot(server)) == ("invalid_grant", said)
    (switch,) = change
    back: Any = [] if switch == "login_from" else switch in ("active", "login_hours")
    tell(server, "user", user=name, **{switch: back}).raise_for_status()
    assert robot(server).status_code == 200


@pytest.mark.parametrize(
    "change",
    [{"frozen": True}, {"password_locked": True}, {"login_hours": False}, {"active": False}],
    ids=str,
)
def test_who_may_not_sign_in_comes_in_by_no_door(server: OrgServer, change: dict[str, Any]) -> None:
    codes, browser = device(server, "Everyday"), Browser(server)
    tell(server, "user", user="anna@example.org", **change).raise_for_status()
    assert "password" in browser.sign_in(browser.open("Everyday")).text
    assert "check your username" in connect(server, codes).text
    assert "INVALID_LOGIN" in login(server, "anna", PASSWORD).text
    poll = {"grant_type": "device", "code": codes["device_code"]}
    assert refused(ask(server, **poll))[0] == "authorization_pending"


def test_a_person_at_the_sign_in_page_is_seen_from_a_risky_address(server: OrgServer) -> None:
    tell(server, "network", seen_from=[THERE], risky=[THERE]).raise_for_status()
    browser = Browser(server)
    assert "is frozen" in browser.sign_in(browser.open("Everyday")).text


def test_a_contained_user_is_frozen_and_every_grant_and_session_is_gone(
    server: OrgServer, anna: Caller
) -> None:
    made = redeem(server)
    tell(server, "user", user="anna@example.org", contained=True).raise_for_status()
    assert not works(server, made["access_token"])
    assert refused(renew(server, made["refresh_token"])) == GONE
    tell(server, "user", user="anna@example.org", contained=False).raise_for_status()
    # Unfreezing brings no grant back.
    assert refused(renew(server, made["refresh_token"])) == GONE
    assert works(server, redeem(server)["access_token"])


def test_a_risky_address_contains_whoever_comes_from_it(server: OrgServer) -> None:
    token = robot(server).json()["access_token"]
    assert works(server, token)
    tell(server, "network", seen_from=[THERE], risky=["203.0.113.0/24"]).raise_for_status()
    assert not works(server, token)
    tell(server, "network", seen_from=[HERE]).raise_for_status()
    assert refused(robot(server)) == ("invalid_grant", "user is locked")
    tell(server, "user", user="robot@example.org", contained=False).raise_for_status()
    assert robot(server).status_code == 200
    tell(server, "network", seen_from=[THERE]).raise_for_status()
    # It repeats on every new connection from there.
    assert refused(robot(server)) == ("invalid_grant", "user is locked")


def test_a_session_locked_to_its_address_dies_when_the_address_changes(server: OrgServer) -> None:
    tell(server, "network", seen_from=[HERE, THERE]).raise_for_status()
    free = robot(server).json()["access_token"]
    assert works(server, free)
    switch = {"sessionSettings": {"lockSessionsToIp": True}}
    tell(server, "settings", type="SecuritySettings", values=switch).raise_for_status()
    tell(server, "network", seen_from=[HERE]).raise_for_status()
    token = robot(server).json()["access_token"]
    assert works(server, token)
    tell(server, "network", seen_from=[THERE]).raise_for_status()
    assert not works(server, token)


def test_a_session_without_the_api_scope_is_not_one_for_the_rest_api(server: OrgServer) -> None:
    tell(server, "app", name="Robot", scopes=["id"]).raise_for_status()
    token = robot(server).json()["access_token"]
    answer = requests.get(
        f"{server.base_url}/services/data/v62.0/limits",
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert answer.status_code == 401
    assert answer.json()[0]["message"] == "This session is not valid for use with the REST API"


# Apps -------------------------------------------------------------------------------------


@pytest.mark.parametrize("error", ["invalid_client_id", "invalid_client", "invalid_grant"])
def test_a_change_of_an_app_is_known_after_its_minutes(server: OrgServer, error: str) -> None:
    tell(server, "app", name="Robot", settles="PT10M", settles_as=error).raise_for_status()
    tell(server, "clock", advance="PT9M")
    assert refused(robot(server))[0] == error
    tell(server, "clock", advance="PT2M")
    assert robot(server).status_code == 200


@pytest.mark.parametrize(
    ("change", "error"),
    [
        ({"deleted": True}, "invalid_client_id"),
        ({"blocked": True}, "OAUTH_APP_BLOCKED"),
        ({"installed": False}, "OAUTH_EC_APP_NOT_FOUND"),
        ({"flows": []}, "invalid_grant"),
        ({"run_as": None}, "invalid_grant"),
        ({"consumer_secret": "another"}, "invalid_client"),
    ],
    ids=str,
)
def test_what_befalls_an_app_is_answered_by_the_token_endpoint(
    server: OrgServer, change: dict[str, Any], error: str
) -> None:
    tell(server, "app", name="Robot", **change).raise_for_status()
    assert refused(robot(server))[0] == error


def test_a_refresh_token_ends_unused_or_too_old(server: OrgServer) -> None:
    tell(server, "app", name="Everyday", refresh_idle="P30D").raise_for_status()
    token = redeem(server)["refresh_token"]
    tell(server, "clock", advance="P20D")
    assert renew(server, token).status_code == 200
    tell(server, "clock", advance="P20D")  # used meanwhile, so it lives
    assert renew(server, token).status_code == 200
    tell(server, "clock", advance="P31D")
    assert refused(renew(server, token)) == GONE
    tell(server, "app", name="Everyday", refresh_idle=None, refresh_life="PT1H").raise_for_status()
    token = redeem(server)["refresh_token"]
    tell(server, "clock", advance="PT50M")
    assert renew(server, token).status_code == 200
    tell(server, "clock", advance="PT20M")
    assert refused(renew(server, token)) == GONE


def test_a_refresh_token_is_redeemed_from_allowed_addresses_only(server: OrgServer) -> None:
    token = redeem(server)["refresh_token"]
    tell(server, "app", name="Everyday", refresh_addresses=[HERE]).raise_for_status()
    assert refused(renew(server, token)) == ("invalid_grant", "ip restricted")
    tell(server, "network", seen_from=[HERE]).raise_for_status()
    assert renew(server, token).status_code == 200
    # Client credentials redeem no refresh token.
    tell(server, "network", seen_from=[THERE]).raise_for_status()
    assert robot(server).status_code == 200


def test_five_more_approvals_push_the_oldest_out(server: OrgServer) -> None:
    token = redeem(server)["refresh_token"]
    more = tell(server, "approvals", name="Everyday", user="anna@example.org", count=4)
    assert more.json() == {"live": 5}
    assert renew(server, token).status_code == 200
    tell(server, "approvals", name="Everyday", user="anna@example.org").raise_for_status()
    assert refused(renew(server, token)) == GONE


def test_an_access_token_lives_as_long_as_its_app_says(server: OrgServer) -> None:
    tell(server, "app", name="Robot", session="PT15M").raise_for_status()
    token = robot(server).json()["access_token"]
    tell(server, "clock", advance="PT14M")
    assert works(server, token)
    tell(server, "clock", advance="PT16M")
    assert not works(server, token)


# The org ----------------------------------------------------------------------------------


def test_an_org_that_moved_names_its_new_address_and_the_old_one_leads_there(
    server: OrgServer, anna: Caller
) -> None:
    old = server.base_url
    new = old.replace("127.0.0.1", "localhost")
    tell(server, "org", url=new).raise_for_status()
    there = requests.get(f"{old}/services/data/v62.0/limits?a=b", allow_redirects=False, timeout=10)
    assert there.status_code == 302
    assert there.headers["Location"] == f"{new}/services/data/v62.0/limits?a=b"
    assert robot(server).json()["instance_url"] == new
    requests.post(f"{old}/_sim/org", json={"old_host": "gone"}, timeout=10).raise_for_status()
    assert requests.get(f"{old}/services/data", timeout=10).status_code == 404
    requests.post(f"{old}/_sim/org", json={"old_host": "works"}, timeout=10).raise_for_status()
    assert requests.get(f"{old}/services/data", timeout=10).status_code == 200


def test_a_refreshed_sandbox_is_another_org(server: OrgServer) -> None:
    before = robot(server).json()
    tell(server, "org", refreshed=False).raise_for_status()
    assert works(server, before["access_token"])
    made = redeem(server)
    tell(server, "org", refreshed=True).raise_for_status()
    assert not works(server, before["access_token"])
    assert refused(renew(server, made["refresh_token"])) == GONE
    after = robot(server).json()
    assert works(server, after["access_token"])
    assert before["id"].split("/")[-2] != after["id"].split("/")[-2]


def test_editions_without_the_api_and_suspended_orgs(server: OrgServer, anna: Caller) -> None:
    tell(server, "org", edition="Professional Edition").raise_for_status()
    assert anna.get("limits").json()[0]["errorCode"] == "API_DISABLED_FOR_ORG"
    tell(server, "org", api=True).raise_for_status()
    assert anna.get("limits").status_code == 200
    tell(server, "org", locked=True).raise_for_status()
    assert anna.get("limits").status_code == 401
    assert refused(robot(server))[0] == "inactive_org"


def test_no_api_means_none_of_the_apis(server: OrgServer, anna: Caller) -> None:
    tell(server, "org", api=False).raise_for_status()
    assert anna.get("limits").json()[0]["errorCode"] == "API_DISABLED_FOR_ORG"
    fault = soap(server, anna.token, "<listMetadata/>").findtext(".//faultcode")
    assert fault == "sf:API_DISABLED_FOR_ORG"
    assert "API_DISABLED_FOR_ORG" in login(server, "anna", PASSWORD).text


def test_content_deliveries_off_take_their_object_away(server: OrgServer, anna: Caller) -> None:
    query = "SELECT COUNT() FROM ContentDistribution"
    assert anna.soql(query)["totalSize"] == 0
    off = {"enableContentDistribution": False}
    tell(server, "settings", type="ContentSettings", values=off).raise_for_status()
    assert anna.soql(query)[0]["errorCode"] == "INVALID_TYPE"
    assert anna.get("sobjects/ContentDistribution/describe").status_code == 404
    named = [o["name"] for o in anna.get("sobjects").json()["sobjects"]]
    assert "ContentDistribution" not in named
    wrong = tell(server, "settings", type="ContentSettings", values={"nothing": True})
    assert wrong.status_code == 400


def test_fields_of_rows_change_on_command(server: OrgServer, anna: Caller) -> None:
    changed = {"UserPermissionsSFContentUser": True, "LanguageLocaleKey": "de"}
    answer = tell(server, "change", object="User", row="robot@example.org", values=changed)
    assert answer.json() == {"changed": 1}
    text = "SELECT LanguageLocaleKey, UserPermissionsSFContentUser FROM User WHERE Username = "
    (row,) = anna.rows(f"{text}'robot@example.org'")
    assert (row["LanguageLocaleKey"], row["UserPermissionsSFContentUser"]) == ("de", True)
    assert tell(server, "change", object="User", row="nobody", values=changed).status_code == 404


def test_a_reset_takes_everything_back_but_time_and_rows(server: OrgServer, anna: Caller) -> None:
    before = robot(server).json()["instance_url"]
    name = "robot@example.org"
    tell(server, "user", user=name, contained=True, active=False, login_hours=False)
    tell(server, "app", name="Robot", deleted=True, run_as=None, settles="PT10M", flows=[])
    tell(server, "org", edition="Professional Edition", locked=True, old_host="gone")
    tell(server, "network", seen_from=[THERE], risky=[THERE])
    tell(server, "permission", user=name, permission="ApiEnabled", value=False)
    tell(server, "faults", error="UNKNOWN_EXCEPTION")
    off = {"sessionSettings": {"lockSessionsToIp": True}}
    tell(server, "settings", type="SecuritySettings", values=off)
    new = server.base_url.replace("127.0.0.1", "localhost")
    tell(server, "org", url=new)
    requests.post(f"{before}/_sim/reset", timeout=10).raise_for_status()
    made = robot(server).json()
    assert made["instance_url"] == before
    assert works(server, made["access_token"])
    assert server.org.settings["SecuritySettings"]["sessionSettings"]["lockSessionsToIp"] is False


def test_a_reset_gives_rows_what_they_held() -> None:
    org = make(users=10, days=2, port=free_port(), speed=0)
    objects = ("Organization", "User", "UserLogin", "PermissionSet")
    logins, users = org.store["UserLogin"], org.store["User"]
    logins.update(1, {"IsFrozen": True})  # by an administrator of theirs
    users.update(1, {"IsActive": False})
    with standin.serving(org) as server:
        before = {name: rows(org, name) for name in objects}
        names = [users.value(at, "Username") for at in range(3)]
        tell(server, "org", edition="Developer Edition", sandbox=True).raise_for_status()
        tell(server, "user", user=names[0], contained=True, active=False).raise_for_status()
        tell(server, "user", user=names[1], frozen=False, active=True).raise_for_status()
        changed = {"LanguageLocaleKey": "de"}
        tell(server, "change", object="User", row=names[2], values=changed).raise_for_status()
        changed = {"LanguageLocaleKey": "fr"}
        tell(server, "change", object="User", row=names[2], values=changed).raise_for_status()
        taken = {"permission_set": "Orgwarden Collector", "permission": "ViewSetup"}
        tell(server, "permission", **taken, value=False).raise_for_status()
        tell(server, "quota", used=90, limit=100).raise_for_status()
        assert all(before[name] != rows(org, name) for name in objects)
        tell(server, "org", refreshed=True).raise_for_status()
        tell(server, "reset").raise_for_status()
        before["Organization"][0]["Id"] = org.id
        assert {name: rows(org, name) for name in objects} == before
        assert server.quota.limit == org.options.daily_api_limit


def test_every_token_and_code_given_out_is_named(server: OrgServer) -> None:
    codes = device(server, "Everyday")
    made = redeem(server)
    told = requests.get(f"{server.base_url}/_sim/secrets", timeout=10).json()["secrets"]
    named = {(secret["kind"], secret["value"]) for secret in told}
    assert named >= {
        ("device code", codes["device_code"]),
        ("access token", made["access_token"]),
        ("refresh token", made["refresh_token"]),
        ("identity token", made["id_token"]),
        ("consumer secret", "secret-of-Robot"),
    }


# Control and pages of other sites ---------------------------------------------------------


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Host": "evil.example"},
    ],
    ids=str,
)
def test_a_page_of_another_site_controls_nothing(
    server: OrgServer, headers: dict[str, str]
) -> None:
    url = f"{server.base_url}/_sim/token"
    assert requests.get(url, timeout=10).status_code == 200
    refusal = requests.get(url, headers=headers, timeout=10)
    assert refusal.status_code == 403
    assert "access_token" not in refusal.text
    own = requests.get(url, headers={"Origin": server.base_url}, timeout=10)
    assert own.status_code == 200


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("app", {"name": "Robot", "colour": "red"}),
        ("app", {"name": "Robot", "blocked": 1}),
        ("app", {"name": "Robot", "flows": ["password"]}),
        ("app", {"name": "Robot", "settles_as": "busy"}),
        ("app", {"name": "Robot", "settles": "soon"}),
        ("app", {"name": "Robot", "refresh_addresses": ["home"]}),
        ("user", {"user": "robot@example.org", "colour": "red"}),
        ("user", {"user": "robot@example.org", "frozen": "yes"}),
        ("user", {"user": "robot@example.org", "login_from": ["home"]}),
        ("org", {"colour": "red"}),
        ("org", {"url": "nowhere"}),
        ("org", {"old_host": "haunted"}),
        ("network", {"seen_from": ["home"]}),
        ("network", {"seen_from": ["192.0.2.0/24"]}),
        ("network", {"colour": "red"}),
        ("settings", {"type": "NoSettings", "values": {}}),
        ("approvals", {"name": "Robot", "user": "robot@example.org", "count": 0}),
    ],
    ids=str,
)
def test_what_control_does_not_understand_is_refused_in_words(
    server: OrgServer, path: str, body: dict[str, Any]
) -> None:
    answer = tell(server, path, **body)
    assert answer.status_code == 400
    assert answer.json()[0]["errorCode"] == "SIM"
