"""Asking, at most once an hour and with one token call, whether a failed grant works again.

A tenant whose grant failed makes no other call by itself. One that Salesforce has contained is not
even probed: only a person starts anything there.
"""

from __future__ import annotations

from datetime import timedelta

from orgwarden.core.grants import CONTAINED, state_of
from orgwarden.core.problems import Problem
from orgwarden.flows import standing
from orgwarden.flows.clients import transport
from orgwarden.flows.means import REAL, Means
from orgwarden.flows.tokens import OrgCredentials
from orgwarden.records.models import Org

HOURLY = timedelta(hours=1)


def works_again(org: Org, means: Means = REAL) -> bool:
    """Whether to collect from an org that is due. True when its grant did not fail; else after a
    probe that succeeded. A person's Collect Now has cleared `probed_at` and is let through."""
    now = means.clock()
    if org.probed_at is None:
        return True
    if state_of(org.problem) == CONTAINED:
        Org.objects.filter(pk=org.pk).update(next_due_at=standing.NEVER)
        return False
    if now - org.probed_at < HOURLY:
        Org.objects.filter(pk=org.pk).update(next_due_at=org.probed_at + HOURLY)
        return False
    # Claimed before the call, so that of several workers one makes it.
    if not Org.objects.filter(pk=org.pk, probed_at=org.probed_at).update(probed_at=now):
        return False
    try:
        OrgCredentials(org, means.transport or transport(), means=means).probe()
    except Problem as problem:
        standing.trouble(org, problem, now)
        return False
    Org.objects.filter(pk=org.pk).update(probed_at=None)
    return True
