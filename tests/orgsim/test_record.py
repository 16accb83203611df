"""The record of calls says who asked what: what a credential never did is not in it."""

from __future__ import annotations

from typing import Any

import requests

from orgsim.server import OrgServer
from tests.orgsim.conftest import Caller
from tests.orgsim.test_metadata import soap
from tests.orgsim.test_oauth import ask, redeem


def asked(anna: Caller, **wanted: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = anna.get("/_sim/requests", params=wanted).json()
    return found


def test_reads_changes_jobs_and_sign_ins_are_told_apart(server: OrgServer, anna: Caller) -> None:
    token = ask(server, "Robot", grant_type="client_credentials").json()["access_token"]
    robot = Caller(server, "robot@example.org")
    robot.http.headers["Authorization"] = f"Bearer {token}"
    query = "SELECT Id FROM User"
    robot.soql(query)
    robot.get("limits", headers={"User-Agent": "collector/1"})
    robot.post("jobs/query", {"operation": "query", "query": "SELECT Id FROM LoginHistory"})
    body = {"batchRequests": [
        {"method": "GET", "url": "v62.0/limits"},
        {"method": "PATCH", "url": "v62.0/sobjects/User/x", "richInput": {}},
    ]}  # fmt: skip
    robot.post("composite/batch", body)
    soap(server, token, "<readMetadata><type>ConnectedApp</type></readMetadata>")
    soap(server, token, "<deleteMetadata><type>ConnectedApp</type></deleteMetadata>")
    anna.get("limits")
    told = asked(anna, user="robot@example.org", app="Robot")
    assert [(r["method"], r["kind"]) for r in told] == [
        ("GET", "query"),
        ("GET", "read"),
        ("POST", "job"),
        ("POST", "composite"),
        ("GET", "read"),
        ("PATCH", "change"),
        ("POST", "read"),
        ("POST", "change"),
    ]
    assert told[0]["query"] == query
    assert told[1]["agent"] == "collector/1"
    assert told[2]["query"] == "SELECT Id FROM LoginHistory"
    assert told[-1]["path"] == "/services/Soap/m/62.0 deleteMetadata"
    assert asked(anna, kind="change", user="anna@example.org") == []
    sums = anna.get("/_sim/requests", params={"sums": "1"}).json()
    assert {"user": None, "app": "Robot", "kind": "oauth", "count": 1} in sums
    assert {"user": "robot@example.org", "app": "Robot", "kind": "change", "count": 2} in sums
    assert asked(anna, after=str(told[-1]["number"]))[0]["path"] == "/services/data/v62.0/limits"
    assert anna.get("/_sim/requests", params={"kind": "nothing"}).status_code == 400


def test_every_select_of_a_token_is_told(server: OrgServer, anna: Caller) -> None:
    anna.soql("SELECT Id, UserId FROM OauthToken")
    anna.soql("SELECT Id, deletetoken FROM OauthToken WHERE AccessToken != null")
    anna.soql("SELECT FIELDS(ALL) FROM OauthToken LIMIT 200")
    url = "/services/data/v62.0/query/?q=SELECT+RequestToken+FROM+OauthToken"
    anna.post("composite", {"compositeRequest": [
        {"method": "GET", "url": url, "referenceId": "a"}]})  # fmt: skip
    assert [r["token_columns"] for r in asked(anna, tokens="1")] == [
        ["AccessToken", "DeleteToken"],
        ["AccessToken", "RequestToken", "DeleteToken"],
        ["RequestToken"],
    ]


def test_a_revocation_tells_whose_token_it_was_and_never_the_token(
    server: OrgServer, anna: Caller
) -> None:
    tokens = redeem(server, name="bert")
    row = anna.rows("SELECT DeleteToken FROM OauthToken")[0]
    for token in (tokens["access_token"], row["DeleteToken"]):
        requests.get(
            f"{server.base_url}/services/oauth2/revoke", params={"token": token}, timeout=10
        )
    told = asked(anna, kind="revoke")
    assert [(r["user"], r["of_user"], r["of_app"]) for r in told] == [
        (None, "bert@example.org", "Everyday")
    ] * 2
    whole = anna.get("/_sim/requests").text
    for secret in (tokens["access_token"], tokens["refresh_token"], row["DeleteToken"]):
        assert secret not in whole
