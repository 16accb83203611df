"""This host's clock beside the org's. Windows follow the org's clock, so a wrong one loses nothing;
leases of several hosts, cadences and every time on a page follow ours, so it is told."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from orgwarden.records.models import Org

log = logging.getLogger(__name__)
TOLERATED = timedelta(seconds=30)  # an answer's way takes some, and its time has whole seconds


def compare(org: Org, ours: datetime, theirs: datetime | None) -> None:
    """Note by how many seconds our clock is ahead of the org's; 0 when they agree well enough."""
    if theirs is None:
        return
    ahead = ours - theirs
    seconds = round(ahead.total_seconds()) if abs(ahead) > TOLERATED else 0
    if bool(seconds) != bool(org.clock_ahead) or abs(seconds - org.clock_ahead) > 5:
        Org.objects.filter(pk=org.pk).update(clock_ahead=seconds)
        org.clock_ahead = seconds
        if seconds:
            log.warning("the clock of this host is %s s ahead of %s", seconds, org.name)
