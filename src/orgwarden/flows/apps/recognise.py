"""Knowing an app again: the one in the inventory that has one of its identities.

An app that was known by one id and now shows another as well keeps its key and what was decided.
Where two of the inventory turn out to be one, the one found first stays, and takes over what was
decided of the other only if it was undecided itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from orgwarden.core.apps import App as Seen
from orgwarden.core.apps import Identity, State
from orgwarden.records.models import App, AppIdentity, Org

UNDECIDED = App.Classification.UNCLASSIFIED


def recognised(org: Org, seen: Sequence[Seen], now: datetime) -> list[App]:
    """The inventory's app of each of these, made where there is none, with all its identities. In
    the caller's transaction."""
    rows = AppIdentity.objects.filter(org=org).select_related("app").order_by("app__found_at", "pk")
    known = {(row.known, row.digest): row.app for row in rows}
    found, new = [], []
    for one in seen:
        digests = {_named(i): i for i in one.identities}
        met = sorted(
            {known[d].pk: known[d] for d in digests if d in known}.values(),
            key=lambda app: (app.found_at, app.pk),
        )
        app = met[0] if met else _new(org, now)
        for other in met[1:]:
            _merge(app, other)
            known = {d: app if a.pk == other.pk else a for d, a in known.items()}
        for digest in digests.keys() - known.keys():
            known[digest] = app
            new.append(_identity(app, org, digests[digest]))
        found.append(app)
    AppIdentity.objects.bulk_create(new)
    return found


def _new(org: Org, now: datetime) -> App:
    return App.objects.create(
        org=org, state=State.UNKNOWN, state_since=now, found_at=now, looked_at=now
    )


def _merge(app: App, other: App) -> None:
    if app.classification == UNDECIDED:
        app.classification = other.classification
    other.identities.update(app=app)
    other.delete()


def _identity(app: App, org: Org, identity: Identity) -> AppIdentity:
    known, digest = _named(identity)
    return AppIdentity(app=app, org=org, known=known, value=identity.value, digest=digest)


def _named(identity: Identity) -> tuple[str, str]:
    return identity.known, sha256(identity.value.encode()).hexdigest()
