"""The device flow and SOAP login, and what is blocked there."""

from __future__ import annotations

import re

import requests

from orgsim.oauth.pages import PASSWORD
from orgsim.server import OrgServer
from tests.orgsim.test_oauth import ask, refused, works

SOAP = """<?xml version="1.0" encoding="utf-8"?>
<env:Envelope xmlns:env="http://schemas.xmlsoap.org/soap/envelope/"><env:Body>
<n1:login xmlns:n1="urn:partner.soap.sforce.com"><n1:username>{}</n1:username>
<n1:password>{}</n1:password></n1:login></env:Body></env:Envelope>"""


def device(server: OrgServer, app: str) -> dict[str, str]:
    found = server.org.apps[f"3MVG9{app}"]
    found.flows |= {"device"}
    made = ask(server, app, response_type="device_code").json()
    assert set(made) == {"device_code", "user_code", "verification_uri", "interval"}
    assert len(made["user_code"]) == 8
    return dict(made)


def connect(server: OrgServer, codes: dict[str, str], **form: str) -> requests.Response:
    who = {"username": "anna@example.org", "password": PASSWORD, "decision": "allow"}
    data = {"user_code": codes["user_code"]} | who | form
    return requests.post(codes["verification_uri"], data=data, timeout=10)


def test_a_device_is_connected(server: OrgServer) -> None:
    codes = device(server, "Everyday")
    poll = {"grant_type": "device", "code": codes["device_code"]}
    assert requests.get(codes["verification_uri"], timeout=10).status_code == 200
    assert refused(ask(server, **poll))[0] == "authorization_pending"
    server.org.clock.advance(-60_000)  # so that however slow the machine is, it is too early
    assert refused(ask(server, **poll))[0] == "slow_down"
    assert "invalid or expired" in connect(server, codes, user_code="NOTHING1").text
    assert "check your username" in connect(server, codes, password="wrong").text
    assert "You’re connected" in connect(server, codes).text
    tokens = ask(server, **poll).json()
    assert works(server, tokens["access_token"])
    assert ask(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"]).ok
    assert refused(ask(server, **poll))[0] == "invalid_grant"


def test_a_device_is_denied_or_too_late(server: OrgServer) -> None:
    codes = device(server, "Everyday")
    assert "denied" in connect(server, codes, decision="deny").text
    poll = {"grant_type": "device", "code": codes["device_code"]}
    assert refused(ask(server, **poll))[0] == "access_denied"
    late = device(server, "Everyday")
    server.org.clock.advance(601_000)
    assert "invalid or expired" in connect(server, late).text
    assert refused(ask(server, grant_type="device", code=late["device_code"]))[0] == "invalid_grant"
    assert refused(ask(server, "Careful", response_type="device_code"))[0] == "invalid_request"


def test_the_device_flow_is_blocked_for_uninstalled_apps_whoever_asks(server: OrgServer) -> None:
    anna = server.people.by_username("anna@example.org") or ""
    server.people.override[anna, "ApproveUninstalledConnectedApps"] = True
    server.people.changed()
    codes = device(server, "Stray")
    assert "OAUTH_APPROVAL_ERROR_GENERIC" in connect(server, codes).text
    poll = {"grant_type": "device", "code": codes["device_code"]}
    assert refused(ask(server, "Stray", **poll))[0] == "access_denied"


def login(server: OrgServer, name: str, password: str, version: str = "59.0") -> requests.Response:
    body = SOAP.format(f"{name}@example.org", password)
    head = {"Content-Type": "text/xml; charset=utf-8", "SOAPAction": "login"}
    url = f"{server.base_url}/services/Soap/u/{version}"
    return requests.post(url, data=body, headers=head, timeout=10)


def test_soap_login(server: OrgServer) -> None:
    answer = login(server, "anna", PASSWORD + "securitytoken")
    assert answer.headers["Content-Type"].startswith("text/xml")
    found = dict(re.findall(r"<(\w+)>([^<]+)</\1>", answer.text))
    assert works(server, found["sessionId"])
    assert found["serverUrl"] == f"{server.base_url}/services/Soap/u/59.0/{server.org.id[:15]}"
    assert (found["userName"], found["organizationId"]) == ("anna@example.org", server.org.id)
    for refusal, code in (
        (login(server, "anna", "wrong"), "INVALID_LOGIN"),
        (login(server, "nobody", PASSWORD), "INVALID_LOGIN"),
        (login(server, "dora", PASSWORD), "API_CURRENTLY_DISABLED"),
        (login(server, "anna", PASSWORD, "65.0"), "INVALID_OPERATION"),
    ):
        assert refusal.status_code == 500
        assert f"<faultcode>sf:{code}</faultcode>" in refusal.text
        assert f"<sf:exceptionCode>{code}</sf:exceptionCode>" in refusal.text
