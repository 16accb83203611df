"""The lists of Bulk jobs, read whole. Jobs of our own are marked, jobs that went are told.

Salesforce documents that a list holds everybody's jobs, and no answer says whether it does for our
user. So it is believed only for so long after it has shown a job of somebody else; else the source
is dark. Where the only job of others is gone, the job itself is asked for before it is called gone.
Where several went at once and none is left, they may as well be hidden: that is dark too, and they
are told of when a job of others is listed again.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import partial

import msgspec

from orgwarden.core.problems import NotAllowed
from orgwarden.core.source import Source
from orgwarden.core.whole import Jobs
from orgwarden.flows.whole.reading import Reading
from orgwarden.flows.work import Work
from orgwarden.records.models import OurJob
from orgwarden.salesforce.jobs import ListedJob, job_exists, list_jobs

BELIEVED = timedelta(days=30)  # after a job of somebody else was listed


def read(work: Work, source: Source, how: Jobs) -> Reading:
    """Raises NotAllowed while nothing shows that others' jobs are listed."""
    began = work.means.seconds()
    jobs = list_jobs(work.client, how.list, lane=source.lane)
    # By the org's clock, which may not be known before its first answer.
    at = work.now() - timedelta(seconds=work.means.seconds() - began)
    others = any(job.created_by_id != work.org.connected_user_id for job in jobs)
    if not others and not _believed(work, source, at):
        raise not_seen(work.org.connected_user)
    names = tuple(name for name in source.asked)
    ours = ours_of(work, at)
    body = msgspec.json.encode({"records": _records(jobs, ours)})
    return Reading(
        names,
        at,
        iter([([body], True)]),
        lambda seen: True,
        lambda: "",
        gone=None if others else partial(_gone, work, source, how, ours),
        proved=others,
    )


def not_seen(user: str) -> NotAllowed:
    """Nobody else's job was ever listed: are there none, or are they hidden?"""
    return NotAllowed(
        f"Salesforce lists no Bulk job of anybody but {user}: whether the org has none or hides"
        " them is not known.",
        fix="Nothing, if nobody else uses the Bulk API: the first job of somebody else that is"
        f" listed shows that they are. Else let {user} see others' jobs, for example with Manage"
        " Data Integrations.",
        code="JOBS_NOT_SEEN",
    )


def ours_of(work: Work, at: datetime) -> frozenset[str]:
    """The jobs that Orgwarden itself made: by id, because a stranger may use the same user."""
    made = OurJob.objects.filter(org=work.org)
    made.filter(made_at__lt=at - timedelta(days=30)).delete()
    return frozenset(made.values_list("job_id", flat=True))


def _believed(work: Work, source: Source, at: datetime) -> bool:
    proved = work.ledger.of(source.id).proved
    return proved is not None and at - proved < BELIEVED


def _gone(
    work: Work, source: Source, how: Jobs, ours: frozenset[str], missing: Sequence[str]
) -> bool:
    """Whether jobs that are listed no more are gone, when no job of others is listed at all."""
    others = [id for id in missing if id not in ours]
    if len(others) > 1:
        raise NotAllowed(
            "Several Bulk jobs of others are not listed any more, and none is left: they were"
            f" deleted, or are hidden from {work.org.connected_user} now.",
            fix="Look at Setup, Bulk Data Load Jobs. When a job of somebody else is listed again,"
            " what was deleted is told.",
            code="JOBS_VANISHED",
        )
    return not any(job_exists(work.client, how.list, id, lane=source.lane) for id in others)


def _records(jobs: Iterable[ListedJob], ours: frozenset[str]) -> list[dict[str, str | None]]:
    return [
        {
            "Id": job.id,
            "State": job.state,
            "Object": job.object,
            "Operation": job.operation,
            "JobType": job.job_type,
            "ApiVersion": None if job.api_version is None else str(job.api_version),
            "ConcurrencyMode": job.concurrency_mode,
            "ContentType": job.content_type,
            "CreatedDate": job.created_date,
            "CreatedById": job.created_by_id,
            "SystemModstamp": job.system_modstamp or job.created_date,
            "Ours": "true" if job.id in ours else "false",
        }
        for job in jobs
    ]
