"""The Metadata API's SOAP endpoint: readMetadata and listMetadata."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsim.wire import Reply, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer


async def handle(server: OrgServer, request: Request, version: str) -> Reply:
    return Reply(b"", 404, "text/xml;charset=UTF-8")
