"""Reading settings through the Metadata API, which speaks SOAP only. One call a component.

`readMetadata` is the only operation used. An answer with a document type is refused unread, so
that no entity in it is ever expanded.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from orgwarden.core.problems import NotThere, Problem, TryLater
from orgwarden.salesforce.bodies import is_web_page
from orgwarden.salesforce.errors import problem_from

if TYPE_CHECKING:
    from orgwarden.salesforce.client import Client
    from orgwarden.salesforce.http import Stream
    from orgwarden.salesforce.oauth import Tokens

_META = "http://soap.sforce.com/2006/04/metadata"
_SOAP = "http://schemas.xmlsoap.org/soap/envelope/"
_NIL = "{http://www.w3.org/2001/XMLSchema-instance}nil"
_LARGEST = 4 * 1024 * 1024


def read_metadata(client: Client, kind: str, full_name: str, *, lane: str) -> dict[str, Any]:
    """One component, nested as Salesforce nests it: text, true/false as bool, repeated elements
    as lists. Raises NotThere when there is none, NotAllowed without Modify Metadata."""

    def envelope(tokens: Tokens) -> bytes:
        token = escape(tokens.access_token.reveal())
        return (
            f'<env:Envelope xmlns:env="{_SOAP}" xmlns="{_META}">'
            f"<env:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></env:Header>"
            f"<env:Body><readMetadata><type>{escape(kind)}</type>"
            f"<fullNames>{escape(full_name)}</fullNames></readMetadata></env:Body></env:Envelope>"
        ).encode()

    def read(stream: Stream) -> bytes:
        body = stream.read_all(largest=_LARGEST)
        if is_web_page(stream.headers, body):
            raise problem_from(stream.status, stream.headers, body, endpoint="the Metadata API")
        return body

    body = client._call(
        "POST",
        client._path(f"/services/Soap/m/{client.api_version}"),
        lane=lane,
        endpoint="read_metadata",
        headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'},
        data=envelope,
        read=read,
    )
    return _component(body, kind)


def _component(body: bytes, kind: str) -> dict[str, Any]:
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Problem("An answer of the Metadata API has a document type.", code="UNKNOWN_SHAPE")
    try:
        root = ElementTree.fromstring(body)  # noqa: S314  no document type: nothing to expand
    except ElementTree.ParseError:
        raise TryLater("An answer of the Metadata API is not XML.", code="NOT_XML") from None
    record = root.find(f".//{{{_META}}}result/{{{_META}}}records")
    if record is None or record.get(_NIL) == "true" or not len(record):
        raise NotThere(f"The org has no {kind}.", code="NOT_THERE")
    found: dict[str, Any] = _value(record)
    return found


def _value(element: ElementTree.Element) -> Any:
    if not len(element):
        text = (element.text or "").strip()
        return {"true": True, "false": False}.get(text, text)
    found: dict[str, Any] = {}
    for child in element:
        name, value = child.tag.partition("}")[2], _value(child)
        if name not in found:
            found[name] = value
        elif isinstance(found[name], list):
            found[name].append(value)
        else:
            found[name] = [found[name], value]
    return found
