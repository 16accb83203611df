"""The secrets of an org: stored sealed, read when used, refreshed by one process at a time.

Jobs carry an org, never a secret: what is read here is used at once and not kept. Errors and
`repr` never show a value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from django.db import transaction

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import leases, references
from orgwarden.records.envelope import credential_name, open_sealed, seal
from orgwarden.records.models import Credential, Org, RefreshClaim

KINDS = ("client_secret", "private_key", "refresh_token", "access_token")
_MAY_REFER = ("client_secret", "private_key")
# A refresh that takes longer than this is taken over, so a token call's timeouts stay below it.
REFRESH_LENGTH = timedelta(seconds=60)
REFRESH_WAIT = timedelta(seconds=90)


@dataclass(frozen=True)
class Stored:
    """One secret in the open. `version` grows by one with every value stored."""

    kind: str
    version: int
    value: str = field(repr=False)
    stored_at: datetime


def store(org: Org, kind: str, value: str, *, now: datetime | None = None) -> Stored:
    """Keep `value` as the newest of its kind. It is durable when this returns (unless called in a
    transaction): a rotated refresh token is stored before anything is done with it. A client
    secret or key may be a reference to where it lies: that is stored, and read at each use."""
    if kind not in KINDS:
        raise ValueError(f"not a kind of credential: {kind}")
    at = now or datetime.now(UTC)
    with transaction.atomic():
        # One storer at a time (SQLite's transactions are so already).
        Org.objects.select_for_update(no_key=True).get(pk=org.pk)
        before = Credential.objects.filter(org=org, kind=kind).order_by("-version").first()
        version = before.version + 1 if before else 1
        name = credential_name(org.key, kind, version)
        Credential.objects.create(
            org=org,
            kind=kind,
            version=version,
            sealed=seal(value.encode(), bound_to=name),
            by_reference=kind in _MAY_REFER and references.is_reference(value),
            created_at=at,
        )
        Credential.objects.filter(org=org, kind=kind, version__lte=version - 1).delete()
    return Stored(kind, version, value, at)


def newest(org: Org, kind: str) -> Stored | None:
    """The newest value of its kind; None when none was ever stored."""
    for row in Credential.objects.filter(org=org, kind=kind).order_by("-version")[:1]:
        name = credential_name(org.key, kind, row.version)
        value = open_sealed(row.sealed, bound_to=name).decode()
        if row.by_reference:
            value = references.read(value)
        return Stored(kind, row.version, value, row.created_at)
    return None


def as_stored(org: Org, kind: str) -> str:
    """The newest value of its kind as it was entered: the secret, or the reference to it."""
    for row in Credential.objects.filter(org=org, kind=kind).order_by("-version")[:1]:
        name = credential_name(org.key, kind, row.version)
        return open_sealed(row.sealed, bound_to=name).decode()
    return ""


def need(org: Org, kind: str) -> str:
    """The newest value of its kind; NeedsPerson when there is none."""
    stored = newest(org, kind)
    if stored is None:
        raise NeedsPerson(
            f"{org.name} has no {kind.replace('_', ' ')}.",
            fix="Reconnect the org.",
            code="CREDENTIAL_MISSING",
        )
    return stored.value


def forget(org: Org, *kinds: str) -> None:
    """Delete every version of these kinds (of all kinds when none is named)."""
    Credential.objects.filter(org=org, kind__in=kinds or KINDS).delete()


@contextmanager
def refresh_lock(
    org: Org, *, length: timedelta = REFRESH_LENGTH, wait: timedelta = REFRESH_WAIT
) -> Iterator[leases.LeaseHeld]:
    """Only one thread of all processes is inside, without a transaction held open.

    Who waited reads the newest token anew and uses that: somebody else has just fetched it. A
    holder whose process died is taken over at once, a stalled one after `length`. Raises
    `leases.Busy` after `wait`.
    """
    held = leases.take(
        org, holder=leases.Holder.here(), length=length, wait=wait, table=RefreshClaim
    )
    try:
        yield held
    finally:
        leases.release(held)


def single_flight(
    org: Org, *, seen: int, refresh: Callable[[], None], kind: str = "access_token"
) -> Stored:
    """A token newer than the version `seen` (0: none yet), fetched by exactly one caller.

    `refresh` asks Salesforce and stores what it got (the refresh token first); every other caller
    with the same `seen` gets its result. Its errors go to its own caller, and the next one tries.
    """
    stored = newest(org, kind)
    if stored is not None and stored.version > seen:
        return stored
    with refresh_lock(org):
        stored = newest(org, kind)
        if stored is not None and stored.version > seen:
            return stored
        refresh()
        stored = newest(org, kind)
    if stored is None or stored.version <= seen:
        raise RuntimeError(f"refresh() of org {org.key} stored no {kind}")
    return stored
