"""The control API beside the faked one: `/_sim/…`. It asks for no session and counts no call."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from orgsim import build
from orgsim.control_access import (
    app,
    certificate,
    columns,
    permission,
    private_key,
    secrets,
    token,
)
from orgsim.control_apps import approvals, change_app
from orgsim.control_asked import asked_object, duration_ms, type_of, wrong
from orgsim.control_changes import delays, grants, locks, requests, unsure
from orgsim.control_installing import installation, new_app
from orgsim.control_jobs import change_jobs
from orgsim.control_org import change, change_org, change_user, network, reset, settings
from orgsim.faults import NotAFault
from orgsim.rest.values import incoming
from orgsim.soql import dates
from orgsim.store import Table
from orgsim.wire import ApiError, Reply, Request, answer, encode
from orgsim.world.stored import NO_ID, identifier

if TYPE_CHECKING:
    from orgsim.server import OrgServer

LINES = 2000  # of a ledger in one piece of its answer
Handler = Callable[["OrgServer", Request], Reply]


async def handle(server: OrgServer, request: Request) -> Reply:
    _refuse_pages(server, request)
    parts = [p for p in request.path.split("/") if p][1:]
    server.live()
    if len(parts) == 2 and parts[0] == "scenario" and request.method == "POST":
        return _scenario(server, request, parts[1])
    route = ROUTES.get((request.method, "/".join(parts)))
    if route is None:
        known = ", ".join(f"{method} {name}" for method, name in ROUTES)
        raise ApiError(404, "SIM", f"no such control; there are {known}, POST scenario/NAME")
    return route(server, request)


def _refuse_pages(server: OrgServer, request: Request) -> None:
    """Control asks for no sign-in, so a page of some website, open in a browser on this machine,
    must not reach it: by its Origin, or by a name of its own that leads to loopback."""
    origin = request.headers.get("origin")
    host = urlsplit(f"//{request.headers.get('host', '')}").hostname
    if host not in ("127.0.0.1", "localhost", "::1"):
        raise ApiError(403, "SIM", "control is asked by 127.0.0.1 or localhost only")
    if origin is not None and origin not in (server.base_url, server.entry.old_url):
        raise ApiError(403, "SIM", "control does not listen to pages of other sites")
    if request.headers.get("sec-fetch-site", "none") not in ("none", "same-origin"):
        raise ApiError(403, "SIM", "control does not listen to pages of other sites")


def state(server: OrgServer, request: Request) -> Reply:
    org = server.org
    users = org.store.tables.get("User")
    return answer(
        {
            "org_id": org.id,
            "name": org.name,
            "url": server.base_url,
            "users": len(users.rows) if users else 0,
            "now": dates.text(org.clock.now(), "Z"),
            "speed": org.options.speed,
            "quota": {"used": server.quota.used(org.clock.now()), "limit": server.quota.limit},
            "sessions": len(server.sessions.sessions),
            "faults": len(server.faults.armed),
            "log_types": org.log_files.types(org.clock.now()) if org.log_files else [],
            "apps": [
                {"name": a.name, "consumer_key": a.consumer_key, "kind": a.kind}
                for a in org.apps.values()
            ],
        }
    )


# Ground truth -----------------------------------------------------------------------------


def ledger(server: OrgServer, request: Request) -> Reply:
    source = request.params.get("source", "")
    every = request.params.get("all", "") in ("1", "true")
    org, now = server.org, server.org.clock.now()
    if source.startswith("EventLogFile:"):
        if org.log_files is None:
            raise wrong("this org has no log files")
        rows: Iterator[dict[str, Any]] = iter(
            org.log_files.ledger(source.partition(":")[2], now, every)
        )
    else:
        rows = _rows(org.store[type_of(server, source).name], now, every)
    return Reply(content_type="application/x-ndjson", stream=_lines(rows))


def _rows(table: Table, now: int, every: bool) -> Iterator[dict[str, Any]]:
    """Deleted rows are ground truth too: what was seen once cannot be unseen."""
    kind = table.type
    id_at = kind.position.get("Id")
    event, created = (
        kind.position.get(name) if name else None for name in (kind.event_time, kind.created_time)
    )
    if created is None:
        created = event
    if event is None:
        event = created

    def time(row: tuple[Any, ...], at: int | None) -> str | None:
        return None if at is None or row[at] is None else dates.text(row[at], "Z")

    for at in range(len(table.rows)):
        if every or table.visible_from[at] <= now:
            row = table.rows[at]
            visible = table.visible_from[at] or (row[created] if created is not None else 0) or 0
            yield {
                "id": row[id_at] if id_at is not None else None,
                "event_time": time(row, event),
                "created_time": time(row, created),
                "visible_from": dates.text(visible, "Z"),
            }


async def _lines(rows: Iterator[dict[str, Any]]) -> AsyncIterator[bytes]:
    piece: list[bytes] = []
    for row in rows:
        piece.append(encode(row))
        if len(piece) >= LINES:
            yield b"\n".join(piece) + b"\n"
            piece.clear()
    if piece:
        yield b"\n".join(piece) + b"\n"


# Calls and quota --------------------------------------------------------------------------


def calls(server: OrgServer, request: Request) -> Reply:
    """Counted API calls; with `all=1` also those that cost nothing, as sign-ins."""
    books = [(server.quota.calls, True)]
    if request.params.get("all") in ("1", "true"):
        books.append((server.quota.uncounted, False))
    return answer(
        [
            {"endpoint": endpoint, "client": client, "count": n}
            | ({} if len(books) == 1 else {"counted": counted})
            for book, counted in books
            for (endpoint, client), n in book.items()
        ]
    )


def quota(server: OrgServer, request: Request) -> Reply:
    asked = asked_object(request)
    now = server.org.clock.now()
    if not isinstance(asked.get("used", 0), int) or not isinstance(asked.get("limit", 0), int):
        raise wrong("used and limit are numbers")
    if "limit" in asked:
        server.quota.limit = asked["limit"]
    if "used" in asked:
        server.quota.set(now, asked["used"])
    return answer({"used": server.quota.used(now), "limit": server.quota.limit})


# Time and faults --------------------------------------------------------------------------


def clock(server: OrgServer, request: Request) -> Reply:
    asked = asked_object(request)
    if "advance" in asked:
        server.org.clock.advance(duration_ms(asked["advance"]))
    elif "set" in asked:
        server.org.clock.set(_time(asked["set"]))
    else:
        raise wrong("advance or set is expected")
    server.moved()
    return answer({"now": dates.text(server.org.clock.now(), "Z")})


def _time(value: Any) -> int:
    try:
        return value if isinstance(value, int) else dates.instant(value)
    except (ValueError, TypeError) as error:
        raise wrong(f"not a time: {value!r}") from error


def faults(server: OrgServer, request: Request) -> Reply:
    if request.method == "DELETE":
        server.faults.clear()
        return Reply(status=204)
    if request.method == "GET":
        return answer(
            [
                f.given | {"number": f.number, "met": f.met, "struck": f.struck}
                for f in server.faults.armed
            ]
        )
    asked = request.json()
    try:
        armed = [server.faults.arm(a) for a in (asked if isinstance(asked, list) else [asked])]
    except NotAFault as error:
        raise wrong(str(error)) from error
    return answer({"numbers": [f.number for f in armed]}, 201)


# Rows and files ---------------------------------------------------------------------------


def rows(server: OrgServer, request: Request) -> Reply:
    asked = asked_object(request)
    org = server.org
    kind = type_of(server, asked.get("object"))
    now = org.clock.now()
    visible = _time(asked["visible_from"]) if asked.get("visible_from") is not None else now
    made = [incoming(org.store, kind, r) for r in asked.get("rows") or []]
    table, ids = org.store[kind.name], []
    for values in made:
        for field in kind.fields:
            # A time that must be there and was not given is now, to the second as elsewhere.
            if field.type == "datetime" and not field.nillable:
                values.setdefault(field.name, now // 1000 * 1000)
        if kind.big:
            values["Id"] = NO_ID
            values.setdefault("EventIdentifier", identifier(org.new_id("evt")))
        elif "Id" in kind.position and kind.prefix and "oauth_token_paging" not in kind.quirks:
            values.setdefault("Id", org.new_id(kind.prefix))
        table.add(table.make(values), visible)
        ids.append(values.get("Id"))
    server.people.changed()
    return answer({"ids": ids}, 201)


def log_file(server: OrgServer, request: Request) -> Reply:
    org, params = server.org, request.params
    if org.log_files is None:
        raise wrong("this org has no log files")
    if not params.get("type") or not params.get("date"):
        raise wrong("type and date are expected")
    made = org.log_files.publish(
        event_type=params["type"],
        body=request.body,
        log_date_ms=_time(params["date"]),
        interval=params.get("interval", "Daily"),
        sequence=int(params.get("sequence", "0")),
        created_ms=_time(params["created"]) if "created" in params else None,
        visible_from_ms=_time(params["visible_from"]) if "visible_from" in params else None,
    )
    return answer({"id": made}, 201)


# Scenarios and routes ---------------------------------------------------------------------


def _scenario(server: OrgServer, request: Request, name: str) -> Reply:
    scenarios = build.scenarios()
    if name not in scenarios:
        raise ApiError(404, "SIM", f"no scenario {name!r}; there are {', '.join(scenarios)}")
    asked = asked_object(request) if request.body else {}
    try:
        told = scenarios[name](server.org, asked)
    except ValueError as error:
        raise wrong(str(error)) from error
    return answer(told)


def scenario_names(server: OrgServer, request: Request) -> Reply:
    return answer(sorted(build.scenarios()))


ROUTES: dict[tuple[str, str], Handler] = {
    ("GET", "state"): state,
    ("GET", "ledger"): ledger,
    ("GET", "calls"): calls,
    ("POST", "quota"): quota,
    ("POST", "clock"): clock,
    ("GET", "faults"): faults,
    ("POST", "faults"): faults,
    ("DELETE", "faults"): faults,
    ("POST", "rows"): rows,
    ("POST", "logfile"): log_file,
    ("POST", "permission"): permission,
    ("POST", "columns"): columns,
    ("GET", "app"): app,
    ("POST", "app"): change_app,
    ("GET", "secrets"): secrets,
    ("POST", "approvals"): approvals,
    ("POST", "org"): change_org,
    ("POST", "user"): change_user,
    ("POST", "jobs"): change_jobs,
    ("POST", "network"): network,
    ("POST", "reset"): reset,
    ("POST", "settings"): settings,
    ("POST", "change"): change,
    ("GET", "delays"): delays,
    ("POST", "delays"): delays,
    ("POST", "locks"): locks,
    ("DELETE", "locks"): locks,
    ("POST", "grants"): grants,
    ("GET", "requests"): requests,
    ("POST", "unsure"): unsure,
    ("POST", "apps"): new_app,
    ("POST", "installation"): installation,
    ("GET", "private-key"): private_key,
    ("POST", "certificate"): certificate,
    ("GET", "token"): token,
    ("GET", "scenario"): scenario_names,
}
