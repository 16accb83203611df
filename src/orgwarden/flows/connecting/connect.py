"""Connecting an org: prove the connection first, store it afterwards.

What begins on a page is in `drafts`, `consent` and `attempts`, and ends in `confirm`; the command
line, which is explicit already, connects here in one go. All end in `store`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import IntegrityError, transaction

from orgwarden.catalog.features import FEATURE_IDS as FEATURES
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.connecting import answers, attempts
from orgwarden.flows.connecting.asked import SECRET_OF, Asked
from orgwarden.flows.connecting.checks import check, refuse_taken
from orgwarden.flows.connecting.objections import objections
from orgwarden.flows.connecting.proof import Found, prove
from orgwarden.flows.tokens import keep
from orgwarden.records import audit, calls, credentials
from orgwarden.records.models import ConnectedClient, ConnectionTest, ConsentRequest, Org
from orgwarden.salesforce import Tokens


def connect_org(
    *,
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    flow: str,
    actor: str,
    features: Sequence[str] = FEATURES,
    tiers: Sequence[str] = (),
    **more: Any,
) -> Org:
    """Connect with client credentials or JWT bearer (`client_secret` is then the private key, PEM,
    or a reference to it). `more` are fields of `Asked`.

    Nothing is stored unless Salesforce has said who we are, and unless that is what was asked for.
    Raises Problem with the fix; the refusal is in the audit chain either way.
    """
    asked = Asked(
        name, url, client_id, flow, actor, features=tuple(features), tiers=tuple(tiers), **more
    )
    refuse_taken(name)
    now = datetime.now(UTC)
    tokens = None
    try:
        asked = replace(asked, url=check(asked).url)
        kind = SECRET_OF.get(Org.Flow(flow))
        if kind is None:
            raise NeedsPerson(
                "Consent in the browser starts on the Integrations page.",
                fix="Open the page, or choose --flow client-credentials.",
                code="FLOW",
            )
        tokens = attempts.sign_in(asked, {kind: client_secret}, now)
        found = prove(tokens, asked.url)
        refuse_objections(asked, found)
        return store(asked, found, tokens, {kind: client_secret})
    except Problem as problem:
        if tokens is not None:
            answers.give_back(asked, tokens)
        audit.record(actor, audit.Action.ORG_CONNECT_FAILED, name, {"code": problem.code})
        raise


def refuse_objections(asked: Asked, found: Found) -> None:
    """Raises NeedsPerson for the first thing that speaks against storing. What Salesforce did not
    say, and an org that is connected twice, are no reason on the command line: they are shown."""
    for objection in objections(asked, found):
        if objection.code not in ("UNKNOWN", "SAME_ORG"):
            option = " (--administrator)" if objection.code == "ADMINISTRATOR" else ""
            fix = objection.fix.removesuffix(".") + f"{option}."
            raise replace(objection, fix=fix).as_problem()


def store(asked: Asked, found: Found, tokens: Tokens, secrets: Mapping[str, str]) -> Org:
    """Store a proven connection: org, client, secrets, tokens; say so in the audit chain, and ask
    for a preflight."""
    now = datetime.now(UTC)
    kind = Org.Environment.SANDBOX if found.is_sandbox else Org.Environment.PRODUCTION
    try:
        with transaction.atomic():
            org = Org.objects.create(
                name=asked.name,
                url=found.url or asked.url,
                instance_url=tokens.instance_url,
                salesforce_id=found.organization_id,
                organization_name=found.organization_name,
                edition=found.edition,
                instance_name=found.instance_name,
                is_sandbox=found.is_sandbox,
                language=found.language,
                platform=asked.platform,
                environment=asked.environment or kind,
                flow=asked.flow,
                connected_user=found.username,
                connected_user_id=found.user_id,
                intended_user=asked.username,
                features=[f for f in FEATURES if f in asked.features],
                tiers=[t for t in TIER_IDS if t in asked.tiers],
                web_scope=asked.web_scope,
                legacy=asked.purpose == ConsentRequest.Purpose.QUICK,
                administrator_accepted=asked.administrator,
                egress_confirmed_at=now if asked.egress_confirmed else None,
                told_addresses=list(asked.told_addresses),
                backfill_days=asked.backfill_days,
                added_by=asked.actor,
                first_connected_at=now,
                connected_at=now,
                status_since=now,
                next_due_at=now,
            )
            ConnectedClient.objects.create(org=org, client_id=asked.client_id)
            for name, value in secrets.items():
                if value:
                    credentials.store(org, name, value)
            keep(org, tokens)
            calls.count(org, "connect", now, found.calls)
            ConnectionTest.objects.create(org=org, asked_at=now, asked_by=asked.actor)
            audit.record(
                asked.actor,
                audit.Action.ORG_CONNECTED,
                org.name,
                {"org": found.organization_id, "user": found.username, "flow": str(asked.flow),
                 "administrator": bool(found.administrator)},
            )  # fmt: skip
    except IntegrityError:
        refuse_taken(asked.name)
        raise
    return org
