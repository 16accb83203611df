"""Attempts: signing in with a key or a secret for a connection on its way, by a worker.

A change to an app needs up to ten minutes at Salesforce, so a refusal that such a change would end
is tried again with growing pauses, for ten minutes, before it is called a failure.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta

from orgwarden.core.problems import GrantExpired, Problem, TryLater
from orgwarden.flows.clients import transport
from orgwarden.flows.connecting import answers, pending
from orgwarden.flows.connecting.asked import SECRET_OF, Asked
from orgwarden.flows.connecting.checks import check_address
from orgwarden.flows.connecting.pending import Stage
from orgwarden.records import references
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.salesforce import Secret, Tokens, client_credentials, jwt_bearer

log = logging.getLogger(__name__)

AN_APP_CHANGE = timedelta(minutes=10)
PAUSES = (5, 10, 20, 40, 60, 60, 90)  # seconds; the last one goes on
CLAIMED_FOR = timedelta(minutes=3)  # a worker that dies at it is followed by another
# What an app says while a change of it has not reached every server, and what else reads the same.
_MAY_PASS = frozenset(
    {
        "invalid_client_id",
        "invalid_client",
        "invalid_app_access",
        "invalid_scope",
        "unsupported_grant_type",
        "OAUTH_EC_APP_NOT_FOUND",
        "OAUTH_APP_ACCESS_DENIED",
    }
)
_STAYS = (
    "locked or frozen",
    "from this address",
    "from this server",
    "own address",
    "sign-in host",
)


def try_due(*, now: datetime | None = None) -> bool:
    """One try for each connection that is due; True if there was one."""
    at = now or datetime.now(UTC)
    due = ConsentRequest.objects.filter(stage=Stage.TRYING, due_at__lte=at)
    found = False
    for row in due.order_by("due_at"):
        claimed = ConsentRequest.objects.filter(pk=row.pk, due_at=row.due_at, stage=Stage.TRYING)
        if claimed.update(due_at=at + CLAIMED_FOR):
            found = True
            row.due_at = at + CLAIMED_FOR
            _try(row, at)
    return found


def _try(row: ConsentRequest, now: datetime) -> None:
    asked, secrets = Asked.of(row.payload), pending.opened(row)
    row.found = {**row.found, "tries": row.found.get("tries", 0) + 1}
    try:
        answers.keep(row, asked, sign_in(asked, secrets, now), now)
    except Problem as problem:
        again = next_try(row, asked, problem, now)
        if again is None:
            answers.refused(row, asked, problem, now)
            return
        row.found["trouble"] = pending.told(problem)
        # Unless somebody has stopped it meanwhile.
        still = ConsentRequest.objects.filter(pk=row.pk, state=row.state)
        still.update(due_at=again, found=row.found)
        log.info("%s: %s It is tried again.", asked.name, problem.what)


def sign_in(asked: Asked, secrets: Mapping[str, str], now: datetime) -> Tokens:
    """Tokens by client credentials or JWT bearer. A reference is read here, and not kept."""
    address = check_address(asked.url, asked.environment)
    secret = Secret(references.resolved(secrets.get(SECRET_OF[Org.Flow(asked.flow)], "")))
    if asked.flow == Org.Flow.JWT_BEARER:
        return jwt_bearer(transport(), address, asked.client_id, asked.username, secret, now)
    return client_credentials(transport(), address, asked.client_id, secret)


def next_try(row: ConsentRequest, asked: Asked, problem: Problem, now: datetime) -> datetime | None:
    """When to try again, or None when that would change nothing or has gone on long enough."""
    if not may_pass(problem):
        return None
    began = datetime.fromisoformat(row.found.get("began_at") or now.isoformat())
    if now - began >= AN_APP_CHANGE:
        return None
    return min(now + pause(row.found["tries"]), began + AN_APP_CHANGE)


def pause(tries: int) -> timedelta:
    """The pause after so many tries: growing, a minute and a half at most."""
    return timedelta(seconds=PAUSES[min(max(tries, 1), len(PAUSES)) - 1])


def may_pass(problem: Problem) -> bool:
    """Whether the refusal could end by itself once a change of the app has reached all servers."""
    if isinstance(problem, TryLater):
        return True
    if isinstance(problem, GrantExpired):
        return False
    if problem.code == "invalid_grant":
        return not any(words in problem.what for words in _STAYS)
    return problem.code in _MAY_PASS
