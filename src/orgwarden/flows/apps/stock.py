"""Taking stock: which apps can touch an org now, how each stands, and how dangerous it is.

1. Read what every source says of apps, and put it together as one value per app.
2. Count and judge.
3. Recognise the apps that are in the inventory already, by identity, and save. An app that left no
   trace any more is deleted, if all that would show it could be read; what people decided stays.
Everything but the decisions is made anew from the events, so a stock that was cut off is simply
taken again (`stocktaking`).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction

from orgwarden.catalog.risks import FACTORS
from orgwarden.core.app_risk import AppFacts, Score, score
from orgwarden.core.apps import App as Seen
from orgwarden.core.apps import Known, Mark, State, apps_of, state_of
from orgwarden.flows.apps import recognise
from orgwarden.flows.apps.figures import Figures, figures_of
from orgwarden.flows.apps.told import evidence_of, reasons_of
from orgwarden.flows.apps.traces import traces_of
from orgwarden.flows.lakes import lake_root
from orgwarden.lake.reading import Reader
from orgwarden.records import audit
from orgwarden.records.models import App, AppIdentity, Org, SourceState

INSTALLED = frozenset({"connected_applications", "external_client_apps"})
READ = (SourceState.State.CURRENT, SourceState.State.RUNNING, SourceState.State.WAITING)
NAMES = {Known.NAME, Known.MENTION}


@dataclass(frozen=True)
class Counted:
    """One app as this stock found it, before it is recognised."""

    seen: Seen
    figures: Figures
    state: State
    score: Callable[[str], Score]  # by its classification


def take_stock(org: Org, *, now: datetime, ours: Callable[[], None] = lambda: None) -> int:
    """Bring the inventory up to what is collected; returns how many apps there are. `now` is the
    org's clock. `ours` raises LostLease when somebody else collects the org by now."""
    known = known_of(org)
    with Reader(lake_root(), [org.key]) as reader:
        traces, unread = traces_of(reader, known)
        known -= unread
        seen = apps_of(traces)
        figures = figures_of(reader, seen, known=known, now=now)
    counted = [_counted(one, f, known) for one, f in zip(seen, figures, strict=True)]
    with transaction.atomic():
        ours()
        found = recognise.recognised(org, seen, now)
        for app, one in zip(found, counted, strict=True):
            _save(app, one, now)
        _gone(org, {app.pk for app in found}, known, now)
        App.objects.filter(org=org).update(looked_at=now)
    return len(found)


def known_of(org: Org) -> frozenset[str]:
    """The sources that could be read last time they were asked: of all others nothing is known."""
    states = SourceState.objects.filter(org=org, state__in=READ, last_success_at__isnull=False)
    return frozenset(states.values_list("source", flat=True))


def _counted(seen: Seen, figures: Figures, known: frozenset[str]) -> Counted:
    installed = known >= INSTALLED

    def judged(classification: str) -> Score:
        return score(facts_of(seen, figures, classification, installed=installed), FACTORS)

    return Counted(seen, figures, state_of(seen, installed_known=installed), judged)


def facts_of(seen: Seen, counted: Figures, classification: str, *, installed: bool) -> AppFacts:
    """What the factors look at. `installed`: whether the lists of installed apps could be read."""
    marks = seen.marks

    def told(yes: Mark, no: Mark) -> bool | None:
        return True if yes in marks else False if no in marks else None

    return AppFacts(
        name=seen.name,
        classification=classification,
        installed=True if Mark.INSTALLED in marks else False if installed else None,
        # Of two policies of one app the stricter does not help where the other lets in.
        anyone_may_allow=told(Mark.OPEN, Mark.RESTRICTED),
        blocked=Mark.BLOCKED in marks,
        never_ends=told(Mark.NEVER_ENDS, Mark.ENDS),
        privileged=counted.privileged,
        inactive=counted.inactive,
        dormant=counted.dormant,
        namesakes=seen.namesakes,
    )


def _save(app: App, one: Counted, now: datetime) -> None:
    """Only what changed, and never what people decided: they may be deciding just now."""
    _back(app, one.seen)
    judged, counted = one.score(app.classification), one.figures
    values: dict[str, Any] = {
        "name": one.seen.name,
        "state": str(one.state),
        "state_since": app.state_since if app.state == one.state else now,
        "namesakes": one.seen.namesakes,
        "first_seen": one.seen.first,
        "last_seen": one.seen.last,
        "grants": counted.grants,
        "people": counted.people,
        "privileged_people": counted.privileged,
        "risk": judged.value,
        "reasons": reasons_of(judged.reasons),
        "unjudged": reasons_of(judged.unjudged),
        "evidence": evidence_of(one.seen),
    }
    changed = {name: value for name, value in values.items() if getattr(app, name) != value}
    if changed:
        App.objects.filter(pk=app.pk).update(**changed)


def _back(app: App, seen: Seen) -> None:
    """A trusted app that was gone and is known by its name only may be another under that name."""
    names_only = {i.known for i in seen.identities} <= NAMES
    if app.state == State.DELETED and names_only and app.classification == "sanctioned":
        told = {"app": app.key, "before": app.classification, "after": "reviewing"}
        why = "It was gone and came back, and only its name says that it is the same."
        audit.record("orgwarden", audit.Action.APP_CLASSIFIED, app.org.name, told | {"why": why})
        app.classification = App.Classification.REVIEWING
        App.objects.filter(pk=app.pk).update(classification=app.classification)


def _gone(org: Org, there: set[int], known: frozenset[str], now: datetime) -> None:
    """What left no trace any more is deleted, where all of its traces would show."""
    gone = App.objects.filter(org=org).exclude(pk__in=there)
    # What was a name in a log is nothing of its own once an app has the name.
    real = AppIdentity.objects.filter(org=org).exclude(known=Known.MENTION).values("app")
    gone.exclude(pk__in=real).filter(classification="unclassified").delete()
    if known >= INSTALLED | {"oauth_tokens"}:
        gone.exclude(state=State.DELETED).update(
            state=State.DELETED, state_since=now, grants=0, people=0, privileged_people=0,
            risk=0, reasons=[], unjudged=[], namesakes=0,
        )  # fmt: skip
