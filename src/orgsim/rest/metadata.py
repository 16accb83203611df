"""The Metadata API's SOAP endpoint: components read, listed, changed, deleted and deployed."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from xml.etree.ElementTree import Element, ParseError, SubElement, tostring
from xml.etree.ElementTree import fromstring as parse_xml

from orgsim.entry import check_session, has_api
from orgsim.metadata import packages
from orgsim.metadata.changes import Refused, put, remove
from orgsim.metadata.components import components
from orgsim.metadata.notation import META, fill, values
from orgsim.soql import dates
from orgsim.wire import ApiError, Reply, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

XML = "text/xml;charset=UTF-8"
SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
XSI = "http://www.w3.org/2001/XMLSchema-instance"
WRITING = {"createMetadata": "create", "updateMetadata": "update", "upsertMetadata": "upsert"}
MOST = {"readMetadata": 10, "listMetadata": 3, "deleteMetadata": 10} | dict.fromkeys(WRITING, 10)
OPERATIONS = frozenset({*MOST, "deploy", "checkDeployStatus"})


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
    envelope = Element(f"{{{SOAP}}}Envelope", {"xmlns:sf": META})
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
    if call is None or name not in OPERATIONS:
        raise SoapFault("INVALID_OPERATION", f"orgsim does not know the operation {name!r}")
    server.quota.count(now, f"POST /services/Soap/m {name}", session.client)
    made = Element(f"{{{META}}}{name}Response")
    if name == "readMetadata":
        _read(server, call, SubElement(made, f"{{{META}}}result"))
    elif name == "listMetadata":
        _list(server, call, made)
    elif name in WRITING:
        _write(server, session.user_id, call, made, WRITING[name])
    elif name == "deleteMetadata":
        _delete(server, session.user_id, call, made)
    elif name == "deploy":
        _deploy(server, session.user_id, call, made)
    else:
        _status(server, call, made)
    return made


def _read(server: OrgServer, call: Element, result: Element) -> None:
    kind = call.findtext(f"{{{META}}}type") or ""
    known = components(server, kind)
    for name in _few("readMetadata", [e.text or "" for e in call.findall(f"{{{META}}}fullNames")]):
        records = SubElement(result, f"{{{META}}}records")
        if name not in known:
            records.set(f"{{{XSI}}}nil", "true")
            continue
        records.set(f"{{{XSI}}}type", kind)
        fill(records, {"fullName": name} | known[name])


def _few(operation: str, asked: list[Any]) -> list[Any]:
    if len(asked) > MOST[operation]:
        verb = operation.removesuffix("Metadata")
        raise SoapFault(
            "LIMIT_EXCEEDED",
            f"record limit reached. cannot {verb} more than {MOST[operation]} records",
        )
    return asked


def _list(server: OrgServer, call: Element, made: Element) -> None:
    queries = call.findall(f"{{{META}}}queries")
    if len(queries) > MOST["listMetadata"]:
        raise SoapFault("LIMIT_EXCEEDED", "no more than 3 queries in one call")
    now = dates.text(server.org.clock.now(), "Z")
    for query in queries:
        kind = query.findtext(f"{{{META}}}type") or ""
        for name in components(server, kind):
            row = {
                "createdDate": now,
                "fileName": f"{kind[:1].lower()}{kind[1:]}s/{name}",
                "fullName": name,
                "lastModifiedDate": now,
                "manageableState": "unmanaged",
                "type": kind,
            }
            fill(SubElement(made, f"{{{META}}}result"), row)


# Changes ----------------------------------------------------------------------------------


def _write(server: OrgServer, by: str, call: Element, made: Element, verb: str) -> None:
    """Each component for itself: others are changed when one is refused."""
    for component in _few(f"{verb}Metadata", call.findall(f"{{{META}}}metadata")):
        kind = component.get(f"{{{XSI}}}type", "").rpartition(":")[2]
        given = values(component)
        name = str(given.pop("fullName", ""))
        row: dict[str, Any] = {"fullName": name, "success": True}
        try:
            with packages.attempt(server):
                created = put(server, by, kind, name, given, verb)
            if verb == "upsert":
                row["created"] = created
        except Refused as refused:
            row |= {"success": False, "errors": _error(refused)}
        fill(SubElement(made, f"{{{META}}}result"), row)


def _delete(server: OrgServer, by: str, call: Element, made: Element) -> None:
    kind = call.findtext(f"{{{META}}}type") or ""
    names = [e.text or "" for e in call.findall(f"{{{META}}}fullNames")]
    for name in _few("deleteMetadata", names):
        row: dict[str, Any] = {"fullName": name, "success": True}
        try:
            with packages.attempt(server):
                remove(server, by, kind, name)
        except Refused as refused:
            row |= {"success": False, "errors": _error(refused)}
        fill(SubElement(made, f"{{{META}}}result"), row)


def _error(refused: Refused) -> dict[str, str]:
    return {"message": refused.message, "statusCode": refused.code}


def _deploy(server: OrgServer, by: str, call: Element, made: Element) -> None:
    options = call.find(f"{{{META}}}DeployOptions")
    try:
        data = base64.b64decode(call.findtext(f"{{{META}}}ZipFile") or "", validate=False)
        begun = packages.start(server, by, data, {} if options is None else values(options))
    except (binascii.Error, packages.NotAPackage) as error:
        raise SoapFault("INVALID_PACKAGE", str(error)) from error
    told = {"done": False, "id": begun.id, "state": "Queued"}
    fill(SubElement(made, f"{{{META}}}result"), told)


def _status(server: OrgServer, call: Element, made: Element) -> None:
    found = server.deployments.get(call.findtext(f"{{{META}}}asyncProcessId") or "")
    if found is None:
        raise SoapFault("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id")
    details = call.findtext(f"{{{META}}}includeDetails") == "true"
    fill(SubElement(made, f"{{{META}}}result"), found.shown(server, details=details))
