"""What people may set for this installation on a page: declared keys, their meaning, defaults.

A key that is not declared here cannot be stored, and a stored value that no longer fits counts as
not set. Values are whole numbers.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime

from django.db import transaction

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import audit
from orgwarden.records.models import Setting


@dataclass(frozen=True, slots=True)
class Preference:
    """One setting. `unit` stands behind the number on a page."""

    key: str
    title: str
    means: str
    default: int
    least: int
    most: int
    unit: str


EXCESSIVE_SYNC = Preference(
    "excessive_sync_multiple",
    "A last sync is excessive after",
    "When the last complete sync of a tenant is older than this many times the shortest cadence"
    " of its sources, it is shown in red and the tenant is listed as one that needs a person.",
    default=4,
    least=2,
    most=1000,
    unit="times the cadence",
)
GRANT_IDLE_DAYS = Preference(
    "grant_idle_days",
    "A grant that is not used ends after",
    "Salesforce ends a refresh token that is idle for longer than the app's policy allows. A"
    " paused tenant's grant is used once before then, so that resuming needs no new consent.",
    default=30,
    least=1,
    most=3650,
    unit="days",
)
MESSAGE_GRACE = Preference(
    "message_grace_minutes",
    "An error that may pass by itself is told after",
    "It is told when it has lasted this long, and called over when it has been over for this long:"
    " one that comes and goes makes no noise. What only a person can mend is told at once.",
    default=10,
    least=0,
    most=1440,
    unit="minutes",
)
SILENCE = Preference(
    "silence_minutes",
    "A tenant is silent after",
    "When nothing of a tenant was collected for this long and no reason is recorded, that is an"
    " incident of its own.",
    default=120,
    least=15,
    most=10_080,
    unit="minutes",
)
PREFERENCES: tuple[Preference, ...] = (EXCESSIVE_SYNC, GRANT_IDLE_DAYS, MESSAGE_GRACE, SILENCE)


def value(preference: Preference) -> int:
    """What is set, or the default."""
    stored = Setting.objects.filter(key=preference.key).values_list("value", flat=True).first()
    if not isinstance(stored, int) or isinstance(stored, bool):
        return preference.default
    return stored if preference.least <= stored <= preference.most else preference.default


def put(preference: Preference, wanted: int, *, actor: str) -> None:
    """Set it, with an entry in the audit chain."""
    if not preference.least <= wanted <= preference.most:
        raise NeedsPerson(
            f"{preference.title}: {wanted} is not between {preference.least} and"
            f" {preference.most}.",
            fix="Choose a number between them.",
            code="SETTING",
        )
    with transaction.atomic():
        before = value(preference)
        Setting.objects.update_or_create(
            key=preference.key,
            defaults={"value": wanted, "changed_at": datetime.now(UTC), "changed_by": actor},
        )
        detail = {"before": before, "after": wanted}
        audit.record(actor, audit.Action.SETTING_CHANGED, preference.key, detail)
