"""Log files that Salesforce is about to delete are listed and fetched in the protected lane."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

from orgwarden.catalog.sources.event_log_file import FAMILY
from orgwarden.core.source import Source
from orgwarden.flows.work import Work

KEPT = {"licensed": timedelta(days=30), "none": timedelta(days=1)}
SOON = {"licensed": timedelta(days=1), "none": timedelta(hours=6)}


def lane_of(work: Work, created: datetime) -> str:
    """The lane in which a file made at `created` is fetched."""
    kind = work.org.event_monitoring
    if kind in KEPT and created + KEPT[kind] - SOON[kind] <= work.now():
        return "expiring"
    return FAMILY.lane


def in_time(work: Work, source: Source) -> Source:
    """The list of log files, in the lane of the files made since it was last read."""
    complete = work.ledger.of(source.id).complete.items
    return replace(source, lane=lane_of(work, complete[-1].end)) if complete else source
