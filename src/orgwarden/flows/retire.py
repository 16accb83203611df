"""Grants of ours that were replaced or given up: revoked at Salesforce, however long that takes.

1. `put_away` seals the token into a row of its own, in the transaction that replaces it.
2. `revoke_retired` asks Salesforce to end it, now and from time to time, until Salesforce says
   that it has (or that it knows no such token). Only then is the row deleted.
A process that dies in between loses nothing: the row stays, and asking twice does no harm.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q

from orgwarden.core.problems import NotThere, Problem
from orgwarden.flows.clients import transport
from orgwarden.records import audit, credentials
from orgwarden.records.envelope import open_sealed, retired_name, seal
from orgwarden.records.models import DeletionReceipt, Org, RetiredGrant
from orgwarden.salesforce import Secret, canonical, revoke

AGAIN = timedelta(hours=1)
GRANT_KINDS = ("refresh_token", "access_token")
REVOKED = "Our grant at Salesforce is revoked."


@dataclass(frozen=True)
class Revoked:
    """What became of one retired grant. `problem` is empty when Salesforce has ended it."""

    org_name: str
    problem: str = ""


def put_away(org: Org, *, unless: frozenset[str] = frozenset()) -> RetiredGrant | None:
    """Seal what we hold of the org's grant for revoking: its refresh token, or without one the
    session. None when there is nothing, or when it is one of `unless` (Salesforce may hand out
    the same token again). Call it in the transaction that replaces or deletes the grant."""
    for kind in GRANT_KINDS:
        stored = credentials.newest(org, kind)
        if stored is None:
            continue
        if stored.value in unless:
            return None
        return seal_away(stored.value, org_key=org.key, org_name=org.name, url=org.url)
    return None


def seal_away(token: str, *, org_key: str, org_name: str, url: str) -> RetiredGrant:
    """A token to be revoked, durable before anything is asked. `org_key` is empty for one that
    never became a tenant's."""
    return RetiredGrant.objects.create(
        org_key=org_key,
        org_name=org_name,
        url=url,
        sealed=seal(token.encode(), bound_to=retired_name(org_key)),
        retired_at=datetime.now(UTC),
    )


def revoke_retired(grants: list[RetiredGrant] | None = None) -> list[Revoked]:
    """Revoke these, or all that were not tried within the last hour."""
    now = datetime.now(UTC)
    if grants is None:
        due = Q(tried_at=None) | Q(tried_at__lte=now - AGAIN)
        grants = list(RetiredGrant.objects.filter(due).order_by("retired_at"))
    return [_revoke(grant, now) for grant in grants]


def _revoke(grant: RetiredGrant, now: datetime) -> Revoked:
    RetiredGrant.objects.filter(pk=grant.pk).update(tried_at=now, tries=grant.tries + 1)
    try:
        token = open_sealed(grant.sealed, bound_to=retired_name(grant.org_key)).decode()
        address = canonical(grant.url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
        revoke(transport(), address, Secret(token))
    except NotThere:
        pass  # Salesforce knows it no more, which is what was wanted
    except Problem as problem:
        RetiredGrant.objects.filter(pk=grant.pk).update(problem=problem.what)
        return Revoked(grant.org_name, problem.what)
    with transaction.atomic():
        if not RetiredGrant.objects.filter(pk=grant.pk).delete()[0]:
            return Revoked(grant.org_name)  # another process was told so first
        for receipt in DeletionReceipt.objects.filter(org_key=grant.org_key):
            receipt.done = [*receipt.done, f"{now:%Y-%m-%d %H:%M} UTC: {REVOKED}"]
            receipt.save()
        audit.record("worker", audit.Action.ORG_GRANT_REVOKED, grant.org_name, {})
    return Revoked(grant.org_name)
