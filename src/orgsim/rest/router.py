"""From a path under /services/data to what answers it: versions, session, quota, resource."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from orgsim.entry import has_api
from orgsim.oauth.sessions import Session
from orgsim.rest import composite, deploying, describe, limits, query, records, shapes
from orgsim.rest.call import Call
from orgsim.wire import ApiError, Refusal, Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer

OLDEST, NEWEST = 31, 68
METHODS = ("GET", "HEAD", "POST", "PATCH", "PUT", "DELETE")
SEASONS = ("Spring", "Summer", "Winter")
ID = re.compile(r"(?=\w*\d)[A-Za-z0-9]{15}(?:[A-Za-z0-9]{3})?|01g\w+(?:-\d+)?")


def version_list() -> list[dict[str, str]]:
    """v60 is Spring '24; three versions a year, winter under the next year's number."""
    made = []
    for n in range(OLDEST, NEWEST + 1):
        year, season = divmod(n - 60, 3)
        label = f"{SEASONS[season]} '{(24 + year + (season == 2)) % 100:02d}"
        made.append({"label": label, "url": f"/services/data/v{n}.0", "version": f"{n}.0"})
    return made


def not_found() -> ApiError:
    return ApiError(404, "NOT_FOUND", "The requested resource does not exist")


def not_allowed(method: str, allowed: str) -> ApiError:
    return ApiError(
        405, "METHOD_NOT_ALLOWED", f"HTTP Method '{method}' not allowed. Allowed are {allowed}"
    )


def checked_version(segment: str) -> str:
    match = re.fullmatch(r"v(\d+)\.0", segment)
    if match is None:
        raise not_found()
    n = int(match.group(1))
    if n < OLDEST:
        raise ApiError(410, "UNSUPPORTED_API_VERSION", f"API version {n}.0 is retired")
    if n > NEWEST:
        raise ApiError(404, "UNSUPPORTED_API_VERSION", f"API version {n}.0 is not supported")
    return f"{n}.0"


def endpoint(method: str, parts: list[str]) -> str:
    """A call's name in the quota's books: ids and locators replaced."""
    shown = [
        "{locator}" if p.startswith("01g") and ID.fullmatch(p) else "{id}" if ID.fullmatch(p) else p
        for p in parts
    ]
    return f"{method} /services/data/" + "/".join(shown)


async def handle(server: OrgServer, request: Request) -> Reply:
    """Any call under /services/data."""
    if request.path.removeprefix("/services/data")[:1] not in ("", "/", "."):
        raise not_found()
    asked, request = request, shapes.plain(request)
    try:
        reply = await _handled(server, request)
    except Refusal as refusal:
        reply = refusal.reply()
    return shapes.shaped(asked, reply)


async def _handled(server: OrgServer, request: Request) -> Reply:
    if request.method not in METHODS:
        raise not_allowed(request.method, ",".join(METHODS))
    parts = request.path.split("/")[3:]
    if "" in parts[:-1]:
        raise not_found()  # a doubled slash
    if parts and parts[-1] == "":
        parts.pop()
    if not parts:
        if request.method not in ("GET", "HEAD"):
            raise not_allowed(request.method, "GET,HEAD")
        return answer(version_list())
    session = server.session(request)
    version = checked_version(parts[0])
    try:
        reply = await _counted(server, request, session, version, parts[1:])
    except Refusal as refusal:
        reply = refusal.reply()
    reply.headers.append(server.quota.header(server.org.clock.now()))
    reply.headers.append(("Vary", "Accept-Encoding"))
    reply.headers.append(("Cache-Control", "no-cache,must-revalidate,max-age=0,no-store,private"))
    return reply


async def _counted(
    server: OrgServer, request: Request, session: Session, version: str, parts: list[str]
) -> Reply:
    now = server.org.clock.now()
    if "ApiEnabled" not in server.people.permissions(session.user_id):
        raise ApiError(403, "API_CURRENTLY_DISABLED", "API is disabled for this User")
    if not has_api(server):
        raise ApiError(
            403, "API_DISABLED_FOR_ORG", "The REST API is not enabled for this Organization."
        )
    if server.quota.exhausted(now):
        raise ApiError(403, "REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded.")
    server.quota.count(now, endpoint(request.method, parts), session.client)
    return await dispatch(Call(server, request, session, version), parts)


async def dispatch(call: Call, parts: list[str]) -> Reply:
    """The resource behind the path after the version."""
    method = call.request.method
    if method == "HEAD":
        method = "GET"
    match method, parts:
        case "GET", []:
            return describe.resources(call)
        case "GET", ["limits"]:
            return limits.limits(call)
        case "GET", ["limits", "recordCount"]:
            return limits.record_count(call)
        case "GET", ["query" | "queryAll"]:
            return query.query(call, all_rows=parts[0] == "queryAll")
        case "GET", ["query" | "queryAll", locator]:
            return query.more(call, locator)
        case _, ["tooling", *rest]:
            return await dispatch_tooling(call, method, rest)
        case _, ["sobjects", *rest]:
            return await records.sobjects(call, method, rest)
        case _, ["composite", *rest]:
            return await composite.composite(call, method, rest)
        case _, ["metadata", "deployRequest", *rest]:
            return deploying.deploying(call, method, rest)
        case _, ["jobs", "query", *rest]:
            return await call.server.jobs.handle(call, method, rest)
        case "GET", ["jobs"]:
            root = f"/services/data/v{call.version}/jobs"
            return answer({name: f"{root}/{name}" for name in ("ingest", "query")})
        case "GET", ["jobs", "ingest"]:  # orgsim takes no bulk writes; others' are told of
            return call.server.lists.handle(call, "ingest")
        case "GET", ["jobs", "ingest", id]:
            if (found := call.server.lists.one(call, "ingest", id)) is not None:
                return answer(found)
        case _, ["query" | "queryAll" | "limits", *_]:
            raise not_allowed(method, "GET,HEAD")
    raise not_found()


async def dispatch_tooling(call: Call, method: str, parts: list[str]) -> Reply:
    call = call.of("tooling")
    match method, parts:
        case "GET", []:
            root = f"/services/data/v{call.version}/tooling"
            return answer({name: f"{root}/{name}" for name in ("query", "sobjects")})
        case "GET", ["query"]:
            return query.query(call, all_rows=False)
        case "GET", ["query", locator]:
            return query.more(call, locator)
        case _, ["sobjects", *rest]:
            return await records.sobjects(call, method, rest)
    raise not_found()
