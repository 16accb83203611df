"""Confirmation: a person has seen which org and user answered, and says yes or no.

Yes stores the grant (or puts it in the place of an older one), no gives it back to Salesforce. Who
does neither within ten minutes has said no.
"""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.connecting import answers, pending, reconnect
from orgwarden.flows.connecting.asked import SECRET_OF, Asked
from orgwarden.flows.connecting.connect import store
from orgwarden.flows.connecting.objections import objections
from orgwarden.flows.connecting.pending import Stage
from orgwarden.flows.connecting.proof import Found
from orgwarden.records import audit
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.salesforce import Tokens

log = logging.getLogger(__name__)

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
            raise objection.as_problem()
    if any(o.code == "ADMINISTRATOR" for o in against):
        asked = replace(asked, administrator=True)
    tokens, secrets = answers.tokens_of(row), pending.opened(row)
    # One answer only, however often the button is pressed.
    mine = ConsentRequest.objects.filter(pk=row.pk, stage=Stage.ANSWERED, state=row.state)
    if tokens is None or not mine.update(stage=Stage.DRAFT, good_until=now + pending.GOOD_FOR):
        raise pending.gone()
    try:
        org = _stored(asked, found, tokens, _needed(asked, secrets))
    except Problem as problem:
        answers.give_back(asked, tokens)
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
    kind = SECRET_OF.get(Org.Flow(asked.flow), "client_secret")
    return {kind: str(secrets[kind])} if secrets.get(kind) else {}


def refuse(id: int, session_key: str, actor: str, *, now: datetime | None = None) -> str:
    """The person says no, at whatever stage: a grant is given back, the draft is forgotten.
    Returns what was done, in words."""
    now = now or datetime.now(UTC)
    row = pending.mine(id, session_key, now)
    asked, tokens = Asked.of(row.payload), answers.tokens_of(row)
    with transaction.atomic():
        if not ConsentRequest.objects.filter(pk=row.pk, state=row.state).delete()[0]:
            raise pending.gone()
        grant = None if tokens is None else answers.put_away(asked, tokens)
    done = "Nothing was stored."
    if grant is not None:
        done = f"{done} {answers.revoked(grant)}"
    detail = {"code": "declined", "purpose": str(asked.purpose)}
    audit.record(actor, audit.Action.ORG_CONNECT_FAILED, asked.name, detail)
    return done


def tidy(*, now: datetime | None = None) -> bool:
    """Give back what nobody confirmed in time, forget what is over; True if there was any."""
    now = now or datetime.now(UTC)
    over = list(ConsentRequest.objects.filter(good_until__lt=now))
    for row in over:
        _tidy(row, now)
    return bool(over)


def _tidy(row: ConsentRequest, now: datetime) -> None:
    mine = ConsentRequest.objects.filter(pk=row.pk, state=row.state, good_until=row.good_until)
    asked = Asked.of(row.payload)
    try:
        tokens = answers.tokens_of(row)
    except NeedsPerson as problem:  # its key is missing: it may be put back
        log.warning("%s, not confirmed: %s", asked.name, problem.sentence())
        mine.update(good_until=now + pending.DRAFT_FOR)
        return
    if tokens is None or answers.user_of(asked, tokens):
        # Stored already: a process died before it could forget the request.
        mine.delete()
    # One worker gives it back, and nobody confirms it meanwhile.
    elif mine.update(stage=Stage.DRAFT, good_until=now + pending.GOOD_FOR):
        answers.give_back(asked, tokens)
        answers.refused(row, asked, NOT_CONFIRMED, now)
