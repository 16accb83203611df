"""Bulk API 2.0 queries: a million records in some twenty calls (fact sheet 2.5).

A job is created, waited for, and its result fetched page by page into files. Each page is CSV and
repeats the header row. The end of the pages is a locator that says `null`, is empty or is missing.
"""

from __future__ import annotations

import logging
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from orgwarden.core.problems import NotAllowed, Problem, TryLater
from orgwarden.salesforce.bodies import quoted
from orgwarden.salesforce.download import save
from orgwarden.salesforce.http import Answer, Stream

if TYPE_CHECKING:
    from orgwarden.salesforce.client import Client

log = logging.getLogger("orgwarden.salesforce")

_FIRST_POLL = 0.2  # seconds
_SLOWEST_POLL = 5.0
# A job that has run for minutes is asked about less often: each question is a call.
_POLL_SHARE_OF_AGE = 0.25
_PAGE_TRIES = 3
# Rows a page: each page is a call, and is on disk as a whole while it is landed (some 35 MB).
PAGE_ROWS = 100_000


@dataclass(frozen=True)
class BulkPage:
    """One page of a result in a file of its own, header row first."""

    path: Path
    count: int  # records as Salesforce counts them, the header row not among them
    last: bool


class _Job(msgspec.Struct, rename="camel"):
    id: str
    state: str
    number_records_processed: int | None = None
    error_message: str | None = None


class BulkResult:
    """A query job at Salesforce, and its result. `job_id` is known at once, so that a run that
    crashes can be resumed (`Client.bulk_resume`) or its job deleted (`delete`)."""

    def __init__(
        self, client: Client, job_id: str, *, max_records: int, deadline: timedelta, lane: str
    ) -> None:
        if not (job_id.isalnum() and job_id.isascii()):
            raise ValueError(f"not a job's id: {job_id[:40]!r}")
        self.job_id = job_id
        self._client = client
        self._max_records = max_records
        self._deadline = deadline
        self._lane = lane
        self._count: int | None = None

    @classmethod
    def create(
        cls, client: Client, soql: str, *, max_records: int, deadline: timedelta, lane: str
    ) -> BulkResult:
        """Starts the job. Not repeated after a lost answer: there may be a job already."""
        asked = {
            "operation": "query",
            "query": soql,
            "contentType": "CSV",
            "columnDelimiter": "COMMA",
            "lineEnding": "LF",
        }
        job = client._call(
            "POST",
            client._path("jobs/query"),
            lane=lane,
            endpoint="bulk_create",
            headers={"Content-Type": "application/json", "Accept": "application/json"},
            data=msgspec.json.encode(asked),
            idempotent=False,
            read=_read_job,
        )
        return cls(client, job.id, max_records=max_records, deadline=deadline, lane=lane)

    def wait(self) -> int:
        """Waits until the job is complete and gives the number of its records.

        Raises TryLater when the deadline passes (the job goes on at Salesforce) or the job was
        aborted, NotAllowed when Salesforce says so, a Problem with its words when it failed.
        """
        if self._count is not None:
            return self._count
        transport = self._client._transport
        began = transport.clock()
        pause = _FIRST_POLL
        while True:
            transport.wait(pause)
            job = self._client._call(
                "GET",
                self._client._path(f"jobs/query/{self.job_id}"),
                lane=self._lane,
                endpoint="bulk_poll",
                headers={"Accept": "application/json"},
                read=_read_job,
            )
            if job.state == "JobComplete":
                self._count = job.number_records_processed or 0
                return self._count
            if job.state in ("Failed", "Aborted"):
                raise _failure(job)
            age = transport.clock() - began
            if age > self._deadline.total_seconds():
                raise TryLater(
                    f"A Bulk query is still running after {int(age)} seconds.",
                    fix="It is asked for again; a smaller window finishes sooner.",
                    code="BULK_DEADLINE",
                )
            pause = min(pause * 2, max(_SLOWEST_POLL, _POLL_SHARE_OF_AGE * age))

    def pages(self, to_folder: Path) -> Iterator[BulkPage]:
        """The result, one file in `to_folder` (the caller's to delete) and one call a page.

        The last page is given only if all together hold as many records as the job counted; then
        the job is deleted at Salesforce, as well as that works. Raises as `wait` does, and
        TryLater for a result that is cut, repeats itself or is not complete.
        """
        expected = self.wait()
        locator: str | None = None
        seen: set[str] = set()
        total = number = 0
        while True:
            path = to_folder / f"{self.job_id}-{number:05d}.csv"
            count, next_locator = self._fetch(path, locator)
            total += count
            number += 1
            if next_locator is None:
                if total != expected:
                    raise TryLater(
                        f"A Bulk query gave {total:,} of {expected:,} records.",
                        fix="It is read again.",
                        code="INCOMPLETE_RESULT",
                    )
                yield BulkPage(path, count, last=True)
                self.delete()
                return
            if next_locator in seen:
                raise TryLater(
                    "The pages of a Bulk query repeat without end.",
                    fix="It is read again.",
                    code="REPEATED_LOCATOR",
                )
            seen.add(next_locator)
            yield BulkPage(path, count, last=False)
            locator = next_locator

    def delete(self) -> None:
        """Deletes the job and its result at Salesforce. That it fails is only logged: what was
        read stays read, and Salesforce deletes it after 7 days itself."""
        try:
            self._client._call(
                "DELETE",
                self._client._path(f"jobs/query/{self.job_id}"),
                lane=self._lane,
                endpoint="bulk_delete",
                read=lambda stream: None,
                tries=1,
            )
        except Problem as problem:
            log.info("Bulk job %s was not deleted: %s", self.job_id, problem.code)

    def _fetch(self, path: Path, locator: str | None) -> tuple[int, str | None]:
        def read(stream: Stream) -> tuple[int, str | None]:
            save(stream, path, expected=None)
            return _count_of(stream), _locator_of(stream)

        params = {"maxRecords": str(self._max_records)}
        if locator is not None:
            params["locator"] = locator
        return self._client._call(
            "GET",
            self._client._path(f"jobs/query/{self.job_id}/results", params),
            lane=self._lane,
            endpoint="bulk_results",
            headers={"Accept": "text/csv"},
            read=read,
            tries=_PAGE_TRIES,
        )


def _read_job(stream: Stream) -> _Job:
    answer = Answer(stream.status, stream.headers, stream.read_all())
    try:
        return msgspec.json.decode(answer.body, type=_Job)
    except msgspec.MsgspecError:
        raise TryLater("An answer about a Bulk job cannot be read.", code="NOT_JSON") from None


def _count_of(stream: Stream) -> int:
    text = stream.headers.get("Sforce-NumberOfRecords", "").strip()
    if text.isdigit():
        return int(text)
    if stream.status == 204:
        return 0
    raise TryLater(
        "A page of a Bulk query does not say how many records it has.",
        fix="It is read again.",
        code="NO_RECORD_COUNT",
    )


def _locator_of(stream: Stream) -> str | None:
    text = stream.headers.get("Sforce-Locator", "").strip()
    return None if text in ("", "null") else text


def _failure(job: _Job) -> Problem:
    words = quoted(job.error_message or "it gave no reason").rstrip(".") + "."
    if job.state == "Aborted":
        return TryLater(
            f"A Bulk query was aborted in the org: {words}",
            fix="It is read again; Setup, Bulk Data Load Jobs shows who aborted it.",
            code="BULK_ABORTED",
        )
    if "INVALIDENTITY" in words.upper() or "not supported by the Bulk API" in words:
        return NotAllowed(
            f"This object cannot be read through the Bulk API: {words}", code="INVALIDENTITY"
        )
    return Problem(
        f"A Bulk query failed at Salesforce: {words}",
        fix="It is tried in a smaller window, then through the REST API.",
        code="BULK_FAILED",
    )
