"""Apex that runs in the background: batches, future and queueable calls, scheduled jobs.

A row changes while its job goes on, so a row is stored once for each status it was seen in: first
seen, and every change of status that a reading met. A job is read again for twelve hours after it
was made; what a longer one becomes later is not seen.
Source: Object Reference, AsyncApexJob.
"""

from datetime import timedelta

from orgwarden.core.expr import Column, Id18, Instant, Join, Match, Text, Whole, first
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="async_apex_jobs",
    title="Apex jobs",
    about="Code of the org that ran in the background, who started it and how it ended.",
    kind=Kind.ROWS,
    object="AsyncApexJob",
    fields=(
        Field("Id", "Id of the job."),
        Field("CreatedDate", "When it was put in the queue.", time=True),
        Field("CreatedById", "Who started it."),
        Field("JobType", "BatchApex, Future, Queueable, ScheduledApex …"),
        Field("Status", "Queued, Processing, Completed, Aborted, Failed …"),
        Field("ApexClassId", "The class."),
        Field("ApexClass.Name", "The class's name."),
        Field("MethodName", "The method."),
        Field("JobItemsProcessed", "Batches that are done."),
        Field("TotalJobItems", "Batches in all."),
        Field("NumberOfErrors", "Batches that failed."),
        Field("CompletedDate", "When it ended.", time=True),
        Field("ExtendedStatus", "The first error, in words."),
        Field("ParentJobId", "The job that started it."),
    ),
    normalised={
        "time": Instant(Column("CreatedDate")),
        "actor_id": Id18(Column("CreatedById")),
        "action": Join(" ", (Column("JobType"), Column("Status"))),
        "object": Text("AsyncApexJob"),
        "target": first("ApexClass.Name", "MethodName", "ApexClassId"),
        "rows": Whole(Column("JobItemsProcessed")),
        "outcome": Match(
            Column("Status"),
            (
                ("completed", Text("success")),
                ("failed", Text("failure")),
                ("aborted", Text("failure")),
            ),
        ),
    },
    key=("Id", "Status"),
    lane="event_logs",
    cadence=timedelta(hours=6),
    cost="1 call a run, 1 more per 2,000 jobs of the last eighteen hours.",
    time_field="CreatedDate",
    overlap=timedelta(hours=12),
    backfill=timedelta(days=7),
    kept="about 7 days after it ended",
    kept_for=timedelta(days=7),
    needs=(Need("ViewSetup", "code that runs in the background is dark"),),
    extras=(("ApexClass.Name",),),
)
