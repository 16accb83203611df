"""A connection on its way: kept sealed and bound to a browser session until a person confirms it.

Stages: draft → away (browser consent) or trying (the worker) → answered → stored by `confirm`.
A failure keeps what was asked, so that it can be mended and tried again.
"""

from __future__ import annotations

import secrets as random
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.objections import Objection, objections
from orgwarden.flows.connecting.proof import Found
from orgwarden.records.envelope import consent_name, open_sealed, seal
from orgwarden.records.models import ConsentRequest, Org

Stage = ConsentRequest.Stage
DRAFT_FOR = timedelta(hours=12)  # making an app at Salesforce takes a while
GONE = "CONSENT_STATE"
OF_A_STAGE = ("tokens", "verifier", "authorize")  # secrets that end with a stage
GOOD_FOR = timedelta(minutes=10)  # a consent, and the confirmation of what came back


@dataclass(frozen=True)
class Pending:
    """What pages show of it. `certificate` is to be uploaded to the app (JWT bearer)."""

    id: int
    asked: Asked
    stage: str
    good_until: datetime
    found: Found | None = None
    objections: tuple[Objection, ...] = ()
    certificate: str = ""
    secret_kept: bool = False
    leave: str = ""  # the address at Salesforce where consent is given, while it is waited for
    trouble: Mapping[str, str] | None = None  # what, fix, code
    tries: int = 0
    due_at: datetime | None = None
    began_at: datetime | None = None  # of the tries

    @property
    def refused(self) -> bool:
        """Whether something speaks against it that nobody can accept."""
        return any(not o.may_accept for o in self.objections)


def restart(
    row: ConsentRequest,
    stage: Stage,
    secrets: Mapping[str, Any],
    good_until: datetime,
    *,
    found: Mapping[str, Any] | None = None,
    due_at: datetime | None = None,
    answered_at: datetime | None = None,
) -> None:
    """A new state for a stage that begins anew: an answer to an older one finds nothing. Raises
    NeedsPerson when somebody else has moved it or given it up meanwhile."""
    before = row.state
    row.state, row.stage, row.good_until = random.token_urlsafe(32), stage, good_until
    row.found, row.due_at, row.used_at, row.answered_at = found or {}, due_at, None, answered_at
    row.sealed = sealed(row, secrets)
    if row._state.adding:
        row.save()
        return
    values = {f.attname: f.value_from_object(row) for f in row._meta.concrete_fields[1:]}
    if not ConsentRequest.objects.filter(pk=row.pk, state=before).update(**values):
        raise gone()


def sealed(row: ConsentRequest, secrets: Mapping[str, Any]) -> bytes:
    return seal(msgspec.json.encode(dict(secrets)), bound_to=consent_name(row.state))


def opened(row: ConsentRequest) -> dict[str, Any]:
    """The secrets of a connection on its way."""
    plain = open_sealed(row.sealed, bound_to=consent_name(row.state))
    return msgspec.json.decode(plain, type=dict[str, Any])


def mine(id: int, session_key: str, now: datetime | None = None) -> ConsentRequest:
    """The row, if it belongs to this session and is still good; else NeedsPerson."""
    row = ConsentRequest.objects.filter(pk=id, session_key=session_key).first()
    if row is None or not session_key or (row.good_until or row.created_at) < _or_now(now):
        raise gone()
    return row


def find(id: int, session_key: str, now: datetime | None = None) -> Pending:
    """A connection on its way of this session, for a page."""
    return shown(mine(id, session_key, now))


def of_session(session_key: str, now: datetime | None = None) -> list[Pending]:
    """All that this session has on its way, so that a page that was left can be found again."""
    rows = ConsentRequest.objects.filter(session_key=session_key, good_until__gt=_or_now(now))
    return [shown(r) for r in rows.order_by("-created_at")] if session_key else []


def failed(row: ConsentRequest, problem: Problem, now: datetime) -> None:
    """What went wrong stays with the draft, tokens do not."""
    secrets = {k: v for k, v in opened(row).items() if k not in OF_A_STAGE}
    found = {"trouble": told(problem), "tries": row.found.get("tries", 0)}
    restart(row, Stage.FAILED, secrets, now + DRAFT_FOR, found=found)


def told(problem: Problem) -> dict[str, str]:
    return {"what": problem.what, "fix": problem.fix, "code": problem.code}


def shown(row: ConsentRequest) -> Pending:
    asked, secrets = Asked.of(row.payload), opened(row)
    found = Found.of(facts) if (facts := row.found.get("facts")) else None
    began = row.found.get("began_at")
    return Pending(
        id=row.pk,
        asked=asked,
        stage=row.stage,
        good_until=row.good_until or row.created_at,
        found=found,
        objections=objections(asked, found) if found else (),
        certificate=secrets.get("certificate", "") if asked.flow == Org.Flow.JWT_BEARER else "",
        secret_kept="client_secret" in secrets,
        leave=secrets.get("authorize", ""),
        trouble=row.found.get("trouble"),
        tries=row.found.get("tries", 0),
        due_at=row.due_at,
        began_at=datetime.fromisoformat(began) if began else None,
    )


def _or_now(now: datetime | None) -> datetime:
    return now or datetime.now(UTC)


def gone() -> NeedsPerson:
    return NeedsPerson(
        "This connection is not one that was started here, or its time is over.",
        fix="Start again from the Integrations page.",
        code=GONE,
    )
