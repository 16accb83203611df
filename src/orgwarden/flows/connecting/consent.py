"""Consent: a person's explicit yes to what was shown, and the way to Salesforce and back.

In the browser it is the web server flow with PKCE: `state` is random, used once, bound to the
browser session that began, good for ten minutes, and the redirect address is built from the
configured public address, never from a request's Host. The other ways are handed to a worker.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from urllib.parse import urlsplit

from django.conf import settings

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.clients import transport
from orgwarden.flows.connecting import answers, drafts, pending
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.checks import check
from orgwarden.flows.connecting.pending import GOOD_FOR, Pending, Stage
from orgwarden.records import audit, references
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.salesforce import (
    Secret,
    authorize_url,
    callback_problem,
    canonical,
    exchange_code,
    new_verifier,
)

CALLBACK = "/connect/callback"


def callback_address() -> str:
    """The exact redirect address to register at Salesforce. Raises NeedsPerson if Salesforce
    would not take it: https, or http on localhost."""
    public = settings.ORGWARDEN_PUBLIC_URL.rstrip("/")
    parts = urlsplit(public)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise NeedsPerson(
            f"Salesforce sends consent to https addresses only, and this is {public}.",
            fix="Set ORGWARDEN_PUBLIC_URL to an https address, or connect with JWT bearer or"
            " client credentials.",
            code="PUBLIC_URL",
        )
    return str(public) + CALLBACK


def go(id: int, session_key: str, actor: str, *, now: datetime | None = None) -> str:
    """The consent: the address at Salesforce to send the browser to, or "" when a worker signs in
    with the key or secret instead. Raises Problem; nothing was sent then."""
    now = now or datetime.now(UTC)
    row = pending.mine(id, session_key, now)
    if row.stage == Stage.ANSWERED:
        raise pending.gone()
    asked = replace(Asked.of(row.payload), actor=actor)
    address = check(asked)
    secrets = {k: v for k, v in pending.opened(row).items() if k not in pending.OF_A_STAGE}
    drafts.ready(asked, "client_secret" in secrets)
    row.payload = asked.payload()
    if asked.flow != Org.Flow.WEB_SERVER:
        found = {"began_at": now.isoformat(), "tries": 0}
        until = now + pending.DRAFT_FOR
        pending.restart(row, Stage.TRYING, secrets, until, found=found, due_at=now)
        _log(asked, actor)
        return ""
    callback = callback_address()
    verifier, challenge = new_verifier()
    secrets["verifier"] = verifier.reveal()
    pending.restart(row, Stage.AWAY, secrets, now + GOOD_FOR)
    # A reconnect asks again: else Salesforce hands the grant out that is in trouble.
    prompt = None if asked.is_new else "login consent"
    there = authorize_url(
        address, asked.client_id, callback, row.state, challenge, asked.scopes, prompt
    )
    row.sealed = pending.sealed(row, secrets | {"authorize": there})
    row.save(update_fields=["sealed"])
    _log(asked, actor)
    return there


def _log(asked: Asked, actor: str) -> None:
    detail = {
        "purpose": str(asked.purpose),
        "address": asked.url,
        "flow": str(asked.flow),
        "scopes": list(asked.scopes) if asked.flow == Org.Flow.WEB_SERVER else [],
        "features": list(asked.features),
        "tiers": list(asked.tiers),
        "egress_confirmed": asked.egress_confirmed,
    }
    audit.record(actor, audit.Action.CONSENT_GIVEN, asked.name, detail)


def finish(state: str, code: str, session_key: str, *, now: datetime | None = None) -> Pending:
    """The proven connection for a callback, waiting for its confirmation. Raises Problem; a state
    is good for one call only."""
    now = now or datetime.now(UTC)
    row = _claim(state, session_key, now)
    asked, secrets = Asked.of(row.payload), pending.opened(row)
    try:
        secret = references.resolved(secrets.get("client_secret", ""))
        tokens = exchange_code(
            transport(),
            canonical(asked.url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS),
            asked.client_id,
            Secret(secret) if secret else None,
            Secret(code),
            callback_address(),
            Secret(secrets["verifier"]),
        )
        return answers.keep(row, asked, tokens, now)
    except Problem as problem:
        answers.refused(row, asked, problem, now)
        raise


def refused(
    state: str, session_key: str, error: str, description: str, *, now: datetime | None = None
) -> tuple[Pending, Problem]:
    """What Salesforce's refusal on the callback means. Raises NeedsPerson, without the texts, when
    the state is not one of this session: anybody can make a link with an error in it."""
    now = now or datetime.now(UTC)
    row = _claim(state, session_key, now)
    problem = callback_problem(error, description)
    answers.refused(row, Asked.of(row.payload), problem, now)
    return pending.shown(row), problem


def _claim(state: str, session_key: str, now: datetime) -> ConsentRequest:
    fresh = ConsentRequest.objects.filter(
        state=state,
        session_key=session_key,
        stage=Stage.AWAY,
        used_at=None,
        good_until__gte=now,
    )
    if not state or not session_key or not fresh.update(used_at=now):
        raise NeedsPerson(
            "This consent is not one that was started here in the last ten minutes.",
            fix="Start again from the Integrations page.",
            code="CONSENT_STATE",
        )
    return ConsentRequest.objects.get(state=state)
