"""Looking, while an org is stopped, whether its calls are free again: at most every 15 minutes."""

from __future__ import annotations

import logging
from datetime import datetime

from django.db.models import Q

from orgwarden.core.budget import PROBE_EVERY, next_day
from orgwarden.core.problems import Problem
from orgwarden.records import calls
from orgwarden.records.models import Org
from orgwarden.salesforce import Client

log = logging.getLogger(__name__)


def look_if_stopped(org: Org, client: Client, now: datetime) -> bool:
    """Ask the limits resource once if the 75 % stop could end now and nothing was heard lately.
    True if it was asked. What it says reaches the meter as every answer does."""
    if org.stopped_at is None or now < next_day(org.stopped_at):
        return False
    heard = calls.usage_now(org)
    if heard is not None and now - heard.at < PROBE_EVERY:
        return False
    # Claimed before the call, so that of several processes one makes it.
    free = Q(looked_at=None) | Q(looked_at__lte=now - PROBE_EVERY)
    if not Org.objects.filter(free, pk=org.pk).update(looked_at=now):
        return False
    try:
        client.limits(lane="probe")
    except Problem as problem:
        log.info("%s: its limits were not told: %s", org.name, problem.code)
    return True
