"""SOAP login and logout with username and password, as old clients still do it.

`login()` exists up to version 64; from 65 on only tokens of OAuth are taken.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree.ElementTree import Element, ParseError, SubElement, register_namespace, tostring
from xml.etree.ElementTree import fromstring as parse_xml

from orgsim.entry import has_api
from orgsim.oauth import history
from orgsim.oauth.pages import PASSWORD
from orgsim.oauth.sessions import SESSION_MS
from orgsim.wire import Reply, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
NAMES = {"u": "urn:partner.soap.sforce.com", "c": "urn:enterprise.soap.sforce.com"}
FAULTS = {"u": "urn:fault.partner.soap.sforce.com", "c": "urn:fault.enterprise.soap.sforce.com"}
APIS = {"u": ("SOAP Partner", "Partner Product"), "c": ("SOAP Enterprise", "Other Apex API")}
LAST_WITH_LOGIN = 64
register_namespace("soapenv", SOAP)


class Fault(Exception):
    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


def handle(server: OrgServer, request: Request, kind: str, version: str) -> Reply:
    """A call of the partner (`u`) or enterprise (`c`) API."""
    try:
        body, status = _answer(server, request, kind, version), 200
    except Fault as fault:
        body, status = Element(f"{{{SOAP}}}Fault"), 500
        SubElement(body, "faultcode").text = f"sf:{fault.code}"
        SubElement(body, "faultstring").text = f"{fault.code}: {fault.message}"
        detail = SubElement(SubElement(body, "detail"), "sf:LoginFault")
        SubElement(detail, "sf:exceptionCode").text = fault.code
        SubElement(detail, "sf:exceptionMessage").text = fault.message
    envelope = Element(f"{{{SOAP}}}Envelope", {"xmlns:sf": FAULTS[kind]})
    SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    text = b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(envelope)
    return Reply(text, status, "text/xml;charset=UTF-8")


def _answer(server: OrgServer, request: Request, kind: str, version: str) -> Element:
    name = NAMES[kind]
    if request.method != "POST" or b"<!" in request.body:
        raise Fault("MALFORMED_REQUEST", "a SOAP envelope without a document type is expected")
    try:
        envelope = parse_xml(request.body)  # noqa: S314
    except ParseError as error:
        raise Fault("MALFORMED_REQUEST", str(error)) from error
    body = envelope.find(f"{{{SOAP}}}Body")
    call = body[0] if body is not None and len(body) else None
    operation = "" if call is None else call.tag.partition("}")[2]
    if call is not None and operation == "login":
        return _login(server, request, call, kind, version)
    if operation == "logout":
        token = envelope.findtext(f".//{{{name}}}sessionId") or ""
        if not server.sessions.close(token.strip()):
            raise Fault("INVALID_SESSION_ID", "Invalid Session ID found in SessionHeader")
        return Element("logoutResponse", {"xmlns": name})
    raise Fault("INVALID_OPERATION", f"orgsim does not know the operation {operation!r}")


def _login(server: OrgServer, request: Request, call: Element, kind: str, version: str) -> Element:
    name = NAMES[kind]
    if float(version) > LAST_WITH_LOGIN:
        raise Fault("INVALID_OPERATION", f"login() is not available in API version {version}")
    people = server.people
    username = (call.findtext(f"{{{name}}}username") or "").strip()
    password = call.findtext(f"{{{name}}}password") or ""
    user_id = people.by_username(username)
    right = password.startswith(PASSWORD)  # a security token may follow the password
    api, login = APIS[kind]
    if user_id is None or not history.let_in(
        server, request, user_id, right, kind=login, application="SOAP client",
        api=api, version=version,
    ):  # fmt: skip
        raise Fault(
            "INVALID_LOGIN",
            "Invalid username, password, security token; or user locked out.",
        )
    if not has_api(server):
        raise Fault("API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner")
    if "ApiEnabled" not in people.permissions(user_id):
        raise Fault("API_CURRENTLY_DISABLED", "API is disabled for this User")
    session = server.sessions.open(user_id, None, ("api",))
    org15 = server.org.id[:15]
    response = Element("loginResponse", {"xmlns": name})
    result = SubElement(response, "result")

    def put(parent: Element, **values: str | None) -> None:
        for key, value in values.items():
            SubElement(parent, key).text = value

    put(
        result,
        metadataServerUrl=f"{server.base_url}/services/Soap/m/{version}/{org15}",
        passwordExpired="false",
        sandbox="false",
        serverUrl=f"{server.base_url}/services/Soap/{kind}/{version}/{org15}",
        sessionId=session.token,
        userId=user_id,
    )

    def value(field: str) -> str:
        return str(people.value(user_id, field) or "")

    put(
        SubElement(result, "userInfo"),
        organizationId=server.org.id,
        organizationName=server.org.name,
        profileId=value("ProfileId"),
        sessionSecondsValid=str(SESSION_MS // 1000),
        userEmail=value("Email"),
        userFullName=value("Name"),
        userId=user_id,
        userLanguage=value("LanguageLocaleKey"),
        userLocale=value("LocaleSidKey"),
        userName=value("Username"),
        userTimeZone=value("TimeZoneSidKey"),
        userType=value("UserType"),
    )
    return response
