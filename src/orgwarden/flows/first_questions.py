"""What the sources of a run are going to ask first, so that it can be asked together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from orgwarden.core.source import Kind, Source
from orgwarden.flows import list_log_files, permissions, read_event_store, read_rows
from orgwarden.flows.whole import begin
from orgwarden.flows.work import Work
from orgwarden.records.models import SourceState
from orgwarden.salesforce import Query

FIRST: Mapping[Kind, Callable[[Work, Source], Query | None]] = {
    Kind.ROWS: read_rows.first_question,
    Kind.SNAPSHOT: begin.first_question,
    Kind.EVENT_STORE: read_event_store.first_question,
    Kind.LOG_FILES: list_log_files.first_question,
}
# A source that could not be read lately is asked alone: it may be slow, or answer with an error.
ALONE = (SourceState.State.DARK, SourceState.State.FAILING)


def plan_together(work: Work, sources: Sequence[Source]) -> None:
    """Plan what these sources ask first, in this order, and before it what our user may do."""
    if question := permissions.first_question(work, sources):
        work.joined.plan(question, lane="sign_ins")
    plan_sources(work, sources)


def plan_sources(work: Work, sources: Sequence[Source]) -> None:
    """The same without our user's permissions, where these are known."""
    states = SourceState.objects.filter(org=work.org, state__in=ALONE)
    alone = set(states.values_list("source", flat=True))
    for source in sources:
        if source.id in alone or source.kind not in FIRST:
            continue
        if question := FIRST[source.kind](work, source):
            work.joined.plan(question, lane=source.lane)
