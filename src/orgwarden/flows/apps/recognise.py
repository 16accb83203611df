"""Knowing an app again: the one in the inventory that has one of its identities.

An app that was known by one id and now shows another as well keeps its key and what was decided.
Where two of the inventory turn out to be one, the one found first stays. Where one of the inventory
turns out to be two, the first of them keeps the row and the other is new: it inherits nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from hashlib import sha256

from orgwarden.core.apps import App as Seen
from orgwarden.core.apps import Identity, State
from orgwarden.records import audit
from orgwarden.records.models import App, AppIdentity, Org

UNDECIDED = App.Classification.UNCLASSIFIED
Digest = tuple[str, str]


def recognised(org: Org, seen: Sequence[Seen], now: datetime) -> list[App]:
    """The inventory's app of each of these, one made where there is none, with all its identities.
    In the caller's transaction, in which the apps stay as they are for everybody else."""
    rows = App.objects.select_for_update(of=("self",)).filter(org=org)
    apps = {app.pk: app for app in rows.order_by("found_at", "pk")}
    held = AppIdentity.objects.filter(org=org).values_list("known", "digest", "app_id")
    known: dict[Digest, int] = {(k, d): app for k, d, app in held}
    taken: set[int] = set()
    found: list[App] = []
    for one in seen:
        digests = {_digest(i): i for i in one.identities}
        met = {known[d] for d in digests if d in known} - taken
        ours = [app for pk, app in apps.items() if pk in met] if met else []
        app = ours[0] if ours else _new(org, now)
        apps[app.pk] = app
        for other in ours[1:]:
            _merge(app, other)
            known = {d: app.pk if pk == other.pk else pk for d, pk in known.items()}
        _give(app, digests, known)
        taken.add(app.pk)
        found.append(app)
    return found


def _new(org: Org, now: datetime) -> App:
    return App.objects.create(
        org=org, state=State.UNKNOWN, state_since=now, found_at=now, looked_at=now
    )


def _give(app: App, digests: dict[Digest, Identity], known: dict[Digest, int]) -> None:
    """The app has these identities now, whosever they were."""
    new = []
    for digest, identity in digests.items():
        if digest not in known:
            new.append(
                AppIdentity(
                    app=app, org=app.org, known=digest[0], value=identity.value, digest=digest[1]
                )
            )
        elif known[digest] != app.pk:
            moved = AppIdentity.objects.filter(org=app.org, known=digest[0], digest=digest[1])
            moved.update(app=app)
        known[digest] = app.pk
    AppIdentity.objects.bulk_create(new)


def _merge(app: App, other: App) -> None:
    """The other was the same app. Where people decided differently, they have to decide again."""
    before = app.classification
    if before == UNDECIDED:
        app.classification = other.classification
    elif other.classification not in (UNDECIDED, before):
        app.classification = App.Classification.REVIEWING
    if app.classification != before:
        App.objects.filter(pk=app.pk).update(classification=app.classification)
    told = {"app": app.key, "other": other.key, "before": before, "after": app.classification}
    why = f"{other.key}, {other.classification}, turned out to be the same app."
    audit.record("orgwarden", audit.Action.APP_MERGED, app.org.name, told | {"why": why})
    other.identities.update(app=app)
    other.delete()


def _digest(identity: Identity) -> Digest:
    return str(identity.known), sha256(identity.value.encode()).hexdigest()
