"""Confirmation: a person has seen which org and user answered, and says yes or no.

Yes stores the grant (or puts it in the place of an older one), no gives it back to Salesforce. Who
does neither within ten minutes has said no.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.connecting import answers, pending, reconnect
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.connect import store
from orgwarden.flows.connecting.objections import objections
from orgwarden.flows.connecting.pending import Stage
from orgwarden.flows.connecting.proof import Found
from orgwarden.records import audit
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.salesforce import Tokens

NOT_CONFIRMED = NeedsPerson(
    "The connection was not confirmed within ten minutes, so its grant was given back.",
    fix="Connect again, and confirm what Salesforce answers.",
    code="NOT_CONFIRMED",
)


def confirm(
    id: int, session_key: str, actor: str, *, accept: bool = False, now: datetime | None = None
) -> Org:
    """The connected org. `accept` says that the person accepts what may be accepted, an
    administrator as collecting user for one. Raises NeedsPerson when something else speaks against
    it, and when it was answered already; nothing is stored then."""
    now = now or datetime.now(UTC)
    row = pending.mine(id, session_key, now)
    if row.stage != Stage.ANSWERED:
        raise pending.gone()
    asked, found = replace(Asked.of(row.payload), actor=actor), Found.of(row.found["facts"])
    against = objections(asked, found)
    for objection in against:
        if not (accept and objection.may_accept):
            raise NeedsPerson(objection.what, fix=objection.fix, code=objection.code)
    if any(o.code == "ADMINISTRATOR" for o in against):
        asked = replace(asked, administrator=True)
    tokens, secrets = answers.tokens_of(row), pending.opened(row)
    # One answer only, however often the button is pressed.
    mine = ConsentRequest.objects.filter(pk=row.pk, stage=Stage.ANSWERED, state=row.state)
    if tokens is None or not mine.update(stage=Stage.DRAFT):
        raise pending.gone()
    try:
        org = _stored(asked, found, tokens, _needed(asked, secrets))
    except Problem as problem:
        answers.give_back(asked, tokens, now)
        answers.refused(row, asked, problem, now)
        raise
    row.delete()
    return org


def _stored(asked: Asked, found: Found, tokens: Tokens, secrets: dict[str, str]) -> Org:
    if asked.is_new:
        return store(asked, found, tokens, secrets)
    org = Org.objects.get(key=asked.org_key)
    return reconnect.replace(org, asked, found, tokens, secrets)


def _needed(asked: Asked, secrets: dict[str, Any]) -> dict[str, str]:
    """The secret that the chosen way needs; what was typed for another way is forgotten."""
    kind = "private_key" if asked.flow == Org.Flow.JWT_BEARER else "client_secret"
    return {kind: str(secrets[kind])} if secrets.get(kind) else {}


def refuse(id: int, session_key: str, actor: str, *, now: datetime | None = None) -> str:
    """The person says no, at whatever stage: a grant is given back, the draft is forgotten.
    Returns what was done, in words."""
    now = now or datetime.now(UTC)
    row = pending.mine(id, session_key, now)
    asked, tokens = Asked.of(row.payload), answers.tokens_of(row)
    if not ConsentRequest.objects.filter(pk=row.pk, state=row.state).delete()[0]:
        raise pending.gone()
    done = "Nothing was stored."
    if tokens is not None:
        done = f"{done} {answers.give_back(asked, tokens, now)}"
    detail = {"code": "declined", "purpose": str(asked.purpose)}
    audit.record(actor, audit.Action.ORG_CONNECT_FAILED, asked.name, detail)
    return done


def tidy(*, now: datetime | None = None) -> bool:
    """Give back what nobody confirmed in time, forget what is over; True if there was any."""
    now = now or datetime.now(UTC)
    over = list(ConsentRequest.objects.filter(good_until__lt=now))
    for row in over:
        asked, tokens = Asked.of(row.payload), answers.tokens_of(row)
        if tokens is None or answers.user_of(asked, tokens):
            # Stored already: a process died before it could forget the request.
            row.delete()
            continue
        answers.give_back(asked, tokens, now)
        answers.refused(row, asked, NOT_CONFIRMED, now)
    return bool(over)
