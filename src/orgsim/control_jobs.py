"""Control over other people's Bulk jobs: told of, moved on, deleted; and whether all are listed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgsim.control_asked import asked_object, refuse_unknown, true_or_false, user_of, wrong
from orgsim.joblist import LISTS, USUAL_TYPE, Listed
from orgsim.soql import dates
from orgsim.wire import Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer

KNOWN = (
    "id", "list", "user", "object", "operation", "state", "created", "job_type", "deleted",
    "own_only",
)  # fmt: skip


def change_jobs(server: OrgServer, request: Request) -> Reply:
    """`{"list": "query", "user": …, "object": …}` tells of a job that somebody made just now (or
    at `created`); `{"id": …, "state": …}` moves it on; `{"id": …, "deleted": true}` deletes it;
    `{"own_only": true}` shows each user their own jobs only."""
    asked = asked_object(request)
    refuse_unknown("a job", asked, KNOWN)
    jobs, now = server.lists, server.org.clock.now()
    if "own_only" in asked:
        jobs.own_only = true_or_false("own_only", asked["own_only"])
        return answer({"own_only": jobs.own_only})
    if "id" in asked:
        id = str(asked["id"])
        if asked.get("deleted"):
            jobs.deleted.add(id)
        elif id in jobs.told and "state" in asked:
            jobs.told[id].state, jobs.told[id].changed_ms = str(asked["state"]), now
        else:
            raise wrong("state of a job told of before, or deleted, is expected")
        return answer({"id": id})
    which = asked.get("list", "query")
    if which not in LISTS:
        raise wrong(f"list is one of {', '.join(LISTS)}")
    created = dates.instant(asked["created"]) if "created" in asked else now
    job = Listed(
        id=server.org.new_id("750"),
        list=which,
        user_id=user_of(server, str(asked.get("user", ""))),
        object=str(asked.get("object", "Account")),
        operation=str(asked.get("operation", "query" if which == "query" else "insert")),
        state=str(asked.get("state", "InProgress")),
        created_ms=created,
        changed_ms=created,
        job_type=str(asked.get("job_type", USUAL_TYPE[which])),
    )
    jobs.told[job.id] = job
    return answer({"id": job.id}, 201)
