"""Connecting an org: prove the connection first, store it afterwards. Testing and deleting it.

Consent in a browser is in `consent`; both end in `store`.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError, transaction

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.clients import open_client, transport
from orgwarden.flows.tokens import keep
from orgwarden.lake import place
from orgwarden.records import audit, credentials, leases
from orgwarden.records.models import ConnectedClient, Org
from orgwarden.salesforce import (
    Identity,
    Secret,
    Tokens,
    canonical,
    client_credentials,
    identity,
    jwt_bearer,
    revoke,
    select,
)

FEATURES = ("app_governance", "sspm_scan")


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
) -> Org:
    """Connect with client credentials or JWT bearer (`client_secret` is then the private key, PEM).

    Nothing is stored unless Salesforce has said who we are. Raises Problem with the fix; the
    refusal is in the audit chain either way.
    """
    asked = Asked(name, url, client_id, flow, actor, tuple(features), backfill_days, username)
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


@dataclass(frozen=True)
class Step:
    """One thing a connection test looked at."""

    name: str
    ok: bool
    words: str
    fix: str = ""


def check_connection(org: Org, *, actor: str = "command") -> list[Step]:
    """Ask Salesforce step by step whether the connection works."""
    client, meter = open_client(org)
    meter.source = "test"
    steps: list[Step] = []

    def step(title: str, ask: Callable[[], str]) -> bool:
        try:
            steps.append(Step(title, True, ask()))
        except Problem as problem:
            steps.append(Step(title, False, problem.what, problem.fix))
        return steps[-1].ok

    def budget() -> str:
        usage = client.limits(lane="test").get("DailyApiRequests")
        if usage is None:
            return "Salesforce does not say how many calls are left."
        return f"{usage.remaining:,} of {usage.max:,} calls are left today."

    def reads(obj: str, field: str) -> Callable[[], str]:
        def ask() -> str:
            query = select(obj, ["Id", field]).at_most(1)
            rows = sum(p.count for p in client.query(query, lane="test"))
            return "Readable." if rows else "Readable, nothing in it yet."

        return ask

    try:
        if step("Limits", budget):
            step("Sign-ins", reads("LoginHistory", "LoginTime"))
            step("Setup audit trail", reads("SetupAuditTrail", "CreatedDate"))
            step("Event log files", reads("EventLogFile", "EventType"))
            step("Users", reads("User", "Username"))
    finally:
        meter.settle()
    passed = all(s.ok for s in steps)
    audit.record(actor, audit.Action.ORG_TESTED, org.name, {"passed": passed})
    return steps


def delete_org(org: Org, *, actor: str) -> list[str]:
    """Revoke our grant, forget the secrets, remove what was collected. Returns what was done.

    A worker at it is waited for at most one lease; what it commits afterwards is refused.
    """
    done = []
    held = leases.take(org, holder=leases.Holder.here(), wait=leases.LENGTH + timedelta(seconds=5))
    token = credentials.newest(org, "refresh_token") or credentials.newest(org, "access_token")
    if token is not None:
        try:
            address = canonical(org.url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
            revoke(transport(), address, Secret(token.value))
            done.append("Our grant at Salesforce is revoked.")
        except Problem as problem:
            done.append(f"Our grant could not be revoked at Salesforce: {problem.what}")
    folder = place.root(settings.ORGWARDEN_LAKE_URL) / org.key
    gone = folder.with_name(f".deleted-{org.key}")
    if folder.exists():
        folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)
    shutil.rmtree(Path(settings.ORGWARDEN_HOME) / "spool" / org.key, ignore_errors=True)
    done.append("Everything collected from it is removed.")
    name = org.name
    org.delete()
    del held
    audit.record(actor, audit.Action.ORG_DELETED, name, {"done": " ".join(done)})
    return done
