"""What the two lists of Bulk jobs have in common, so that each module says only what is its own.

Who takes data out of an org by Bulk often deletes the job within minutes, and with it the only
trace that an org without Event Monitoring keeps. So the lists are read often: a job is an event
when it is first seen, at each change of its state, and when it is gone before Salesforce itself
forgets it after seven days. A job that is made and deleted between two readings is never seen.
Source: Bulk API 2.0 Developer Guide, "Get Information About All Query Jobs", "Get All Jobs".
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.expr import Column, First, Id18, Join, Text
from orgwarden.core.source import Field, Need, Source
from orgwarden.core.whole import Jobs


def bulk_jobs(id: str, title: str, about: str, which: str, every: timedelta) -> Source:
    """One list; `which` is its name in the API: query or ingest."""
    made = whole(
        id,
        title,
        about,
        "BulkQueryJob" if which == "query" else "BulkIngestJob",
        (
            Field("State", "UploadComplete, InProgress, JobComplete, Failed, Aborted …"),
            Field("Object", "The object that is read or written."),
            Field("Operation", "query, queryAll, insert, update, delete, hardDelete …"),
            Field("JobType", "V2Query, V2Ingest, or Classic for the API before."),
            Field("ApiVersion", "Version of the API."),
            Field("ConcurrencyMode", "Parallel or Serial."),
            Field("ContentType", "CSV, JSON …"),
            Field("Ours", "true for a job of Orgwarden's own, by its id."),
        ),
        stamped=stamps("CreatedDate", "CreatedById", "SystemModstamp"),
        label=("Object",),
        cadence=every,
        needs=(Need("ApiEnabled", "nothing can be read at all", refused=True),),
        api="bulk",
        how=Jobs(which),
        cost="1 call a run, 1 more per 1,000 jobs of the last seven days.",
        kept="7 days, or until somebody deletes it",
    )
    return replace(
        made,
        lane="job_lists",
        lag=timedelta(seconds=1),  # a list is as it is now
        kept_for=timedelta(days=7),
        normalised={
            **made.normalised,
            "actor_id": Id18(Column("CreatedById")),
            "action": Join(" ", (Column("Operation"), Column("State"))),
            "object": Text(made.object),
            "target": First((Column("Object"), Column("Id"))),
        },
    )
