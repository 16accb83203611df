"""The Metadata API's SOAP endpoint: readMetadata and listMetadata.

What it answers is read off the org: apps from `org.apps`, settings from `org.settings`. A type
that orgsim does not know answers no records, as Salesforce does for a component that is not there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from xml.etree.ElementTree import fromstring as parse_xml

from orgsim.entry import check_session, has_api
from orgsim.org import EXTERNAL, OAuthApp
from orgsim.soql import dates
from orgsim.wire import ApiError, Reply, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

XML = "text/xml;charset=UTF-8"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
META = "http://soap.sforce.com/2006/04/metadata"
FAULT = "http://soap.sforce.com/2006/04/metadata"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
MOST = {"readMetadata": 10, "listMetadata": 3}
SCOPES = {
    "api": "Api",
    "refresh_token": "RefreshToken",
    "offline_access": "OfflineAccess",
    "web": "Web",
    "full": "Full",
    "openid": "OpenID",
    "id": "Basic",
    "profile": "Profile",
    "email": "Email",
}


class SoapFault(Exception):
    """The call is answered with a SOAP fault of this code."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code, self.message = code, message


async def handle(server: OrgServer, request: Request, version: str) -> Reply:
    try:
        body = _answer(server, request)
        status = 200
    except SoapFault as fault:
        body = Element(f"{{{SOAP}}}Fault")
        SubElement(body, "faultcode").text = f"sf:{fault.code}"
        SubElement(body, "faultstring").text = f"{fault.code}: {fault.message}"
        status = 500
    envelope = Element(f"{{{SOAP}}}Envelope", {"xmlns:sf": FAULT})
    SubElement(envelope, f"{{{SOAP}}}Body").append(body)
    text = b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(envelope)
    return Reply(text, status, XML)


def _answer(server: OrgServer, request: Request) -> Element:
    if request.method != "POST" or b"<!" in request.body:
        raise SoapFault("MALFORMED_REQUEST", "a SOAP envelope without a document type is expected")
    try:
        envelope = parse_xml(request.body)  # noqa: S314
    except ParseError as error:
        raise SoapFault("MALFORMED_REQUEST", str(error)) from error
    token = envelope.findtext(f".//{{{META}}}sessionId") or ""
    session = server.sessions.find(token.strip())
    if session is None:
        raise SoapFault(
            "INVALID_SESSION_ID",
            "Invalid Session ID found in SessionHeader: Illegal Session",
        )
    try:
        check_session(server, session, request)
    except ApiError as error:
        raise SoapFault("INVALID_SESSION_ID", error.message) from error
    held = server.people.permissions(session.user_id)
    if "ApiEnabled" not in held:
        raise SoapFault("API_CURRENTLY_DISABLED", "API is disabled for this User")
    if not has_api(server):
        raise SoapFault(
            "API_DISABLED_FOR_ORG", "API is not enabled for this Organization or Partner"
        )
    if not held & {"ModifyMetadata", "ModifyAllData", "CustomizeApplication"}:
        raise SoapFault(
            "INSUFFICIENT_ACCESS",
            "use of the Metadata API requires a user with the "
            "ModifyAllData or ModifyMetadata permissions",
        )
    now = server.org.clock.now()
    if server.quota.exhausted(now):
        raise SoapFault("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    call = next(iter(envelope.find(f"{{{SOAP}}}Body") or []), None)
    name = "" if call is None else call.tag.partition("}")[2]
    if call is None or name not in MOST:
        raise SoapFault("INVALID_OPERATION", f"orgsim does not know the operation {name!r}")
    server.quota.count(now, f"POST /services/Soap/m {name}", session.client)
    made = Element(f"{{{META}}}{name}Response")
    if name == "readMetadata":
        _read(server, call, SubElement(made, f"{{{META}}}result"))
    else:
        _list(server, call, made)
    return made


def _read(server: OrgServer, call: Element, result: Element) -> None:
    kind = call.findtext(f"{{{META}}}type") or ""
    names = [e.text or "" for e in call.findall(f"{{{META}}}fullNames")]
    if len(names) > MOST["readMetadata"]:
        raise SoapFault("LIMIT_EXCEEDED", "record limit reached. cannot read more than 10 records")
    known = _components(server, kind)
    for name in names:
        records = SubElement(result, f"{{{META}}}records")
        if name not in known:
            records.set(f"{{{XSI}}}nil", "true")
            continue
        records.set(f"{{{XSI}}}type", kind)
        _fill(records, {"fullName": name} | known[name])


def _list(server: OrgServer, call: Element, made: Element) -> None:
    queries = call.findall(f"{{{META}}}queries")
    if len(queries) > MOST["listMetadata"]:
        raise SoapFault("LIMIT_EXCEEDED", "no more than 3 queries in one call")
    now = dates.text(server.org.clock.now(), "Z")
    for query in queries:
        kind = query.findtext(f"{{{META}}}type") or ""
        for name in _components(server, kind):
            row = {
                "createdDate": now,
                "fileName": f"{kind[:1].lower()}{kind[1:]}s/{name}",
                "fullName": name,
                "lastModifiedDate": now,
                "manageableState": "unmanaged",
                "type": kind,
            }
            _fill(SubElement(made, f"{{{META}}}result"), row)


def _fill(parent: Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        for one in value if isinstance(value, list) else [value]:
            if one is None:
                continue
            element = SubElement(parent, f"{{{META}}}{name}")
            if isinstance(one, dict):
                _fill(element, one)
            elif isinstance(one, bool):
                element.text = "true" if one else "false"
            else:
                element.text = str(one)


# Components -------------------------------------------------------------------------------


def _developer_name(app: OAuthApp) -> str:
    return "".join(ch if ch.isalnum() else "_" for ch in app.name)


def _scopes(app: OAuthApp) -> list[str]:
    return [SCOPES.get(s, s) for s in app.scopes]


def _username(server: OrgServer, app: OAuthApp) -> str | None:
    found = server.people.value(app.run_as, "Username") if app.run_as else None
    return found if isinstance(found, str) else None


def _connected_app(server: OrgServer, app: OAuthApp) -> dict[str, Any]:
    return {
        "contactEmail": "admin@example.com",
        "label": app.name,
        "oauthConfig": {
            "callbackUrl": "\n".join(app.callback_urls) or None,
            "certificate": app.certificate_pem,
            "consumerKey": app.consumer_key,
            "isAdminApproved": app.admin_approved_only,
            "isClientCredentialEnabled": "client_credentials" in app.flows,
            "isCodeCredentialEnabled": False,
            "isConsumerSecretOptional": not app.secret_required,
            "isDeviceFlowEnabled": "device" in app.flows,
            "isIntrospectAllTokens": False,
            "isPkceRequired": app.pkce_required,
            "isRefreshTokenRotationEnabled": app.rotate_refresh_token,
            "oauthClientCredentialUser": _username(server, app),
            "scopes": _scopes(app),
        },
        "oauthPolicy": {"ipRelaxation": "ENFORCE", "refreshTokenPolicy": "infinite"},
    }


def _external_app(server: OrgServer, app: OAuthApp) -> dict[str, Any]:
    return {
        "contactEmail": "admin@example.com",
        "distributionState": "Local",
        "isProtected": False,
        "label": app.name,
    }


def _external_policies(server: OrgServer, app: OAuthApp) -> dict[str, Any]:
    permitted = "AdminApprovedPreAuthorized" if app.admin_approved_only else "AllSelfAuthorized"
    return {
        "clientCredentialsFlowUser": _username(server, app),
        "externalClientApplication": _developer_name(app),
        "ipRelaxationPolicyType": "Enforce",
        "isClientCredentialsFlowEnabled": "client_credentials" in app.flows,
        "permittedUsersPolicyType": permitted,
        "refreshTokenPolicyType": "Infinite",
        "sessionTimeoutInMinutes": 120,
    }


def _blocked(server: OrgServer, app: OAuthApp) -> dict[str, Any]:
    return {
        "blockedByApiWhitelisting": False,
        "consumerKey": app.consumer_key,
        "consumerName": app.name,
        "masterLabel": app.name,
    }


Render = Callable[["OrgServer", OAuthApp], dict[str, Any]]
# Metadata type to (which apps it is about, how one of them reads).
APPS: dict[str, tuple[Callable[[OAuthApp], bool], Render]] = {
    "ConnectedApp": (lambda a: a.kind == "connected_app" and a.installed, _connected_app),
    "ExternalClientApplication": (lambda a: a.kind == EXTERNAL, _external_app),
    "ExtlClntAppOauthConfigurablePolicies": (
        lambda a: a.kind == EXTERNAL,
        _external_policies,
    ),
    "BlacklistedConsumer": (lambda a: a.blocked, _blocked),
}


def _components(server: OrgServer, kind: str) -> dict[str, dict[str, Any]]:
    """Full name to contents of every component of a metadata type."""
    if kind in APPS:
        wanted, render = APPS[kind]
        apps = [a for a in server.org.apps.values() if wanted(a)]
        return {_developer_name(a): render(server, a) for a in apps}
    settings = server.org.settings
    if kind == "Settings":  # listMetadata's name for all of them
        return {name.removesuffix("Settings"): settings[name] for name in settings}
    return {kind.removesuffix("Settings"): settings[kind]} if kind in settings else {}
