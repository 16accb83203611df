"""Ending what an app was given: grants, access tokens, sessions, at once and with delays."""

from __future__ import annotations

from typing import Any

import requests

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller
from tests.orgsim.test_oauth import ask, redeem, refused, works

GRANTS = "SELECT AppName, UserId, CreatedDate, DeleteToken FROM OauthToken ORDER BY CreatedDate"


def revoke(server: OrgServer, token: str, method: str = "POST") -> requests.Response:
    url = f"{server.base_url}/services/oauth2/revoke"
    if method == "GET":
        return requests.get(url, params={"token": token}, timeout=10)
    return requests.post(url, data={"token": token}, timeout=10)


def refresh(server: OrgServer, tokens: dict[str, Any]) -> requests.Response:
    return ask(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"])


def test_a_grant_ends_by_its_delete_token_in_either_way_and_once(
    server: OrgServer, anna: Caller
) -> None:
    for method in ("POST", "GET"):
        tokens = redeem(server)
        (row,) = anna.rows(GRANTS)
        answer = revoke(server, row["DeleteToken"], method)
        assert (answer.status_code, answer.content) == (200, b"")
        assert not works(server, tokens["access_token"])
        assert refused(refresh(server, tokens))[1] == "expired access/refresh token"
        assert anna.rows(GRANTS) == []
        assert anna.soql(GRANTS, "queryAll")["totalSize"] == 0
        assert refused(revoke(server, row["DeleteToken"], method)) == (
            "invalid_token",
            "invalid token",
        )


def test_a_revoked_access_token_leaves_the_grant(server: OrgServer, anna: Caller) -> None:
    tokens = redeem(server)
    assert revoke(server, tokens["access_token"]).status_code == 200
    assert not works(server, tokens["access_token"])
    assert len(anna.rows(GRANTS)) == 1
    assert works(server, refresh(server, tokens).json()["access_token"])


def test_access_tokens_and_reads_may_lag_behind_a_revocation(
    server: OrgServer, anna: Caller
) -> None:
    anna.post("/_sim/delays", {"tokens": "PT30M", "reads": 90})
    tokens = redeem(server)
    delete_token = anna.rows(GRANTS)[0]["DeleteToken"]
    assert revoke(server, tokens["refresh_token"]).status_code == 200
    assert refused(refresh(server, tokens))[0] == "invalid_grant"  # refused at once
    assert works(server, tokens["access_token"])
    assert len(anna.rows(GRANTS)) == 1  # still shown, and yet gone
    assert refused(revoke(server, delete_token))[0] == "invalid_token"
    anna.post("/_sim/clock", {"advance": 91})
    assert anna.rows(GRANTS) == []
    assert works(server, tokens["access_token"])
    anna.post("/_sim/clock", {"advance": "PT30M"})
    assert not works(server, tokens["access_token"])
    assert anna.get("/_sim/delays").json()["to_come"] == 0


def test_a_machine_that_asks_again_has_a_new_row(server: OrgServer, anna: Caller) -> None:
    anna.post("/_sim/grants", {"machines": True})
    first = ask(server, "Robot", grant_type="client_credentials").json()["access_token"]
    second = ask(server, "Robot", grant_type="client_credentials").json()["access_token"]
    (row,) = anna.rows("SELECT AppName, CreatedDate, UseCount, DeleteToken FROM OauthToken")
    assert (row["AppName"], row["UseCount"]) == ("Robot", 2)
    assert revoke(server, row["DeleteToken"]).status_code == 200
    assert not works(server, first)
    assert not works(server, second)
    anna.post("/_sim/clock", {"advance": 5})
    again = ask(server, "Robot", grant_type="client_credentials").json()["access_token"]
    (new,) = anna.rows(GRANTS)
    assert new["CreatedDate"] > row["CreatedDate"]
    assert works(server, again)


def test_a_person_who_allows_again_has_a_new_row(server: OrgServer, anna: Caller) -> None:
    redeem(server)
    (row,) = anna.rows(GRANTS)
    revoke(server, row["DeleteToken"])
    anna.post("/_sim/clock", {"advance": 5})
    redeem(server)
    (new,) = anna.rows(GRANTS)
    assert new["CreatedDate"] > row["CreatedDate"]
    assert new["CreatedDate"].endswith(".000+0000")


def test_oauth_token_takes_no_delete(server: OrgServer, anna: Caller) -> None:
    redeem(server)
    answer = anna.call("DELETE", "sobjects/OauthToken/0000000000000000AA")
    assert (answer.status_code, answer.json()[0]["errorCode"]) == (405, "METHOD_NOT_ALLOWED")


def test_tokens_are_empty_in_oauth_token_unless_told(server: OrgServer, anna: Caller) -> None:
    tokens = redeem(server, "Rotating")
    text = "SELECT AccessToken, RequestToken FROM OauthToken"
    assert anna.rows(text)[0]["AccessToken"] is None
    anna.post("/_sim/grants", {"show_tokens": True})
    assert anna.rows(text)[0]["AccessToken"] == tokens["refresh_token"]
    again = ask(
        server, "Rotating", grant_type="refresh_token", refresh_token=tokens["refresh_token"]
    ).json()
    assert anna.rows(text)[0]["AccessToken"] == again["refresh_token"]
    anna.post("/_sim/grants", {"show_tokens": False})
    assert anna.rows(text)[0]["AccessToken"] is None


# Sessions ---------------------------------------------------------------------------------

SESSIONS = "SELECT Id, UsersId, SessionType FROM AuthSession"


def test_sessions_end_by_delete_and_their_children_with_them(
    server: OrgServer, anna: Caller, bert: Caller
) -> None:
    token = redeem(server, name="bert")["access_token"]
    (row,) = anna.rows(SESSIONS)
    child = standin.add(server.org, "AuthSession", UsersId=row["UsersId"], ParentId=row["Id"])
    assert anna.call("DELETE", f"sobjects/AuthSession/{row['Id']}").status_code == 204
    assert not works(server, token)
    assert anna.rows(SESSIONS) == []
    for gone in (row["Id"], child):
        again = anna.call("DELETE", f"sobjects/AuthSession/{gone}")
        assert (again.status_code, again.json()[0]["errorCode"]) == (404, "ENTITY_IS_DELETED")


def test_others_sessions_need_a_permission_own_ones_none(
    server: OrgServer, anna: Caller, bert: Caller
) -> None:
    redeem(server, name="bert")
    redeem(server, name="anna")
    (own,) = bert.rows(SESSIONS)
    foreign = next(r["Id"] for r in anna.rows(SESSIONS) if r["Id"] != own["Id"])
    assert bert.call("DELETE", f"sobjects/AuthSession/{foreign}").status_code == 404
    assert bert.call("DELETE", f"sobjects/AuthSession/{own['Id']}").status_code == 204
    assert [r["Id"] for r in anna.rows(SESSIONS)] == [foreign]


def test_a_deleted_session_may_work_on_for_a_while(server: OrgServer, anna: Caller) -> None:
    anna.post("/_sim/delays", {"sessions": 60})
    token = redeem(server)["access_token"]
    (row,) = anna.rows(SESSIONS)
    anna.call("DELETE", f"sobjects/AuthSession/{row['Id']}")
    assert anna.rows(SESSIONS) == []
    assert works(server, token)
    anna.post("/_sim/clock", {"advance": 61})
    assert not works(server, token)


def test_a_session_that_ended_by_itself_is_no_row_any_more(server: OrgServer, anna: Caller) -> None:
    tokens = redeem(server)
    assert len(anna.rows(SESSIONS)) == 1
    revoke(server, tokens["refresh_token"])
    assert anna.rows(SESSIONS) == []
