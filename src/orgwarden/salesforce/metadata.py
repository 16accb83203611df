"""Reading settings through the Metadata API, which speaks SOAP only. One call a component.

`readMetadata` and `listMetadata` are the only operations used. An answer with a document type is
refused unread, so that no entity in it is ever expanded.
"""

from __future__ import annotations

from collections.abc import Sequence
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
    found = read_components(client, kind, [full_name], lane=lane)
    if not found:
        raise NotThere(f"The org has no {kind}.", code="NOT_THERE")
    return found[0]


def read_components(
    client: Client, kind: str, full_names: Sequence[str], *, lane: str
) -> list[dict[str, Any]]:
    """Up to ten components of a type; those that are not there are left out."""
    names = "".join(f"<fullNames>{escape(name)}</fullNames>" for name in full_names)
    asked = f"<readMetadata><type>{escape(kind)}</type>{names}</readMetadata>"
    root = _answer(client, asked, "read_metadata", lane)
    records = root.iterfind(f".//{{{_META}}}result/{{{_META}}}records")
    return [_value(r) for r in records if r.get(_NIL) != "true" and len(r)]


def list_components(client: Client, kinds: Sequence[str], *, lane: str) -> list[tuple[str, str]]:
    """Type and full name of all components of up to three types."""
    queries = "".join(f"<queries><type>{escape(kind)}</type></queries>" for kind in kinds)
    asked = f"<listMetadata>{queries}<asOfVersion>{client.api_version}</asOfVersion></listMetadata>"
    root = _answer(client, asked, "list_metadata", lane)
    found = [_value(r) for r in root.iterfind(f".//{{{_META}}}result") if len(r)]
    return [(str(r.get("type", "")), str(r.get("fullName", ""))) for r in found]


def _answer(client: Client, asked: str, endpoint: str, lane: str) -> ElementTree.Element:
    def envelope(tokens: Tokens) -> bytes:
        token = escape(tokens.access_token.reveal())
        return (
            f'<env:Envelope xmlns:env="{_SOAP}" xmlns="{_META}">'
            f"<env:Header><SessionHeader><sessionId>{token}</sessionId></SessionHeader></env:Header>"
            f"<env:Body>{asked}</env:Body></env:Envelope>"
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
        endpoint=endpoint,
        headers={"Content-Type": "text/xml; charset=UTF-8", "SOAPAction": '""'},
        data=envelope,
        read=read,
    )
    if b"<!DOCTYPE" in body or b"<!ENTITY" in body:
        raise Problem("An answer of the Metadata API has a document type.", code="UNKNOWN_SHAPE")
    try:
        return ElementTree.fromstring(body)  # noqa: S314  no document type: nothing to expand
    except ElementTree.ParseError:
        raise TryLater("An answer of the Metadata API is not XML.", code="NOT_XML") from None


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
