"""How long Salesforce keeps what a source reads, in this org, and what that puts at risk."""

from __future__ import annotations

from datetime import datetime, timedelta

from orgwarden.catalog.sources import source_of
from orgwarden.core.expiry import ON_ITS_WAY, lost_from
from orgwarden.core.source import Kind, Source
from orgwarden.core.spans import Spans
from orgwarden.records.models import Org, SourceState

WITHOUT_LICENCE = timedelta(days=1)  # log files of an org without Event Monitoring


def kept_of(source: Source, org: Org) -> timedelta | None:
    """How long this org keeps a source's data; None for ever, or when nobody says."""
    if source.kind is Kind.LOG_FILES and org.event_monitoring != "licensed":
        return WITHOUT_LICENCE
    return source.kept_for


def lost_after(state: SourceState, org: Org, now: datetime) -> datetime | None:
    """When Salesforce begins to delete what is not collected of a source, if nothing changes;
    None when nothing is left behind. Log files are deleted by when they were made: what was made
    since the last list of them is not collected."""
    try:
        source = source_of(state.source)
    except KeyError:
        return None
    kept = kept_of(source, org)
    if source.kind is Kind.LOG_FILES:
        listed = state.last_success_at
        return listed + kept if kept and listed and now - listed > ON_ITS_WAY else None
    held = state.coverage or {}
    missing = Spans.from_json(part[:2] for part in held.get("missing", []))
    complete = Spans.from_json(held.get("complete", []))
    return lost_from(complete, missing, start=state.backfill_from, kept=kept, now=now)
