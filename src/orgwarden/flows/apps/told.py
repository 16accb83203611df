"""An app as pages, commands and the API tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import QuerySet

from orgwarden.core.app_risk import Reason, level_of
from orgwarden.core.apps import App as Seen
from orgwarden.core.apps import Trace
from orgwarden.core.spans import text_of
from orgwarden.records.models import App, Org


def inventory(org: Org | None, *, state: str = "", least: int = 0) -> QuerySet[App]:
    """The apps of one org or of all, the most dangerous first."""
    found = App.objects.select_related("org").filter(risk__gte=least)
    if org is not None:
        found = found.filter(org=org)
    return found.filter(state=state) if state else found


def entry(app: App) -> dict[str, Any]:
    """One app. `scopes` is null: what was granted to it is not known yet."""
    return {
        "key": app.key,
        "name": app.name,
        "org": app.org.name,
        "state": app.state,
        "state_since": app.state_since,
        "classification": app.classification,
        "risk": app.risk,
        "level": level_of(app.risk),
        "reasons": app.reasons,
        "unjudged": app.unjudged,
        "scopes": None,
        "grants": app.grants,
        "people": app.people,
        "privileged_people": app.privileged_people,
        "namesakes": app.namesakes,
        "first_seen": app.first_seen,
        "last_seen": app.last_seen,
        "found_at": app.found_at,
        "looked_at": app.looked_at,
        "evidence": app.evidence,
    }


def reasons_of(reasons: Sequence[Reason]) -> list[dict[str, Any]]:
    """Reasons as they are kept."""
    return [{"id": r.id, "points": r.points, "text": r.text} for r in reasons]


def evidence_of(seen: Seen) -> list[dict[str, Any]]:
    """The traces an app is put together from, and the hints at it, as they are kept."""
    own = [_trace(t, hint=False) for t in seen.traces]
    return own + [_trace(t, hint=True) for t in seen.hints]


def _trace(trace: Trace, *, hint: bool) -> dict[str, Any]:
    ids = sorted(f"{i.known} {i.value}" for i in trace.identities)
    return {
        "source": trace.source,
        "name": trace.name,
        "identities": ids,
        "rows": trace.count,
        "first": text_of(trace.first) if trace.first else None,
        "last": text_of(trace.last) if trace.last else None,
        "hint": hint,
    }
