"""The lists of Bulk jobs: query jobs and ingest jobs, of Bulk API 2.0 and of the one before.

A list comes in pages of up to a thousand, in no order. Salesforce documents that it holds all jobs
of the org; nothing in an answer says whether it does (Bulk API 2.0 Developer Guide, "Get
Information About All Query Jobs").
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from orgwarden.core.problems import NotThere, TryLater

if TYPE_CHECKING:
    from orgwarden.salesforce.client import Client


class ListedJob(msgspec.Struct, rename="camel"):
    """One job, as a list shows it."""

    id: str
    state: str
    created_by_id: str
    created_date: str
    system_modstamp: str | None = None
    object: str | None = None
    operation: str | None = None
    job_type: str | None = None
    api_version: float | None = None
    concurrency_mode: str | None = None
    content_type: str | None = None


class _Page(msgspec.Struct, rename="camel"):
    done: bool
    records: list[ListedJob]
    next_records_url: str | None = None


def list_jobs(client: Client, which: str, *, lane: str) -> list[ListedJob]:
    """All jobs of a list (`query` or `ingest`), in order of ids, one call a page. Raises TryLater
    for a list whose pages repeat or stop before their end."""
    path: str | None = f"jobs/{which}"
    found: dict[str, ListedJob] = {}
    seen: set[str] = set()
    while path is not None:
        if path in seen:
            raise TryLater(
                "The pages of a list of Bulk jobs repeat without end.",
                fix="It is read again from its start.",
                code="REPEATED_LOCATOR",
            )
        seen.add(path)
        page = client.get_json(path, _Page, lane=lane, endpoint="bulk_list")
        found |= {job.id: job for job in page.records}
        path = page.next_records_url
        if path is None and not page.done:
            raise TryLater(
                "A list of Bulk jobs stops before its end.",
                fix="It is read again.",
                code="INCOMPLETE_RESULT",
            )
        if page.done:
            path = None
    return [found[id] for id in sorted(found)]


def job_exists(client: Client, which: str, id: str, *, lane: str) -> bool:
    """Whether a job that a list no longer shows can still be read."""
    if not (id.isalnum() and id.isascii()):
        raise ValueError(f"not a job's id: {id[:40]!r}")
    try:
        client.get(f"jobs/{which}/{id}", lane=lane, endpoint="bulk_poll")
    except NotThere:
        return False
    return True
