"""Control over changes of the org: their delays, locked records, and the record of calls."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsim.control_asked import asked_object, duration_ms, refuse_unknown, true_or_false, wrong
from orgsim.locks import Lock
from orgsim.org import id18
from orgsim.propagation import DELAYS
from orgsim.record import KINDS
from orgsim.wire import Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer


def delays(server: OrgServer, request: Request) -> Reply:
    """How long changes made from now on take to be known: `{"tokens": "PT30M"}`; see DELAYS."""
    propagation = server.propagation
    if request.method == "POST":
        asked = asked_object(request)
        refuse_unknown("a change", asked, DELAYS)
        propagation.delay_ms.update({what: duration_ms(value) for what, value in asked.items()})
    told = {what: ms / 1000 for what, ms in propagation.delay_ms.items()}
    return answer({"seconds": told, "to_come": len(propagation)})


def locks(server: OrgServer, request: Request) -> Reply:
    """Lock a record by its id: `{"row": id, "for": "PT30S"}` or `{"row": id, "times": 2}`;
    DELETE unlocks all."""
    held = server.locks.held
    if request.method == "DELETE":
        held.clear()
        return Reply(status=204)
    asked = asked_object(request)
    refuse_unknown("a lock", asked, ("row", "for", "times"))
    row, times = str(asked.get("row", "")), asked.get("times")
    if len(row) not in (15, 18) or not (times is None or isinstance(times, int)):
        raise wrong("row is an id, times a number of writes")
    until = server.org.clock.now() + duration_ms(asked["for"]) if "for" in asked else None
    held[id18(row[:15])] = Lock(until, times)
    return answer({"locked": sorted(held)}, 201)


def grants(server: OrgServer, request: Request) -> Reply:
    """How OauthToken tells of grants: `machines` (a row for who signs in by client credentials or
    JWT) and `show_tokens` (AccessToken holds the refresh token), true or false."""
    asked = asked_object(request)
    refuse_unknown("OauthToken", asked, ("machines", "show_tokens"))
    sessions = server.sessions
    if "machines" in asked:
        sessions.machine_grants = true_or_false("machines", asked["machines"])
    if "show_tokens" in asked:
        sessions.show(true_or_false("show_tokens", asked["show_tokens"]))
    return answer({"machines": sessions.machine_grants, "show_tokens": sessions.show_tokens})


def unsure(server: OrgServer, request: Request) -> Reply:
    """What Salesforce does not document: `{"block_revokes": true}`; see `policies.Unsure`."""
    asked = asked_object(request)
    known = vars(server.unsure)
    refuse_unknown("what is unsure", asked, known)
    for name, value in asked.items():
        if isinstance(known[name], bool):
            true_or_false(name, value)
        elif value is not None and not isinstance(value, str):
            raise wrong(f"{name} is a name or null")
        setattr(server.unsure, name, value)
    return answer(vars(server.unsure))


def requests(server: OrgServer, request: Request) -> Reply:
    """The record of calls, in order of time: all, or those of a `user` (null: None), `app`,
    `kind`, `method`; `tokens=1` those that named a column of tokens, `after=n` those after a
    number, `sums=1` how many there were of each credential and kind, ever."""
    params = request.params
    if params.get("sums"):
        sums = server.record.counts.items()
        return answer([{"user": u, "app": a, "kind": k, "count": n} for (u, a, k), n in sums])
    if params.get("kind", "read") not in KINDS or not params.get("after", "0").isdecimal():
        raise wrong(f"kind is one of {', '.join(KINDS)}, after a number")
    return answer(server.record.found(params))
