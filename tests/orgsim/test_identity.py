"""Revoking, introspection, the identity URL, userinfo and discovery."""

from __future__ import annotations

import pytest
import requests

from orgsim.server import OrgServer
from tests.orgsim.conftest import Caller
from tests.orgsim.test_oauth import redeem, refused, works


def test_revoking_by_any_token_ends_the_grant(server: OrgServer) -> None:
    url = f"{server.base_url}/services/oauth2/revoke"
    tokens = redeem(server)
    done = requests.post(url, data={"token": tokens["refresh_token"]}, timeout=10)
    assert (done.status_code, done.content) == (200, b"")
    assert not works(server, tokens["access_token"])
    again = requests.get(url, params={"token": tokens["refresh_token"]}, timeout=10)
    assert refused(again) == ("invalid_token", "invalid token")
    second = redeem(server)
    anna = Caller(server, "anna@example.org")
    rows = anna.rows("SELECT AppName, DeleteToken, UserId FROM OauthToken")
    assert [r["AppName"] for r in rows] == ["Everyday"]
    token = rows[0]["DeleteToken"]
    assert requests.post(url, data={"token": token}, timeout=10).status_code == 200
    assert not works(server, second["access_token"])
    assert anna.rows("SELECT AppName FROM OauthToken") == []


def test_killing_a_session_ends_its_token(server: OrgServer) -> None:
    token = redeem(server, name="bert")["access_token"]
    bert = server.people.by_username("bert@example.org")
    anna = Caller(server, "anna@example.org")
    row = anna.rows(f"SELECT Id FROM AuthSession WHERE UsersId = '{bert}'")[0]
    assert anna.call("DELETE", f"sobjects/AuthSession/{row['Id']}").status_code == 204
    assert not works(server, token)


def test_introspection(server: OrgServer) -> None:
    tokens = redeem(server)
    url = f"{server.base_url}/services/oauth2/introspect"
    form = {"client_id": "3MVG9Everyday", "client_secret": "secret-of-Everyday"}
    active = requests.post(url, data=form | {"token": tokens["access_token"]}, timeout=10).json()
    assert active["active"] is True
    assert active["username"] == "anna@example.org"
    assert active["exp"] - active["iat"] == 7200
    gone = requests.post(url, data=form | {"token": "x"}, timeout=10)
    assert gone.json() == {"active": False}
    wrong = requests.post(url, data=form | {"client_secret": "x", "token": "y"}, timeout=10)
    assert (wrong.status_code, wrong.json()["error"]) == (401, "invalid_client")


@pytest.mark.parametrize(
    ("path", "token", "status", "word"),
    [
        ("/services/oauth2/userinfo", None, 403, "Missing_OAuth_Token"),
        ("/services/oauth2/userinfo", "x", 403, "Bad_OAuth_Token"),
        ("/id/00D000000000001/{anna}", "good", 403, "Wrong_Org"),
        ("/id/{org}/nobody", "good", 404, "Bad_Id"),
        ("/id/{org}/{anna}", "good", 404, "No_Access"),
    ],
)
def test_identity_fails_in_plain_words(
    server: OrgServer, path: str, token: str | None, status: int, word: str
) -> None:
    anna = server.people.by_username("anna@example.org")
    path = path.format(org=server.org.id, anna=anna)
    if token == "good":
        token = Caller(server, "bert@example.org").token
    head = {"Authorization": f"Bearer {token}"} if token else {}
    answer = requests.get(server.base_url + path, headers=head, timeout=10)
    assert (answer.status_code, answer.text) == (status, word)


def test_userinfo_and_discovery(server: OrgServer) -> None:
    token = redeem(server)["access_token"]
    discovery = requests.get(
        f"{server.base_url}/.well-known/openid-configuration", timeout=10
    ).json()
    info = requests.get(
        discovery["userinfo_endpoint"], headers={"Authorization": f"Bearer {token}"}, timeout=10
    ).json()
    assert info["organization_id"] == server.org.id
    assert info["preferred_username"] == "anna@example.org"
    assert "{version}" in info["urls"]["rest"]
