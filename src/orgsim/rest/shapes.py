"""The outer shape of REST calls: suffixes, overridden methods, and answers as XML or pretty JSON.

XML has the elements of the JSON; roots are those of Salesforce's documented examples.
"""

from __future__ import annotations

from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

import msgspec

from orgsim.wire import JSON, Reply, Request

XML = "application/xml;charset=UTF-8"
SUFFIXES = (".json", ".xml")
NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"


def plain(request: Request) -> Request:
    """The call without what only says how: `.json` or `.xml` at its end, and `_HttpMethod`."""
    path, method = request.path, request.method
    for suffix in SUFFIXES:
        path = path.removesuffix(suffix)
    if method == "POST" and "_HttpMethod=" in request.query:
        method = request.params["_HttpMethod"].upper()
    if path == request.path and method == request.method:
        return request
    return Request(method, path, request.query, request.headers, request.body, request.client)


def wants_xml(request: Request) -> bool:
    if request.path.endswith(SUFFIXES):
        return request.path.endswith(".xml")
    accepted = request.headers.get("accept", "")
    return "application/xml" in accepted and "json" not in accepted and "html" not in accepted


def shaped(request: Request, reply: Reply) -> Reply:
    """The answer as the caller wants it."""
    if reply.content_type != JSON or not reply.body:
        return reply
    if wants_xml(request):
        reply.body, reply.content_type = _xml(request, msgspec.json.decode(reply.body)), XML
    elif request.headers.get("x-prettyprint") == "1":
        reply.body = msgspec.json.format(reply.body, indent=2)
    return reply


def _xml(request: Request, value: Any) -> bytes:
    if isinstance(value, list) and value and "errorCode" in value[0]:
        root = Element("Errors")
        for error in value:
            _fill(SubElement(root, "Error"), error)
    elif isinstance(value, list) and value and "version" in value[0]:
        root = Element("Versions")
        for version in value:
            _fill(SubElement(root, "Version"), version)
    else:
        root = Element(_root(request, value))
        _fill(root, value if isinstance(value, dict) else {"item": value})
    return b'<?xml version="1.0" encoding="UTF-8"?>' + tostring(root)


def _root(request: Request, value: Any) -> str:
    if isinstance(value, dict):
        if "totalSize" in value:
            return "QueryResult"
        if "sobjects" in value:
            return "DescribeGlobal"
        if "attributes" in value:
            return str(value["attributes"]["type"])
        if "fields" in value and "name" in value:
            return str(value["name"])
        if "success" in value:
            return "Result"
    return "LimitsSnapshot" if "/limits" in request.path else "Resources"


def _fill(parent: Element, values: dict[str, Any]) -> None:
    for name, value in values.items():
        if name == "attributes" and isinstance(value, dict):
            for key, text in value.items():
                parent.set(key, str(text))
            continue
        for one in value if isinstance(value, list) else [value]:
            element = SubElement(parent, name)
            if isinstance(one, dict):
                _fill(element, one)
            elif one is None:
                element.set(NIL, "true")
            else:
                element.text = str(one).lower() if isinstance(one, bool) else str(one)
