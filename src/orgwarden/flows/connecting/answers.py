"""Answers: what Salesforce gave to a connection on its way. Tokens wait sealed for a person's yes.

A grant that is not wanted is given back at once, and noted for later where that fails.
"""

from __future__ import annotations

from datetime import datetime

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows import retire
from orgwarden.flows.connecting import pending
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.pending import GOOD_FOR, Pending, Stage
from orgwarden.flows.connecting.proof import prove
from orgwarden.records import audit, credentials
from orgwarden.records.models import ConsentRequest, Org, RetiredGrant
from orgwarden.salesforce import Secret, Tokens


def keep(row: ConsentRequest, asked: Asked, tokens: Tokens, now: datetime) -> Pending:
    """Prove the tokens and keep them for ten minutes. Raises Problem; the grant is then given
    back."""
    try:
        if asked.flow == Org.Flow.WEB_SERVER and tokens.refresh_token is None:
            raise NeedsPerson(
                "Salesforce gave no refresh token, so collecting would end within hours.",
                fix="Add the scope refresh_token to the app, then connect again.",
                code="NO_REFRESH_TOKEN",
            )
        found = prove(tokens, asked.url)
    except Problem:
        give_back(asked, tokens)
        raise
    secrets = {k: v for k, v in pending.opened(row).items() if k not in pending.OF_A_STAGE}
    secrets["tokens"] = _written(tokens)
    said = {"facts": found.payload(), "tries": row.found.get("tries", 0)}
    try:
        until = now + GOOD_FOR
        pending.restart(row, Stage.ANSWERED, secrets, until, found=said, answered_at=now)
    except Problem:  # given up meanwhile
        give_back(asked, tokens)
        raise
    return pending.shown(row)


def refused(row: ConsentRequest, asked: Asked, problem: Problem, now: datetime) -> None:
    """A connection that came to nothing: said in the audit chain, kept to be mended."""
    try:
        if problem.code != pending.GONE:
            pending.failed(row, problem, now)
    except NeedsPerson as gone:
        if gone.code != pending.GONE:
            raise
        problem = gone
    if problem.code == pending.GONE:
        return  # whoever gave it up has said so
    detail = {"code": problem.code, "purpose": str(asked.purpose), "why": problem.what}
    audit.record(asked.actor, audit.Action.ORG_CONNECT_FAILED, asked.name, detail)


def tokens_of(row: ConsentRequest) -> Tokens | None:
    """The tokens that wait with it; None before there are any."""
    held = pending.opened(row).get("tokens")
    if held is None:
        return None
    refresh = held["refresh_token"]
    return Tokens(
        access_token=Secret(held["access_token"]),
        refresh_token=Secret(refresh) if refresh else None,
        instance_url=held["instance_url"],
        identity_url=held["identity_url"],
        scope=tuple(held["scope"]),
        issued_at=None,
    )


def give_back(asked: Asked, tokens: Tokens) -> str:
    """Revoke a grant that is not kept; says in words how that went."""
    return revoked(put_away(asked, tokens))


def put_away(asked: Asked, tokens: Tokens) -> RetiredGrant | Org:
    """Seal a grant that is not kept for revoking. Salesforce may hand out the same token again:
    one that a tenant uses stays, and that tenant is returned."""
    token = (tokens.refresh_token or tokens.access_token).reveal()
    return user_of(asked, tokens) or retire.seal_away(
        token, org_key=asked.org_key, org_name=asked.name, url=asked.url
    )


def revoked(grant: RetiredGrant | Org) -> str:
    """Revoke what was put away; says in words how that went."""
    if isinstance(grant, Org):
        return f"The grant at Salesforce stays, because {grant.name} uses it."
    [done] = retire.revoke_retired([grant])
    if done.problem:
        return (
            f"The new grant could not be revoked yet: {done.problem} It is tried again by itself."
        )
    return "The new grant at Salesforce is revoked."


def user_of(asked: Asked, tokens: Tokens) -> Org | None:
    """The tenant that holds this grant, if one does."""
    given = (tokens.refresh_token or tokens.access_token).reveal()
    kind = "refresh_token" if tokens.refresh_token else "access_token"
    for org in Org.objects.filter(url=asked.url):
        held = credentials.newest(org, kind)
        if held is not None and held.value == given:
            return org
    return None


def _written(tokens: Tokens) -> dict[str, object]:
    return {
        "access_token": tokens.access_token.reveal(),
        "refresh_token": tokens.refresh_token.reveal() if tokens.refresh_token else "",
        "instance_url": tokens.instance_url,
        "identity_url": tokens.identity_url,
        "scope": list(tokens.scope),
    }
