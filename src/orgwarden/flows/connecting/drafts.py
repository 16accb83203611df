"""Drafts: a connection as it was asked for, with its secrets sealed, before anything is sent."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from orgwarden.core.problems import NeedsPerson
from orgwarden.flows.connecting.asked import Asked
from orgwarden.flows.connecting.checks import check
from orgwarden.flows.connecting.key_pair import new_key_pair
from orgwarden.flows.connecting.pending import (
    DRAFT_FOR,
    Pending,
    Stage,
    gone,
    mine,
    opened,
    restart,
    shown,
)
from orgwarden.records.models import ConsentRequest, Org

_KEPT = ("client_secret", "private_key", "certificate")  # whatever way is chosen meanwhile


def begin(
    asked: Asked,
    held: Mapping[str, str],
    session_key: str,
    *,
    keep: int | None = None,
    now: datetime | None = None,
) -> Pending:
    """A draft. `held` has the secrets typed in: client_secret or private_key, or a reference to
    one. JWT bearer without a key gets a new pair. `keep` is an earlier draft of this session that
    this one replaces: its key pair and secret go on where nothing new is given."""
    now = now or datetime.now(UTC)
    address = check(asked)
    asked = replace(asked, url=address.url)
    secrets: dict[str, Any] = {k: v for k, v in held.items() if v}
    row = None
    if keep is not None:
        row = mine(keep, session_key, now)
        if row.stage not in (Stage.DRAFT, Stage.FAILED):
            raise gone()
        before = {k: v for k, v in opened(row).items() if k in _KEPT}
        if "private_key" in secrets:
            before.pop("certificate", None)  # it belongs to another key
        secrets = before | secrets
    if asked.flow == Org.Flow.JWT_BEARER and "private_key" not in secrets:
        secrets |= new_key_pair(asked.name, now)
    row = row or ConsentRequest(session_key=session_key, created_at=now)
    row.purpose = asked.purpose
    row.org = Org.objects.get(key=asked.org_key) if asked.org_key else None
    row.payload = asked.payload()
    restart(row, Stage.DRAFT, secrets, now + DRAFT_FOR)
    return shown(row)


def stop(id: int, session_key: str, *, now: datetime | None = None) -> Pending:
    """Back to a draft from waiting for Salesforce; what was typed stays. An answer that is under
    way finds nothing, and its grant is given back."""
    now = now or datetime.now(UTC)
    row = mine(id, session_key, now)
    if row.stage not in (Stage.AWAY, Stage.TRYING):
        raise gone()
    kept = {k: v for k, v in opened(row).items() if k in _KEPT}
    restart(row, Stage.DRAFT, kept, now + DRAFT_FOR)
    return shown(row)


def ready(asked: Asked, has_secret: bool) -> None:
    """Raises NeedsPerson for what is still missing before anything can be sent."""
    if not asked.client_id:
        raise NeedsPerson(
            "The consumer key is missing.",
            fix="Copy it from the external client app: Settings, OAuth Settings.",
            code="CLIENT_ID",
        )
    if asked.flow == Org.Flow.CLIENT_CREDENTIALS and not has_secret:
        raise NeedsPerson(
            "The consumer secret is missing.",
            fix="Copy it from the external client app, or give a reference to it.",
            code="CLIENT_SECRET",
        )
    if asked.is_new and not asked.egress_confirmed:
        raise NeedsPerson(
            "It was not confirmed that our addresses are fixed and no VPN or proxy.",
            fix="Check them, then confirm.",
            code="EGRESS",
        )
