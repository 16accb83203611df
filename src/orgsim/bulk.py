"""Bulk API 2.0 query jobs: made, polled, paged.

A job's answer is rendered once, off the event loop, to a CSV file; the job is complete when the
whole answer is there, and pages are slices of the file with the header before each. Every PAGE
rows a byte offset is noted, so that any locator is found by reading at most that many rows.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgsim import bulkcsv
from orgsim.rest.call import Call
from orgsim.soql import dates, tree
from orgsim.soql.groups import is_aggregate, is_count
from orgsim.soql.parse import parse
from orgsim.soql.run import Run
from orgsim.wire import ApiError, Reply, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer

DEFAULT_PAGE = 250_000
QUICK = 2000  # jobs of so few rows are done at the first poll, others at the second or later
JOBS_A_DAY = 10_000
KEPT_MS = 7 * 86_400_000


@dataclass
class Job:
    id: str
    user_id: str
    version: str
    operation: str
    object: str
    delimiter: str
    line_ending: str
    created_ms: int
    state: str = "UploadComplete"
    error: str = ""
    polls: int = 0
    rows: int = 0
    path: Path | None = None
    offsets: list[int] = field(default_factory=list)  # of every bulkcsv.PAGE rows, and the end
    rendering: asyncio.Task[None] | None = None

    def shown(self, *, full: bool) -> dict[str, Any]:
        made: dict[str, Any] = {
            "id": self.id,
            "operation": self.operation,
            "object": self.object,
            "createdById": self.user_id,
            "createdDate": dates.text(self.created_ms),
            "systemModstamp": dates.text(self.created_ms),
            "state": self.state,
            "concurrencyMode": "Parallel",
            "contentType": "CSV",
            "apiVersion": float(self.version),
            "lineEnding": self.line_ending,
            "columnDelimiter": self.delimiter,
        }
        if full:
            made["jobType"] = "V2Query"
            if self.state == "JobComplete":
                made["numberRecordsProcessed"] = self.rows
            made["retries"] = 0
            made["totalProcessingTime"] = self.rows // 1000
            made["isPkChunkingSupported"] = True
            if self.error:
                made["errorMessage"] = self.error
        return made


class Jobs:
    """The query jobs of one org."""

    def __init__(self, server: OrgServer) -> None:
        self.server = server
        self.jobs: dict[str, Job] = {}

    def made_since(self, ms: int) -> int:
        return sum(job.created_ms >= ms for job in self.jobs.values())

    async def handle(self, call: Call, method: str, parts: list[str]) -> Reply:
        match method, parts:
            case "POST", []:
                return answer(self._create(call).shown(full=False))
            case "GET", []:
                return self.server.lists.handle(call, "query")
            case "GET", [id]:
                if (other := self.server.lists.one(call, "query", id)) is not None:
                    return answer(other)
                return answer((await self._polled(self._find(id))).shown(full=True))
            case "PATCH", [id]:
                return answer(self._patch(self._find(id), call.request.json()))
            case "DELETE", [id]:
                self._remove(self._find(id))
                return Reply(status=204)
            case "GET", [id, "results"]:
                return await self._results(call, self._find(id))
            case "GET", [id, "resultPages"]:
                return self._pages(call, self._find(id))
        raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")

    def _find(self, id: str) -> Job:
        job = self.jobs.get(id) or next((j for j in self.jobs.values() if j.id[:15] == id), None)
        if job is None or self.server.org.clock.now() - job.created_ms > KEPT_MS:
            raise ApiError(404, "NOT_FOUND", "The requested resource does not exist")
        return job

    # Making -------------------------------------------------------------------------------

    def _create(self, call: Call) -> Job:
        asked = call.request.json()
        if not isinstance(asked, dict) or not isinstance(asked.get("query"), str):
            raise ApiError(400, "INVALIDJOB", "query is required")
        operation = asked.get("operation", "query")
        delimiter = asked.get("columnDelimiter", "COMMA")
        line_ending = asked.get("lineEnding", "LF")
        if operation not in ("query", "queryAll"):
            raise ApiError(400, "INVALIDJOB", f"operation {operation} is not supported")
        if delimiter not in bulkcsv.DELIMITERS or line_ending not in bulkcsv.LINE_ENDINGS:
            raise ApiError(400, "INVALIDJOB", "columnDelimiter or lineEnding is not supported")
        now = self.server.org.clock.now()
        if self.made_since(now - 86_400_000) >= JOBS_A_DAY:
            raise ApiError(400, "LIMIT_EXCEEDED", "Bulk API 2.0 query jobs per day exceeded")
        all_rows = operation == "queryAll"
        asker = self.server.asker(call.session, call.version, api="bulk", all_rows=all_rows)
        query = parse(asked["query"])
        kind = asker.type_of(query.object, query.text, query.object_at)
        if not kind.bulk:
            raise ApiError(
                400, "INVALIDENTITY", f"Entity '{kind.name}' is not supported by the Bulk API."
            )
        _refuse_what_bulk_cannot(query)
        result = Run(asker).parsed(query)
        columns = bulkcsv.columns(result)
        job = Job(
            self.server.org.new_id("750"),
            call.session.user_id,
            call.version,
            operation,
            kind.name,
            delimiter,
            line_ending,
            now,
            rows=len(result.rows),
        )
        self.jobs[job.id] = job
        job.path = self.server.scratch / f"{job.id}.csv"
        job.rendering = asyncio.create_task(
            asyncio.to_thread(
                bulkcsv.write,
                job.path,
                result.rows,
                columns,
                job.delimiter,
                job.line_ending,
                job.offsets.append,
            )
        )
        return job

    async def _polled(self, job: Job) -> Job:
        """One look at a job moves it on: to InProgress, then, once rendered, to JobComplete."""
        if job.state not in ("UploadComplete", "InProgress") or job.rendering is None:
            return job
        job.polls += 1
        job.state = "InProgress"
        if job.rows <= QUICK:
            await job.rendering
        if job.rendering.done() and (job.polls > 1 or job.rows <= QUICK):
            job.rendering.result()  # what went wrong is our fault and is told as such
            job.state = "JobComplete"
        return job

    def _patch(self, job: Job, asked: Any) -> dict[str, Any]:
        if not isinstance(asked, dict) or asked.get("state") != "Aborted":
            raise ApiError(400, "INVALIDJOBSTATE", "a query job can only be set to Aborted")
        if job.state not in ("UploadComplete", "InProgress"):
            raise ApiError(400, "INVALIDJOBSTATE", f"Job is already {job.state}")
        job.state = "Aborted"
        return job.shown(full=False)

    def _remove(self, job: Job) -> None:
        if job.state not in ("JobComplete", "Aborted", "Failed"):
            raise ApiError(400, "INVALIDJOBSTATE", "Job is not finished")
        del self.jobs[job.id]
        if job.path is not None:
            job.path.unlink(missing_ok=True)

    # Paging -------------------------------------------------------------------------------

    async def _results(self, call: Call, job: Job) -> Reply:
        if job.state != "JobComplete" or job.path is None:
            raise ApiError(
                400, "INVALIDJOBSTATE", f"Job is in state {job.state}, results are not available"
            )
        params = call.request.params
        start = _row_of(params.get("locator"), job.rows)
        most = params.get("maxRecords", str(DEFAULT_PAGE))
        if not most.isdigit() or int(most) < 1:
            raise ApiError(400, "INVALID_REQUEST", "maxRecords must be a positive number")
        end = min(job.rows, start + int(most))
        header_end = job.offsets[0]
        first = bulkcsv.offset_of(job.path, job.offsets, start)
        last = bulkcsv.offset_of(job.path, job.offsets, end) if end < job.rows else None
        with job.path.open("rb") as source:
            header = source.read(header_end)
        return Reply(
            header,
            content_type="text/csv",
            headers=[
                ("Sforce-NumberOfRecords", str(end - start)),
                ("Sforce-Locator", "null" if end >= job.rows else bulkcsv.locator(end)),
            ],
            file=job.path,
            start=first,
            length=(job.offsets[-1] if last is None else last) - first,
        )

    def _pages(self, call: Call, job: Job) -> Reply:
        """Links to pages that can be read side by side."""
        base = f"/services/data/v{call.version}/jobs/query/{job.id}/results"
        links = [
            {"resultUrl": f"{base}?locator={bulkcsv.locator(n)}" if n else base}
            for n in range(0, max(1, job.rows), DEFAULT_PAGE)
        ]
        return answer({"resultPages": links, "nextRecordsUrl": None, "done": True})


def _row_of(locator: str | None, rows: int) -> int:
    if not locator:
        return 0
    row = bulkcsv.row_at(locator)
    if row is None or row > rows:
        raise ApiError(400, "INVALID_LOCATOR", f"Invalid locator: {locator}")
    return row


def _refuse_what_bulk_cannot(query: tree.Query) -> None:
    bad = ""
    if query.group or query.having:
        bad = "GROUP BY"
    elif query.offset is not None:
        bad = "OFFSET"
    elif is_count(query) or any(
        isinstance(i, tree.Item) and is_aggregate(i.what) for i in query.items
    ):
        bad = "Aggregate"
    elif any(isinstance(i, tree.Query) for i in query.items):
        bad = "Nested query"
    if bad:
        raise ApiError(400, "API_ERROR", f"{bad} is not supported in Bulk Query")
