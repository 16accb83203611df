"""The switches of a tenant's API budget: read, checked, stored, audited."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime

from django.db import transaction

from orgwarden.core.budget import Rules
from orgwarden.flows.tenant_settings import Wrong
from orgwarden.records import audit
from orgwarden.records.models import Org


def set_rules(org: Org, wanted: Rules, *, actor: str) -> list[str]:
    """Store the rules; the names of those that changed. Raises `Wrong` for the first that cannot
    be meant and changes nothing. A running collection follows them within half a minute."""
    for field, what in wanted.wrong().items():
        raise Wrong(field, what, fix="Choose another number.")
    now = datetime.now(UTC)
    with transaction.atomic():
        row = Org.objects.select_for_update().get(pk=org.pk)
        before, after = asdict(Rules.of(row.budget)), asdict(wanted)
        changed = [name for name, value in after.items() if value != before[name]]
        if not changed:
            return []
        row.budget = wanted.stored()
        fields = ["budget"]
        if row.waiting_rule in ("stop", "resume", "floor", "own"):
            # What waits for a rule that was changed is looked at again at once.
            row.next_due_at = now
            fields.append("next_due_at")
            row.sources.filter(state="waiting").update(next_due_at=now)
        row.save(update_fields=fields)
        detail = {
            "before": {n: before[n] for n in changed},
            "after": {n: after[n] for n in changed},
        }
        audit.record(actor, audit.Action.ORG_BUDGET_SET, row.name, detail)
    org.refresh_from_db()
    return changed
