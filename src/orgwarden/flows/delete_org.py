"""Deleting a connected org: our grant, its secrets, everything collected from it.

1. Take the lease, so that no worker collects, and put our grant away for revoking, durably.
2. Revoke it at Salesforce. What does not work now a worker tries again, org or no org.
3. Remove what was collected, then the org, with a receipt and an entry in the audit chain.
A deletion that is cut off anywhere is repeated by deleting again.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from orgwarden.core.problems import Problem
from orgwarden.flows.connecting import answers
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.lakes import lake_of
from orgwarden.flows.retire import GRANT_KINDS, REVOKED, put_away, revoke_retired
from orgwarden.records import audit, credentials, leases
from orgwarden.records.models import DeletionReceipt, Org, RetiredGrant

KEPT = "Entries of the audit trail and this receipt are kept. Nothing was deleted in Salesforce."


def delete_org(org: Org, *, actor: str) -> list[str]:
    """Revoke our grant, forget the secrets, remove what was collected. Returns what was done, which
    the receipt keeps.

    A worker at it is waited for at most one lease; what it commits afterwards is refused.
    """
    held = leases.take(org, holder=leases.Holder.here(), wait=leases.LENGTH + timedelta(seconds=5))
    try:
        # Kept up: Salesforce may take its time, and a large lake too.
        with leases.Heartbeat(held) as beat:
            return _delete(org, beat, actor)
    finally:
        leases.release(held)


def _delete(org: Org, beat: leases.Heartbeat, actor: str) -> list[str]:
    done = _give_up_grant(org)
    beat.check()
    done += _remove_collected(org)
    done += ["Its secrets, run log and call counts are removed.", KEPT]
    name = org.name
    with transaction.atomic():  # without its receipt and its entry in the audit chain the org stays
        DeletionReceipt.objects.create(
            org_key=org.key,
            name=name,
            salesforce_id=org.salesforce_id,
            at=datetime.now(UTC),
            by=actor,
            done=done,
        )
        org.delete()
        audit.record(actor, audit.Action.ORG_DELETED, name, {"done": " ".join(done)})
    return done


def _give_up_grant(org: Org) -> list[str]:
    try:
        with credentials.refresh_lock(org), transaction.atomic():
            for row in org.consents.all():  # of a reconnection that nobody has confirmed
                if (tokens := answers.tokens_of(row)) is not None:
                    answers.put_away(Asked.of(row.payload), tokens)
            if put_away(org) is not None:
                credentials.forget(org, *GRANT_KINDS)
    except Problem as problem:  # a lost key must not keep an org from being deleted
        return [f"Our grant could not be read: {problem.what} Revoke it in Salesforce's Setup."]
    told = []
    for grant in RetiredGrant.objects.filter(org_key=org.key):
        [result] = revoke_retired([grant])
        if result.problem:
            told.append(
                f"Our grant could not be revoked at Salesforce yet: {result.problem} It is tried"
                " again every hour; Setup, Connected Apps OAuth Usage, Revoke does it at once."
            )
        else:
            told.append(REVOKED)
    return list(dict.fromkeys(told))


def _remove_collected(org: Org) -> list[str]:
    left = lake_of(org).remove_all()
    shutil.rmtree(Path(settings.ORGWARDEN_HOME) / "spool" / org.key, ignore_errors=True)
    if left:
        return [f"Not all that was collected could be removed: see {left}."]
    return ["Everything collected from it is removed."]
