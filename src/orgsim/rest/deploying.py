"""Deployments by REST: `metadata/deployRequest`."""

from __future__ import annotations

import email.policy
from email.parser import BytesParser

import msgspec

from orgsim.metadata import packages
from orgsim.rest.call import Call
from orgsim.wire import ApiError, Reply, answer

RIGHTS = frozenset({"ModifyMetadata", "ModifyAllData"})


def deploying(call: Call, method: str, parts: list[str]) -> Reply:
    if not call.asker.permissions & RIGHTS:
        raise ApiError(
            403,
            "INSUFFICIENT_ACCESS",
            "use of the Metadata API requires a user with the ModifyAllData or ModifyMetadata "
            "permissions",
        )
    server = call.server
    match method, parts:
        case "POST", []:
            data, options = _package(call)
            try:
                made = packages.start(server, call.session.user_id, data, options)
            except packages.NotAPackage as error:
                raise ApiError(400, "INVALID_PACKAGE", str(error)) from error
            return _shown(call, made, status=201)
        case "GET", [id] if id in server.deployments:
            return _shown(call, server.deployments[id])
        case "PATCH", [id] if id in server.deployments:
            packages.cancel(server, server.deployments[id])
            return _shown(call, server.deployments[id], status=202)
    raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def _shown(call: Call, deployment: packages.Deployment, status: int = 200) -> Reply:
    details = call.request.params.get("includeDetails") == "true"
    return answer(
        {
            "id": deployment.id,
            "url": f"{call.root}/metadata/deployRequest/{deployment.id}",
            "deployOptions": deployment.options,
            "deployResult": deployment.shown(call.server, details=details),
        },
        status,
    )


def _package(call: Call) -> tuple[bytes, dict[str, object]]:
    """The zip file and the options of a multipart body."""
    kind = call.request.headers.get("content-type", "")
    head = f"Content-Type: {kind}\r\n\r\n".encode()
    message = BytesParser(policy=email.policy.HTTP).parsebytes(head + call.request.body)
    found: dict[str, bytes] = {}
    for part in message.iter_parts() if message.is_multipart() else ():
        name = part.get_param("name", header="content-disposition")
        payload = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(payload, bytes):
            found[name] = payload
    if "file" not in found:
        raise ApiError(400, "INVALID_MULTIPART_REQUEST", "json and file are expected")
    try:
        asked = msgspec.json.decode(found.get("json") or b"{}")
    except msgspec.DecodeError as error:
        raise ApiError(400, "JSON_PARSER_ERROR", str(error)) from error
    options = asked.get("deployOptions") if isinstance(asked, dict) else None
    return found["file"], options if isinstance(options, dict) else {}
