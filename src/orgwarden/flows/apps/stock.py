"""Taking stock: which apps can touch an org now, how each stands, and how dangerous it is.

1. Read what every source says of apps, and put it together as one value per app.
2. Recognise the apps that are in the inventory already, by identity.
3. Count, judge and save. An app that left no trace any more is deleted, if all that would show it
   could be read; what people decided about it stays.
Everything is made anew from the events, so a stock that was cut off is simply taken again.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from orgwarden.catalog.risks import FACTORS
from orgwarden.core.app_risk import AppFacts, score
from orgwarden.core.apps import App as Seen
from orgwarden.core.apps import Mark, State, apps_of, state_of
from orgwarden.flows.apps import recognise
from orgwarden.flows.apps.figures import Figures, figures_of
from orgwarden.flows.apps.told import evidence_of, reasons_of
from orgwarden.flows.apps.traces import traces_of
from orgwarden.flows.lakes import lake_root
from orgwarden.lake.reading import Reader
from orgwarden.records.models import App, Org, SourceState

INSTALLED = frozenset({"connected_applications", "external_client_apps"})
READ = (SourceState.State.CURRENT, SourceState.State.RUNNING, SourceState.State.WAITING)


def take_stock(org: Org, *, now: datetime) -> int:
    """Bring the inventory up to what is collected; returns how many apps there are. `now` is the
    org's clock."""
    known = known_of(org)
    with Reader(lake_root(), [org.key]) as reader:
        seen = apps_of(traces_of(reader))
        figures = figures_of(reader, seen, known=known, now=now)
    with transaction.atomic():
        found = recognise.recognised(org, seen, now)
        for app, one, counted in zip(found, seen, figures, strict=True):
            _save(app, one, counted, known, now)
        _gone(org, {app.pk for app in found}, known, now)
    return len(found)


def known_of(org: Org) -> frozenset[str]:
    """The sources that could be read last time they were asked: of all others nothing is known."""
    states = SourceState.objects.filter(org=org, state__in=READ, last_success_at__isnull=False)
    return frozenset(states.values_list("source", flat=True))


def _save(app: App, seen: Seen, counted: Figures, known: frozenset[str], now: datetime) -> None:
    installed = known >= INSTALLED
    state = state_of(seen, installed_known=installed)
    if app.state != state:
        app.state, app.state_since = state, now
    app.name, app.looked_at, app.namesakes = seen.name, now, seen.namesakes
    app.first_seen, app.last_seen = seen.first, seen.last
    app.grants, app.people = counted.grants, counted.people
    app.privileged_people = counted.privileged
    judged = score(
        facts_of(seen, counted, app.classification, installed=installed, now=now), FACTORS
    )
    app.risk = judged.value
    app.reasons, app.unjudged = reasons_of(judged.reasons), reasons_of(judged.unjudged)
    app.evidence = evidence_of(seen)
    app.save()


def facts_of(
    seen: Seen, counted: Figures, classification: str, *, installed: bool, now: datetime
) -> AppFacts:
    """What the factors look at. `installed`: whether the lists of installed apps could be read."""
    marks = seen.marks
    there = True if Mark.INSTALLED in marks else False if installed else None
    ends = {True: Mark.NEVER_ENDS in marks, False: None}[bool(marks & {Mark.NEVER_ENDS, Mark.ENDS})]
    return AppFacts(
        now=now,
        name=seen.name,
        classification=classification,
        installed=there,
        anyone_may_allow=there and Mark.RESTRICTED not in marks,
        never_ends=ends,
        grants=counted.grants,
        people=counted.people,
        privileged=counted.privileged,
        inactive=counted.inactive,
        dormant=counted.dormant,
        namesakes=seen.namesakes,
    )


def _gone(org: Org, there: set[int], known: frozenset[str], now: datetime) -> None:
    """What left no trace any more is deleted, where all of its traces would show."""
    if known >= INSTALLED | {"oauth_tokens"}:
        gone = App.objects.filter(org=org).exclude(pk__in=there).exclude(state=State.DELETED)
        gone.update(state=State.DELETED, state_since=now, grants=0, people=0, privileged_people=0)
    App.objects.filter(org=org).exclude(pk__in=there).update(looked_at=now)
