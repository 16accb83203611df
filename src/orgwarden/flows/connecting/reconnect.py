"""Reconnecting a tenant: a new grant takes the place of the old one, everything else stays.

1. The new grant is proven by the caller (`proof`) before anything here: the same org, or nothing.
2. In one transaction, alone among refreshers: the new secrets and tokens are stored, the old grant
   is put away for revoking, the error ends, and every source becomes due, so that the gap since
   its last good cursor is read. Key, history, settings and first-connected are not touched.
3. The replaced grant is revoked at Salesforce; until that worked a worker tries again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace as changed
from datetime import UTC, datetime

from django.db import transaction

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.connecting import answers, drafts
from orgwarden.flows.connecting import asked as asking
from orgwarden.flows.connecting.asked import SECRET_OF, Asked
from orgwarden.flows.connecting.attempts import sign_in
from orgwarden.flows.connecting.objections import objections
from orgwarden.flows.connecting.proof import Found, prove
from orgwarden.flows.retire import put_away, revoke_retired
from orgwarden.flows.tokens import keep
from orgwarden.records import audit, credentials
from orgwarden.records.models import ConnectedClient, ConsentRequest, Org
from orgwarden.salesforce import Tokens

KEPT_BY = {
    Org.Flow.CLIENT_CREDENTIALS: ("client_secret",),
    Org.Flow.JWT_BEARER: ("private_key",),
    Org.Flow.WEB_SERVER: ("client_secret", "refresh_token"),
}


def check_again(org: Org, *, actor: str, secret: str = "", client_id: str = "") -> Org:
    """Reconnect by JWT bearer or client credentials: one sign-in with the new secret, or with the
    one that is stored. Raises Problem, and then nothing has changed: a session that is not kept is
    given back."""
    kind = SECRET_OF.get(Org.Flow(org.flow))
    if kind is None:
        raise NeedsPerson(
            f"{org.name} signs in by consent in the browser.",
            fix="Press Reconnect on its page, sign in at Salesforce and press Allow.",
            code="FLOW",
        )
    wanted = asking.of_org(org, actor=actor, purpose=ConsentRequest.Purpose.RECONNECT)
    wanted = changed(wanted, client_id=client_id or wanted.client_id)
    tokens = None
    try:
        held = secret or credentials.need(org, kind)
        tokens = sign_in(wanted, {kind: held}, datetime.now(UTC))
        found = prove(tokens, org.url)
        for objection in objections(wanted, found):
            if not objection.may_accept:
                raise objection.as_problem()
        return replace(org, wanted, found, tokens, {kind: secret} if secret else {})
    except Problem as problem:
        if tokens is not None:
            answers.give_back(wanted, tokens)
        detail = {"code": problem.code}
        audit.record(actor, audit.Action.ORG_RECONNECT_FAILED, org.name, detail)
        raise


def refuse_other_org(org: Org, organization_id: str) -> None:
    """Raise NeedsPerson unless it is the org that is connected."""
    if org.salesforce_id and organization_id != org.salesforce_id:
        raise NeedsPerson(
            f"Another org answered ({organization_id}); {org.name} is {org.salesforce_id}.",
            fix="Sign in to the same org. If the sandbox was refreshed, it is a new org: delete"
            " this tenant and add the new one.",
            code="OTHER_ORG",
        )


def replace(
    org: Org,
    asked: Asked,
    found: Found,
    tokens: Tokens,
    secrets: Mapping[str, str],
) -> Org:
    """Store a proven grant in the place of the old one. `secrets` by kind; those that are left
    out stay as they are while the way needs them."""
    refuse_other_org(org, found.organization_id)
    now = datetime.now(UTC)
    fresh = {t.reveal() for t in (tokens.refresh_token, tokens.access_token) if t is not None}
    with credentials.refresh_lock(org), transaction.atomic():
        row = Org.objects.select_for_update().get(pk=org.pk)
        before = {"flow": row.flow, "user": row.connected_user}
        retired = put_away(row, unless=frozenset(fresh))
        gone = set(credentials.KINDS) - set(KEPT_BY[Org.Flow(asked.flow)]) - {"access_token"}
        credentials.forget(row, *gone)
        for kind, value in secrets.items():
            credentials.store(row, kind, value)
        row.flow, row.url = asked.flow, found.url or row.url
        row.web_scope, row.intended_user = asked.web_scope, asked.username
        row.administrator_accepted = asked.administrator
        row.connected_user, row.connected_user_id = found.username, found.user_id
        row.language = found.language or row.language
        row.connected_at, row.next_due_at = now, now
        if row.status == Org.Status.ERROR:
            row.status = Org.Status.IN_PROGRESS
            row.status_since = now
        row.problem = row.problem_fix = row.problem_code = ""
        row.problem_since = row.probed_at = None
        row.save()
        ConnectedClient.objects.filter(org=row).update(client_id=asked.client_id)
        keep(row, tokens)
        row.sources.exclude(state="off").update(next_due_at=now)
        after = {"flow": row.flow, "user": row.connected_user}
        audit.record(
            asked.actor,
            audit.Action.ORG_RECONNECTED,
            row.name,
            {"org": found.organization_id, "before": before, "after": after},
        )
    if retired is not None:
        revoke_retired([retired])
    org.refresh_from_db()
    return org


def begin(
    org: Org,
    *,
    actor: str,
    session_key: str,
    flow: str = "",
    client_id: str = "",
    secret: str = "",
    username: str = "",
) -> int:
    """A draft of the connection as it is, to be consented to anew; its id. With another `flow`
    it changes the sign-in way. What is not given stays, the stored secret of the app included."""
    purpose, way = ConsentRequest.Purpose.RECONNECT, flow or org.flow
    if way != org.flow:
        purpose = ConsentRequest.Purpose.EDIT
    wanted = asking.of_org(org, actor=actor, purpose=purpose)
    wanted = changed(wanted, flow=way, client_id=client_id or wanted.client_id)
    if username:
        wanted = changed(wanted, username=username)
    kind = SECRET_OF.get(Org.Flow(way), "client_secret")
    kept = secret or credentials.as_stored(org, kind)
    return drafts.begin(wanted, {kind: kept} if kept else {}, session_key).id
