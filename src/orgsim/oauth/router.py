"""What answers everything that is not the REST API: OAuth, identity, sign-in pages, SOAP."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from orgsim.oauth import authorize, device, identity, token
from orgsim.oauth import soap as soap_login
from orgsim.rest import metadata
from orgsim.wire import Reply, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

ROUTES: dict[str, Callable[[OrgServer, Request], Reply]] = {
    "/services/oauth2/authorize": authorize.authorize,
    "/services/oauth2/approve": authorize.approve,
    "/login": authorize.sign_in,
    "/secur/logout.jsp": authorize.sign_out,
    "/services/oauth2/token": token.token,
    "/setup/connect": device.connect,
    "/services/oauth2/revoke": token.revoke,
    "/services/oauth2/introspect": token.introspect,
    "/services/oauth2/userinfo": identity.userinfo,
    "/.well-known/openid-configuration": identity.discovery,
    "/id/keys": identity.keys,
}
NOT_FOUND = b"<html><head><title>URL No Longer Exists</title></head><body>404</body></html>"


async def handle(server: OrgServer, request: Request) -> Reply:
    path = request.path
    soap = re.fullmatch(r"/services/Soap/m/(\d+\.0)(?:/\w+)?", path)
    if soap:
        return await metadata.handle(server, request, soap.group(1))
    login = re.fullmatch(r"/services/Soap/([uc])/(\d+\.0)(?:/\w+)?", path)
    server.quota.uncounted[f"{request.method} {path.split('/00D')[0]}", request.client] += 1
    if login:
        return soap_login.handle(server, request, login.group(1), login.group(2))
    route = ROUTES.get(path)
    if route is not None:
        return route(server, request)
    if path.startswith("/id/") and path.count("/") == 3:
        _, _, org_id, user_id = path.split("/")
        return identity.identity(server, request, org_id, user_id)
    return Reply(NOT_FOUND, 404, "text/html;charset=UTF-8")
