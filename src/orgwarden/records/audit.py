"""The audit chain: who did what to what. Appended to, never changed.

Each entry's digest covers the one before, so an entry that is altered, removed or put between
breaks every later digest. What a chain alone cannot show is that its newest entries were cut off:
note `tip()` elsewhere from time to time and give it to `verify`.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from django.db import IntegrityError, connection, transaction

from orgwarden.records.models import AuditEntry

Detail = Mapping[str, object]

# Any fixed number; it names "appending to the audit chain" among the server's advisory locks.
_APPENDING = 0x6F77_6175_6469_7401
_TRIES = 5
_VIA: ContextVar[str] = ContextVar("by what the actor acts", default="")
_SECRET_NAMES = re.compile(
    r"(?i)token|secret|passw|passphrase|credential|authorization|cookie|private_?key|verifier|"
    r"session_?(id|key)|api_?key"
)


class Action(StrEnum):
    """Everything that is recorded, as `source:subject:action`. Add one by adding a line."""

    SYSTEM_INITIALISED = "system:installation:initialised"
    KEYS_ROTATED = "system:keys:rotated"
    CACHE_REBUILT = "system:cache:rebuilt"
    EVENTS_EXPIRED = "org:events:expired"
    BACKUP_MADE = "system:backup:made"
    BACKUP_RESTORED = "system:backup:restored"
    SIGN_IN = "console:sign-in:succeeded"
    SIGN_IN_FAILED = "console:sign-in:failed"
    SIGN_OUT = "console:sign-in:ended"
    PROVED_AGAIN = "console:sign-in:proved-again"
    FACTOR_FAILED = "console:second-factor:failed"
    FACTOR_ADDED = "console:second-factor:added"
    FACTOR_REMOVED = "console:second-factor:removed"
    RECOVERY_CODES_MADE = "console:recovery-codes:made"
    PERSON_ADDED = "console:person:added"
    PERSON_CHANGED = "console:person:changed"
    PERSON_REMOVED = "console:person:removed"
    PASSWORD_CHANGED = "console:password:changed"  # noqa: S105  a name
    SETTING_CHANGED = "console:setting:changed"
    DESTINATION_ADDED = "console:destination:added"
    DESTINATION_CHANGED = "console:destination:changed"
    DESTINATION_DELETED = "console:destination:deleted"
    DESTINATION_TESTED = "console:destination:tested"
    MESSAGE_SENT_AGAIN = "console:message:sent-again"
    VIEW_SAVED = "console:view:saved"
    VIEW_DELETED = "console:view:deleted"
    ACCESS_DENIED = "console:page:denied"
    AUDIT_EXPORTED = "console:audit:exported"
    EVENTS_EXPORTED = "console:events:exported"
    EVENTS_QUERIED = "console:events:queried"
    CONSENT_GIVEN = "org:consent:given"
    ORG_CONNECTED = "org:connection:connected"
    ORG_RECONNECTED = "org:connection:reconnected"
    ORG_CONNECT_FAILED = "org:connection:failed"
    ORG_EDITED = "org:connection:edited"
    ORG_BUDGET_SET = "org:budget:edited"
    ORG_DELETED = "org:connection:deleted"
    ORG_TESTED = "org:connection:tested"
    ORG_RECONNECT_FAILED = "org:connection:reconnect-failed"
    ORG_PAUSED = "org:collection:paused"
    ORG_RESUMED = "org:collection:resumed"
    ORG_GRANT_REVOKED = "org:grant:revoked"
    ORG_BUNDLE_TAKEN = "org:support-bundle:taken"
    APP_CLASSIFIED = "org:app:classified"
    APP_MERGED = "org:app:merged"
    COLLECT_STARTED = "org:collection:started"
    TOKEN_CREATED = "console:api-token:created"  # noqa: S105  a name
    TOKEN_REVOKED = "console:api-token:revoked"  # noqa: S105  a name


@contextmanager
def via(what: str) -> Iterator[None]:
    """Every entry recorded inside says `what` the actor acted by, an API token for example."""
    mark = _VIA.set(what)
    try:
        yield
    finally:
        _VIA.reset(mark)


def acts_by(what: str) -> None:
    """From here to the end of the surrounding `via`, the actor acts by `what`."""
    _VIA.set(what)


@dataclass(frozen=True)
class Tip:
    """The newest entry: what to note elsewhere."""

    id: int
    digest: str


def record(
    actor: str,
    action: Action,
    subject: str = "",
    detail: Detail | None = None,
    *,
    at: datetime | None = None,
) -> AuditEntry:
    """Append one entry. `actor` is a username, `subject` what it was done to, as people know it;
    `detail` holds text, whole numbers, booleans, None, lists and mappings of those.

    In a transaction, call it last: others who append wait until that ends. Raises ValueError for a
    detail that could hold a secret.
    """
    by = {"via": what} if (what := _VIA.get()) else {}
    entry = {
        "at": (at or datetime.now(UTC)).astimezone(UTC),
        "actor": _text(actor, 150),
        "action": Action(action).value,
        "subject": _text(subject, 255),
        "detail": _plain({**(detail or {}), **by}),
    }
    for left in reversed(range(_TRIES)):
        try:
            with transaction.atomic():
                return _append(entry)
        except IntegrityError:
            # Somebody else's entry follows the same one. The lock prevents it; the unique column
            # would too if a database without that lock were used.
            if not left:
                raise
    raise AssertionError("unreachable")


def _append(entry: dict[str, object]) -> AuditEntry:
    if connection.vendor == "postgresql":
        # Held until the transaction ends, so that ids and the chain have one order. On SQLite the
        # transaction is the only writer from its beginning.
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_APPENDING])
    newest = tip()
    previous = newest.digest if newest else ""
    return AuditEntry.objects.create(
        **entry, previous=previous, digest=_digest(entry, previous=previous)
    )


def tip() -> Tip | None:
    """The newest entry, or None when nothing was recorded yet."""
    row = AuditEntry.objects.order_by("-id").values_list("id", "digest").first()
    return Tip(*row) if row else None


def verify(noted: Tip | None = None) -> int | None:
    """The id of the first entry that does not fit the chain, or None when all do.

    With `noted`, a tip written down earlier, also that entry must still be there unchanged.
    """
    previous, met = "", noted is None
    for row in AuditEntry.objects.order_by("id").iterator(chunk_size=1000):
        entry = {
            "at": row.at.astimezone(UTC),
            "actor": row.actor,
            "action": row.action,
            "subject": row.subject,
            "detail": row.detail,
        }
        if row.previous != previous or row.digest != _digest(entry, previous=previous):
            return row.pk
        if noted and row.pk == noted.id:
            if row.digest != noted.digest:
                return row.pk
            met = True
        previous = row.digest
    return None if met or noted is None else noted.id


def _digest(entry: dict[str, object], *, previous: str) -> str:
    at = entry["at"]
    assert isinstance(at, datetime)
    text = json.dumps(
        {**entry, "at": at.isoformat(timespec="microseconds"), "previous": previous},
        sort_keys=True,
        separators=(",", ":"),
    )
    return hashlib.sha256(text.encode("ascii")).hexdigest()


def _text(text: str, most: int) -> str:
    """`text` as both databases store it: PostgreSQL knows neither NUL nor half a character."""
    text = text.replace("\x00", "\N{SYMBOL FOR NULL}").encode("utf-8", "replace").decode()
    return text if len(text) <= most else text[: most - 1] + "…"


def _plain(value: object, name: str = "") -> object:
    """`value` in a form that reads back equal from both databases."""
    if value is None or isinstance(value, bool | int):
        return value  # also under a telling name: `tokens: 3` is a count
    if isinstance(value, Mapping):
        return {_text(str(key), 200): _plain(v, str(key)) for key, v in value.items()}
    if name and _SECRET_NAMES.search(name):
        raise ValueError(f"the audit chain takes no {name!r}: it could hold a secret")
    if isinstance(value, str):
        return _text(value, 10_000)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if isinstance(value, list | tuple | set | frozenset):
        items = sorted(value) if isinstance(value, set | frozenset) else value
        return [_plain(item, name) for item in items]
    # A float may come back as another text from PostgreSQL's jsonb, and the digest would break.
    raise ValueError(f"the audit chain takes no {type(value).__name__}")
