"""The Metadata API by SOAP, as simple-salesforce's client asks it and by hand."""

from __future__ import annotations

from typing import Any

import requests
from lxml import etree

from orgsim.server import OrgServer
from tests.orgsim.conftest import Caller

META = "{http://soap.sforce.com/2006/04/metadata}"


def soap(server: OrgServer, token: str, body: str) -> Any:
    envelope = (
        '<?xml version="1.0" encoding="UTF-8"?>'
        '<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" '
        'xmlns="http://soap.sforce.com/2006/04/metadata">'
        f"<e:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></e:Header>"
        f"<e:Body>{body}</e:Body></e:Envelope>"
    )
    answer = requests.post(
        f"{server.base_url}/services/Soap/m/62.0",
        data=envelope,
        headers={"Content-Type": "text/xml", "SOAPAction": '""'},
        timeout=10,
    )
    return etree.fromstring(answer.content)


def test_settings_are_read(server: OrgServer, anna: Caller) -> None:
    body = (
        "<readMetadata><type>SecuritySettings</type><fullNames>Security</fullNames>"
        "<fullNames>Nope</fullNames></readMetadata>"
    )
    found = soap(server, anna.token, body)
    assert found.findtext(f".//{META}sessionSettings/{META}requireHttpOnly") == "false"
    assert found.findtext(f".//{META}fullName") == "Security"
    records = found.findall(f".//{META}records")
    kind, nil = (next(iter(r.attrib.values())) for r in records)
    assert (kind, nil) == ("SecuritySettings", "true")


def test_apps_are_listed_and_read(server: OrgServer, anna: Caller) -> None:
    listed = soap(
        server,
        anna.token,
        "<listMetadata><queries><type>ConnectedApp</type></queries>"
        "<queries><type>BlacklistedConsumer</type></queries></listMetadata>",
    )
    names = [e.text for e in listed.iter(f"{META}fullName")]
    assert names == ["Everyday", "Rotating", "Careful", "Nobody", "Blocked", "Blocked"]
    read = soap(
        server,
        anna.token,
        "<readMetadata><type>ConnectedApp</type><fullNames>Careful</fullNames></readMetadata>",
    )
    assert read.findtext(f".//{META}isPkceRequired") == "true"
    assert [e.text for e in read.iter(f"{META}scopes")][:2] == ["Api", "RefreshToken"]


def test_who_may_not_is_told_by_a_fault(server: OrgServer, anna: Caller, bert: Caller) -> None:
    body = "<readMetadata><type>ConnectedApp</type><fullNames>X</fullNames></readMetadata>"
    for token, code in (("x", "INVALID_SESSION_ID"), (bert.token, "INSUFFICIENT_ACCESS")):
        assert soap(server, token, body).findtext(".//faultcode") == f"sf:{code}"
    assert (
        soap(server, anna.token, "<retrieve/>").findtext(".//faultcode") == "sf:INVALID_OPERATION"
    )
    assert soap(server, anna.token, "<!ENTITY x>").findtext(".//faultcode") is not None
    many = "".join(f"<fullNames>{n}</fullNames>" for n in range(11))
    body = f"<readMetadata><type>ConnectedApp</type>{many}</readMetadata>"
    assert soap(server, anna.token, body).findtext(".//faultcode") == "sf:LIMIT_EXCEEDED"
