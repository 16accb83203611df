"""Connecting an org: prove the connection first, store it afterwards. Testing and deleting it.

Consent in a browser is in `consent`; both end in `store`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.conf import settings
from django.db import IntegrityError, transaction

from orgwarden.catalog.features import FEATURE_IDS as FEATURES
from orgwarden.catalog.features import NEEDED_TIERS
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.clients import transport
from orgwarden.flows.tokens import keep
from orgwarden.records import audit, credentials
from orgwarden.records.models import ConnectedClient, Org
from orgwarden.salesforce import (
    Identity,
    Secret,
    Tokens,
    canonical,
    client_credentials,
    identity,
    jwt_bearer,
)


@dataclass(frozen=True)
class Asked:
    """What a person asked to be connected. Holds no secret."""

    name: str
    url: str
    client_id: str
    flow: str
    actor: str
    features: tuple[str, ...] = FEATURES
    backfill_days: int = 60
    username: str = ""  # JWT bearer: whom to act as
    tiers: tuple[str, ...] = NEEDED_TIERS


def connect_org(
    *,
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    flow: str,
    actor: str,
    features: Sequence[str] = FEATURES,
    backfill_days: int = 60,
    username: str = "",
    tiers: Sequence[str] = NEEDED_TIERS,
) -> Org:
    """Connect with client credentials or JWT bearer (`client_secret` is then the private key, PEM).

    Nothing is stored unless Salesforce has said who we are. Raises Problem with the fix; the
    refusal is in the audit chain either way.
    """
    asked = Asked(
        name, url, client_id, flow, actor, tuple(features), backfill_days, username, tuple(tiers)
    )
    refuse_taken(name)
    secret = Secret(client_secret)
    try:
        address = canonical(url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
        if flow == Org.Flow.CLIENT_CREDENTIALS:
            kind = "client_secret"
            tokens = client_credentials(transport(), address, client_id, secret)
        elif flow == Org.Flow.JWT_BEARER:
            kind = "private_key"
            now = datetime.now(UTC)
            tokens = jwt_bearer(transport(), address, client_id, username, secret, now)
        else:
            raise NeedsPerson(
                "Consent in the browser starts on the Integrations page.",
                fix="Open the page, or choose --flow client-credentials.",
                code="FLOW",
            )
        who = identity(transport(), tokens)
    except Problem as problem:
        audit.record(actor, audit.Action.ORG_CONNECT_FAILED, name, {"code": problem.code})
        raise
    return store(asked, address.url, tokens, who, {kind: client_secret})


def refuse_taken(name: str) -> None:
    if not name.strip():
        raise NeedsPerson("The tenant needs a name.", fix="Give it one.", code="NAME")
    if Org.objects.filter(name__iexact=name).exists():
        raise NeedsPerson(
            f"A tenant named {name} exists.",
            fix="Choose another name, or delete that tenant first.",
            code="NAME_TAKEN",
        )


def store(asked: Asked, url: str, tokens: Tokens, who: Identity, secrets: dict[str, str]) -> Org:
    """Store a proven connection: org, client, secrets, tokens; and say so in the audit chain."""
    now = datetime.now(UTC)
    try:
        with transaction.atomic():
            org = Org.objects.create(
                name=asked.name,
                url=url,
                instance_url=tokens.instance_url,
                salesforce_id=who.organization_id,
                language=who.language,
                flow=asked.flow,
                connected_user=who.username,
                connected_user_id=who.user_id,
                features=[f for f in FEATURES if f in asked.features],
                tiers=[t for t in TIER_IDS if t in asked.tiers],
                backfill_days=asked.backfill_days,
                added_by=asked.actor,
                first_connected_at=now,
                connected_at=now,
                status_since=now,
                next_due_at=now,
            )
            ConnectedClient.objects.create(org=org, client_id=asked.client_id)
            for kind, value in secrets.items():
                credentials.store(org, kind, value)
            keep(org, tokens)
    except IntegrityError:
        refuse_taken(asked.name)
        raise
    audit.record(
        asked.actor,
        audit.Action.ORG_CONNECTED,
        org.name,
        {"org": who.organization_id, "user": who.username, "flow": asked.flow},
    )
    return org
