"""What people decide about an app."""

from __future__ import annotations

from datetime import UTC, datetime

from django.db import transaction

from orgwarden.core.problems import NotThere, Problem
from orgwarden.flows.apps.stock import take_stock
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
        app = App.objects.select_for_update().select_related("org").get(pk=app.pk)
        before = app.classification
        if before == wanted:
            return False
        app.classification = wanted
        app.save(update_fields=["classification"])
        detail = {"app": app.key, "before": before, "after": str(wanted), "why": why.strip()[:1000]}
        audit.record(actor, audit.Action.APP_CLASSIFIED, f"{app.name} in {app.org.name}", detail)
    take_stock(app.org, now=datetime.now(UTC))  # the decision is one of the score's reasons
    return True
