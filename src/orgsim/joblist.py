"""Everybody's Bulk jobs, as `GET jobs/query` and `GET jobs/ingest` list them.

Three kinds of job are listed: those made through this API (`bulk`), those that the control API
tells of, and the routine of the org: what its integrations and its administrator run day by day.
The routine is worked out from the clock, so that equal options give equal lists. Jobs are listed
for seven days, a thousand on a page, in no order that means anything.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from orgsim.org import ALPHABET, id18
from orgsim.rest.call import Call
from orgsim.soql import dates
from orgsim.wire import ApiError, Reply, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer

DAY = 86_400_000
KEPT_MS = 7 * DAY
PAGE = 1000
LISTS = ("query", "ingest")
USUAL_TYPE = {"query": "V2Query", "ingest": "V2Ingest"}
ENDED = ("JobComplete", "Failed", "Aborted", "Closed")
# What a job takes: waiting, then running; ms after it was made.
STARTS_MS, ENDS_MS = 15_000, 75_000
# Of an org that stands still the routine ended a while ago and none of it is about to be forgotten.
STILL_MS, YOUNG_MS = 5 * 60_000, 12 * 3_600_000


@dataclass
class Listed:
    """One job as it is listed. `changed_ms` is when its state last changed."""

    id: str
    list: str  # query or ingest
    user_id: str
    object: str
    operation: str
    state: str
    created_ms: int
    changed_ms: int
    job_type: str
    version: str = "62.0"

    def shown(self) -> dict[str, Any]:
        return {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user_id,
            "createdDate": dates.text(self.created_ms),
            "systemModstamp": dates.text(self.changed_ms),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "jobType": self.job_type,
            "lineEnding": "LF",
            "columnDelimiter": "COMMA",
        }


@dataclass
class JobLists:
    """The lists of one org. `own_only` shows each user their own jobs and nobody else's."""

    server: OrgServer
    own_only: bool = False
    told: dict[str, Listed] = field(default_factory=dict)
    deleted: set[str] = field(default_factory=set)
    _open: dict[str, tuple[str, list[dict[str, Any]]]] = field(default_factory=dict)

    def handle(self, call: Call, which: str) -> Reply:
        """A page of a list: the first one, or the one of a locator."""
        locator = call.request.params.get("queryLocator")
        if locator is None:
            rows = [job for job in self._listed(call, which) if self._sees(call, job)]
            return self._page(call, which, rows, 0)
        key, _, start = locator.partition("-")
        if key not in self._open or self._open[key][0] != which or not start.isdigit():
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return self._page(call, which, self._open[key][1], int(start), key)

    def one(self, call: Call, which: str, id: str) -> dict[str, Any] | None:
        """A job that somebody ran outside this API; None if there is none to be seen."""
        found = [j for j in self._others(which) if j.id[:15] == id[:15]]
        shown = [j.shown() for j in found]
        return shown[0] if shown and self._sees(call, shown[0]) else None

    def _sees(self, call: Call, shown: dict[str, Any]) -> bool:
        return not self.own_only or shown["createdById"] == call.session.user_id

    def _listed(self, call: Call, which: str) -> list[dict[str, Any]]:
        now = self.server.org.clock.now()
        made = self.server.jobs.jobs.values() if which == "query" else ()
        rows = [j.shown(full=True) for j in made if now - j.created_ms <= KEPT_MS]
        rows += [job.shown() for job in self._others(which)]
        params = call.request.params
        if params.get("concurrencyMode", "Parallel").lower() != "parallel":
            rows = []
        wanted = params.get("jobType")
        if wanted is not None:
            rows = [row for row in rows if row["jobType"] == wanted]
        return sorted(rows, key=lambda row: str(row["id"])[::-1])

    def _page(
        self, call: Call, which: str, rows: list[dict[str, Any]], start: int, key: str = ""
    ) -> Reply:
        end = start + PAGE
        done = end >= len(rows)
        if not done and not key:
            key = self.server.org.new_id("01g")
            self._open[key] = (which, rows)
        base = f"/services/data/v{call.version}/jobs/{which}"
        more = None if done else f"{base}?queryLocator={key}-{end}"
        return answer({"done": done, "records": rows[start:end], "nextRecordsUrl": more})

    def _others(self, which: str) -> Iterator[Listed]:
        now = self.server.org.clock.now()
        for job in [*self._routine(which, now), *self.told.values()]:
            fresh = now - job.created_ms <= KEPT_MS
            if job.list == which and fresh and job.id not in self.deleted:
                yield job

    # The routine --------------------------------------------------------------------------

    def _routine(self, which: str, now: int) -> Iterator[Listed]:
        org = self.server.org
        if org.world is None:
            return
        since, until = now - KEPT_MS, now
        if org.options.speed <= 0:
            since = max(since, org.options.now_ms - KEPT_MS + YOUNG_MS)
            until = min(until, org.options.now_ms - STILL_MS)
        if which == "ingest":
            admin = org.world.admin
            yield from self._series("leads", which, admin, ("Lead",), 1, "insert", since, until)
            return
        # An administrator's own export, with a tool of before Bulk API 2.0.
        admin = org.world.admin
        yield from self._series("export", which, admin, ("Account",), 1, "query", since, until)
        for it in org.world.integrations:
            if it.bulk_jobs:
                name, rate = it.username, it.bulk_jobs
                yield from self._series(name, which, it.id, it.objects, rate, "query", since, until)

    def _series(
        self,
        name: str,
        which: str,
        user: str,
        objects: tuple[str, ...],
        a_day: float,
        operation: str,
        since: int,
        until: int,
    ) -> Iterator[Listed]:
        """Jobs `a_day` times a day since 1970, of which those made in [since, until]."""
        every = int(DAY / a_day)
        classic = name == "export"
        for n in range(since // every, until // every + 1):
            digest = hashlib.sha256(f"{self.server.org.id}/{which}/{name}/{n}".encode()).digest()
            at = n * every + digest[0] * every // 512 // 1000 * 1000
            if not since <= at <= until:
                continue
            age = self.server.org.clock.now() - at
            state, changed = "JobComplete", at + ENDS_MS
            if age < STARTS_MS:
                state, changed = "UploadComplete", at
            elif age < ENDS_MS:
                state, changed = "InProgress", at + STARTS_MS
            body = "".join(ALPHABET[b % len(ALPHABET)] for b in digest[1:13])
            kind = "Classic" if classic else USUAL_TYPE[which]
            yield Listed(
                id18("750" + body), which, user, objects[n % len(objects)], operation,
                "Closed" if classic and state == "JobComplete" else state, at, changed, kind,
            )  # fmt: skip
