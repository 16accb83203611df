"""What people decide about an app."""

from __future__ import annotations

import textwrap

from django.db import transaction

from orgwarden.catalog.risks.unreviewed import FACTOR as UNREVIEWED
from orgwarden.core.app_risk import MOST, AppFacts, score
from orgwarden.core.apps import State
from orgwarden.core.problems import NotThere, Problem
from orgwarden.flows.apps.told import reasons_of
from orgwarden.records import audit
from orgwarden.records.models import App


def find(key: str) -> App:
    """The app of this key. Raises NotThere."""
    found = App.objects.select_related("org").filter(key=key).first()
    if found is None:
        raise NotThere(
            f"There is no app {key}.", fix="orgwarden apps list shows all.", code="NO_APP"
        )
    return found


def classify(app: App, classification: str, *, why: str, actor: str) -> bool:
    """Say what the app is, with the reason; False where it was that already. Raises Problem without
    a reason, because somebody will ask for it."""
    wanted = App.Classification(classification)
    if not why.strip():
        raise Problem("A classification needs its reason.", fix="Say in a sentence why.")
    with transaction.atomic():
        app = App.objects.select_for_update(of=("self",)).select_related("org").get(pk=app.pk)
        before = app.classification
        if before == wanted:
            return False
        app.classification = wanted
        _judge_again(app)
        app.save(update_fields=["classification", "reasons", "risk"])
        detail = {"app": app.key, "before": before, "after": str(wanted), "why": why.strip()[:1000]}
        subject = f"{textwrap.shorten(app.name, 120, placeholder='…')} in {app.org.name}"
        audit.record(actor, audit.Action.APP_CLASSIFIED, subject, detail)
    return True


def _judge_again(app: App) -> None:
    """One factor looks at the classification; the others stand as the last stock found them."""
    if app.state == State.DELETED:
        return  # nothing is left that could be dangerous
    facts = AppFacts(name=app.name, classification=app.classification)
    others = [r for r in app.reasons if r["id"] != UNREVIEWED.id]
    app.reasons = others + reasons_of(score(facts, [UNREVIEWED]).reasons)
    app.risk = min(MOST, sum(r["points"] for r in app.reasons))
