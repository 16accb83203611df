"""Reading what a connection test judges, in as few calls as can be: about twenty-five."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import partial

from orgwarden.catalog.features import sources_for
from orgwarden.catalog.preflight import NotRead, Who
from orgwarden.core.ids import to_18
from orgwarden.core.problems import NotAllowed, NotThere, Problem
from orgwarden.core.source import Kind, Source
from orgwarden.core.whole import Components, Jobs, Linked
from orgwarden.flows.fields import own_field
from orgwarden.flows.preflight.ourselves import read_ourselves
from orgwarden.flows.preflight.probing import LANE, NO_ROW, Probing, composite, not_read, rows_of
from orgwarden.flows.read_event_store import not_shown
from orgwarden.flows.whole.jobs import not_seen
from orgwarden.salesforce import Client, Page, Query, list_components, select
from orgwarden.salesforce.jobs import list_jobs
from orgwarden.salesforce.soql import equal

FILES = 200  # of the newest log files looked at
Answers = Mapping[str, Page | Problem | NotRead | None]


def gather(probing: Probing) -> None:
    """Everything a test looks at; stops where nothing further can be asked."""
    who = probing.timed("identity", lambda: _who(probing.client))
    probing.know(who=who)
    if isinstance(who, NotRead):
        probing.know(reached=who)
        return
    on = sources_for(probing.facts.features, probing.facts.tiers)
    asked = [s for s in on if s.kind is not Kind.LIMITS]
    together = [s for s in asked if s.api == "data"]
    answers = composite(probing, "sources", {s.id: _one(s, who) for s in together})
    if isinstance(answers, NotRead):
        probing.know(reached=answers, organization=answers)
        return
    probing.know(reached=None)
    alone = {s.id: _alone(probing, s) for s in asked if s.api in ("tooling", "metadata")}
    listed = {s.id: _jobs(probing, s) for s in asked if isinstance(s.whole, Jobs)}
    _sources(probing, asked, {**answers, **alone, **listed})
    _limits(probing, on)
    read_ourselves(probing, who)


def _who(client: Client) -> Who:
    """Whose token ours is: the API's root names the identity URL of whoever asks."""
    root = client.get_json("", dict[str, object], lane=LANE, endpoint="resources")
    parts = str(root.get("identity", "")).rstrip("/").rsplit("/", 2)
    if len(parts) != 3:
        raise NotThere("Salesforce does not say whose sign-in this is.", code="NO_IDENTITY")
    return Who(to_18(parts[1]), to_18(parts[2]), "")


def _one(source: Source, who: Who) -> Query:
    asked = select(source.object, source.asked)
    if isinstance(source.whole, Linked):  # shown only for an id that is named
        return asked.where(equal(source.whole.by[-1].field, who.user_id)).at_most(1)
    if source.kind is not Kind.LOG_FILES:
        return asked.at_most(1)
    return asked.order_by("CreatedDate", descending=True).at_most(FILES)


def _alone(probing: Probing, source: Source) -> Page | NotRead:
    """The answer of an API that a composite call does not reach."""
    if isinstance(source.whole, Components):
        types = [source.whole.parts[-1].type]
        listed = partial(list_components, probing.client, types, lane=LANE)
        answer = probing.timed("sources", listed)
        return answer if isinstance(answer, NotRead) else Page(b"", 0, 0, done=True)
    query = select(source.object, source.asked).at_most(1)
    pages = partial(probing.client.query, query, tooling=True, lane=LANE)
    return probing.timed("sources", lambda: next(pages()))


def _jobs(probing: Probing, source: Source) -> NotRead | None:
    """Whether a list of Bulk jobs shows those of others: only a job of others shows that."""
    assert isinstance(source.whole, Jobs)
    read = partial(list_jobs, probing.client, source.whole.list, lane=LANE)
    jobs = probing.timed("sources", read)
    if isinstance(jobs, NotRead):
        return jobs
    who = probing.facts.who
    us = who.user_id if isinstance(who, Who) else ""
    if any(job.created_by_id != us for job in jobs):
        return None
    return not_read(not_seen(probing.facts.user_name))


def _sources(probing: Probing, asked: Iterable[Source], answers: Answers) -> None:
    found: dict[str, NotRead | None] = {}
    lacking: dict[str, tuple[str, ...]] = {}
    for source in asked:
        answer = answers[source.id]
        unlicensed = isinstance(answer, NotAllowed) and answer.code == "INVALID_TYPE"
        if unlicensed and source.kind is Kind.EVENT_STORE:
            answer = not_shown(source, probing.facts.user_name)
        problem = not_read(answer) if isinstance(answer, Problem) else answer
        found[source.id] = problem if isinstance(problem, NotRead) else None
        if isinstance(problem, NotRead) and problem.code == "INVALID_FIELD":
            missing = probing.timed("sources", partial(_missing, probing.client, source))
            if not isinstance(missing, NotRead) and missing:
                found[source.id], lacking[source.id] = None, missing
    probing.know(sources=found, lacking=lacking)
    rows = rows_of(answers.get("organization"))
    probing.know(organization=rows if isinstance(rows, NotRead) else rows[0] if rows else NO_ROW)
    probing.know(log_files=rows_of(answers.get("event_log_file")))


def _missing(client: Client, source: Source) -> tuple[str, ...]:
    """The extra fields the org does not show; none if it is another field, which is a problem."""
    seen = client.describe(source.object, tooling=source.api == "tooling", lane=LANE)
    extra = {f for group in source.extras for f in group}
    gone = [f for f in source.asked if own_field(f) not in seen]
    return tuple(gone) if set(gone) <= extra else ()


def _limits(probing: Probing, on: Iterable[Source]) -> None:
    limits = probing.timed("limits", lambda: probing.client.limits(lane=LANE))
    problem = limits if isinstance(limits, NotRead) else None
    probing.know(sources={**probing.facts.sources, "limits": problem})
    daily = None if isinstance(limits, NotRead) else limits.get("DailyApiRequests")
    left: tuple[int, int] | NotRead = problem or NotRead("Salesforce does not say how many.")
    probing.know(calls_left=(daily.remaining, daily.max) if daily else left)
