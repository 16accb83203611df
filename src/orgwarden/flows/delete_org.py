"""Deleting a connected org: our grant, its secrets, everything collected from it."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.db import transaction

from orgwarden.core.problems import Problem
from orgwarden.flows.clients import transport
from orgwarden.lake import place
from orgwarden.records import audit, credentials, leases
from orgwarden.records.models import Org
from orgwarden.salesforce import Secret, canonical, revoke


def delete_org(org: Org, *, actor: str) -> list[str]:
    """Revoke our grant, forget the secrets, remove what was collected. Returns what was done.

    A worker at it is waited for at most one lease; what it commits afterwards is refused.
    """
    done = []
    held = leases.take(org, holder=leases.Holder.here(), wait=leases.LENGTH + timedelta(seconds=5))
    try:
        token = credentials.newest(org, "refresh_token") or credentials.newest(org, "access_token")
    except Problem as problem:  # a lost key must not keep an org from being deleted
        token = None
        done.append(f"Our grant could not be read: {problem.what} Revoke it in Salesforce's Setup.")
    if token is not None:
        try:
            address = canonical(org.url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
            revoke(transport(), address, Secret(token.value))
            done.append("Our grant at Salesforce is revoked.")
        except Problem as problem:
            done.append(f"Our grant could not be revoked at Salesforce: {problem.what}")
    folder = place.root(settings.ORGWARDEN_LAKE_URL) / org.key
    gone = folder.with_name(f".deleted-{org.key}")
    shutil.rmtree(gone, ignore_errors=True)  # of a deletion that was cut off
    if folder.exists():
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
    shutil.rmtree(Path(settings.ORGWARDEN_HOME) / "spool" / org.key, ignore_errors=True)
    if gone.exists():
        done.append(f"Not all that was collected could be removed: see {gone}.")
    else:
        done.append("Everything collected from it is removed.")
    name = org.name
    with transaction.atomic():  # without its entry in the audit chain the org stays
        org.delete()
        audit.record(actor, audit.Action.ORG_DELETED, name, {"done": " ".join(done)})
    del held
    return done
