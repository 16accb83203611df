"""API tokens: of a named person, scoped, expiring, stored as a digest, revocable.

The text of a token exists when it is made and when it is used, never here. A token can do what
its scopes name and its person's memberships give at that moment: it follows every change of them,
and is dead while its person is not active or may hold none.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import transaction

from orgwarden.core import token_text
from orgwarden.core.problems import NeedsPerson, NotAllowed, NotThere
from orgwarden.core.roles import Right
from orgwarden.core.scopes import Scope, rights_of
from orgwarden.records import audit, memberships
from orgwarden.records.memberships import Held
from orgwarden.records.models import ApiToken, Org

LONGEST = timedelta(days=365)
MOST = 20  # live tokens of one person: more are a sign that old ones are forgotten
NOTED_EVERY = timedelta(minutes=1)  # last use is written no oftener, or reading would be writing
_ANOTHER = "Create another under Settings, API tokens, or with orgwarden token create."


class BadToken(NotAllowed):
    """This token opens nothing: unknown, expired, revoked, or its person is gone."""


@dataclass(frozen=True)
class Bearer:
    """Who asks with a token, and what that token lets them do now."""

    row: ApiToken
    person: Any
    held: Held
    rights: frozenset[Right]  # what the scopes name

    @property
    def name(self) -> str:
        return str(self.person.get_username())

    @property
    def via(self) -> str:
        """For the audit chain: by which token."""
        return f"{self.row.name} ({self.row.start}…)"

    def may(self, right: Right, org: Org | None = None) -> bool:
        """Whether token and person both allow it."""
        return right in self.rights and self.held.may(right, org)

    def may_somewhere(self, right: Right) -> bool:
        """Whether token and person both allow it for at least one tenant."""
        return right in self.rights and self.held.may_somewhere(right)

    def orgs(self, right: Right = Right.SEE_TENANTS) -> list[Org]:
        """The tenants for which token and person both allow it."""
        return self.held.orgs(right) if right in self.rights else []


def create(
    person: Any,
    *,
    name: str,
    scopes: Iterable[str],
    lasts: timedelta,
    by: str,
    now: datetime | None = None,
) -> tuple[ApiToken, str]:
    """Make a token and return it with its text, which is not to be had again. Raises NeedsPerson
    with the fix when it cannot be made as asked."""
    now = now or datetime.now(UTC)
    name = " ".join(name.split())
    wanted = [s.value for s in Scope if s.value in set(scopes)]
    unknown = sorted({str(s) for s in scopes} - set(wanted))
    if unknown or not wanted:
        what = f"There is no scope {unknown[0]}." if unknown else "The token has no scope."
        raise NeedsPerson(what, fix=f"Choose of {', '.join(Scope)}.", code="SCOPE")
    if not name or len(name) > 80:
        raise NeedsPerson(
            "The token needs a name.",
            fix="Say in at most 80 characters what uses it.",
            code="TOKEN_NAME",
        )
    if not timedelta(0) < lasts <= LONGEST:
        raise NeedsPerson(
            "A token lasts from 1 to 365 days.", fix="Choose a shorter time.", code="TOKEN_LASTS"
        )
    if not memberships.held(person).may_somewhere(Right.HOLD_TOKENS):
        raise NeedsPerson(
            f"{person.get_username()} may hold no API token.",
            fix="Only active people whose role allows it may: analysts, responders and"
            " administrators.",
            code="TOKEN_PERSON",
        )
    with transaction.atomic():
        if live(person, now).count() >= MOST:
            raise NeedsPerson(
                f"{person.get_username()} has {MOST} live tokens already.",
                fix="Revoke one that nothing uses.",
                code="TOKEN_MOST",
            )
        text = token_text.new()
        row = ApiToken.objects.create(
            person=person,
            name=name,
            start=token_text.start_of(text),
            digest=_digest(text),
            scopes=wanted,
            created_at=now,
            created_by=by,
            expires_at=now + lasts,
        )
        audit.record(
            by,
            audit.Action.TOKEN_CREATED,
            person.get_username(),
            {"name": name, "start": row.start, "scopes": wanted, "expires_at": row.expires_at},
        )
    return row, text


def bearer_of(text: str, *, address: str, now: datetime | None = None) -> Bearer:
    """Who this token stands for, and note its use. Raises BadToken with the reason: whoever has a
    token may know why it does not work."""
    now = now or datetime.now(UTC)
    if not token_text.is_whole(text):
        raise BadToken(
            "This is not a whole API token.", fix="Copy it again, all of it.", code="TOKEN_FORM"
        )
    row = ApiToken.objects.select_related("person").filter(digest=_digest(text)).first()
    if row is None:
        raise BadToken("This API token is not known here.", fix=_ANOTHER, code="TOKEN_UNKNOWN")
    if row.revoked_at is not None:
        raise BadToken("This API token was revoked.", fix=_ANOTHER, code="TOKEN_REVOKED")
    if row.expires_at <= now:
        raise BadToken("This API token has expired.", fix=_ANOTHER, code="TOKEN_EXPIRED")
    if not row.person.is_active:
        raise BadToken(
            "The person this API token belongs to is not active.",
            fix="Use a token of somebody who is.",
            code="TOKEN_PERSON",
        )
    held = memberships.held(row.person)
    if not held.may_somewhere(Right.HOLD_TOKENS):
        raise BadToken(
            f"{row.person.get_username()} may hold no API token any more.",
            fix="Ask an administrator for a role that allows it.",
            code="TOKEN_PERSON",
        )
    _note_use(row, address[:64], now)
    return Bearer(row, row.person, held, rights_of(row.scopes))


def _note_use(row: ApiToken, address: str, now: datetime) -> None:
    fresh = row.last_used_at is not None and now - row.last_used_at < NOTED_EVERY
    if fresh and row.last_used_from == address:
        return
    ApiToken.objects.filter(pk=row.pk).update(last_used_at=now, last_used_from=address)
    row.last_used_at, row.last_used_from = now, address


def live(person: Any, now: datetime) -> Any:
    """The tokens of this person that are neither revoked nor expired, as a query."""
    return ApiToken.objects.filter(person=person, revoked_at=None, expires_at__gt=now)


def revoke(row: ApiToken, *, by: str, now: datetime | None = None) -> None:
    """End a token at once. Revoking one that is revoked already changes nothing."""
    now = now or datetime.now(UTC)
    with transaction.atomic():
        if ApiToken.objects.filter(pk=row.pk, revoked_at=None).update(revoked_at=now):
            row.revoked_at = now
            audit.record(
                by,
                audit.Action.TOKEN_REVOKED,
                row.person.get_username(),
                {"name": row.name, "start": row.start},
            )


def find(start: str, *, person: Any = None) -> ApiToken:
    """The token that begins so, of anybody or of one person. Raises NotThere."""
    rows = ApiToken.objects.select_related("person").filter(start=start)
    found = list(rows if person is None else rows.filter(person=person))
    if len(found) != 1:
        raise NotThere(
            f"There is no token that begins with {start[:16]}."
            if not found
            else f"{len(found)} tokens begin with {start[:16]}.",
            fix="orgwarden token list shows the tokens there are.",
            code="NO_TOKEN",
        )
    return found[0]


def state_of(row: ApiToken, now: datetime) -> str:
    """`active`, `expired`, `revoked`, or `inactive`: its person is."""
    if row.revoked_at is not None:
        return "revoked"
    if row.expires_at <= now:
        return "expired"
    return "active" if row.person.is_active else "inactive"


def _digest(text: str) -> str:
    # 238 random bits need no slow hash.
    return hashlib.sha256(text.encode("ascii", "replace")).hexdigest()
