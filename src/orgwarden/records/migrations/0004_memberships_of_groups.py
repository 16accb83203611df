"""What groups and superusers meant before there were memberships, as memberships.

Before, everybody signed in could look and administrators could change; so nobody loses a right.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.conf import settings
from django.db import migrations

_ROLES = {"Administrator": "administrator", "Analyst": "analyst", "Viewer": "viewer"}


def give(apps: Any, _: Any) -> None:
    """One membership of all tenants for everybody who has none."""
    people = apps.get_model(*settings.AUTH_USER_MODEL.split("."))
    membership = apps.get_model("records", "Membership")
    now = datetime.now(UTC)
    for person in people.objects.filter(memberships=None).iterator():
        groups = set(person.groups.values_list("name", flat=True))
        roles = {_ROLES[name] for name in groups if name in _ROLES}
        if person.is_superuser:
            roles.add("administrator")
        for role in roles or {"viewer"}:
            membership.objects.create(
                person=person, role=role, org=None, given_by="upgrade", given_at=now
            )


class Migration(migrations.Migration):
    dependencies = [
        ("records", "0003_connections"),
        ("auth", "0012_alter_user_first_name_max_length"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]
    operations = [migrations.RunPython(give, migrations.RunPython.noop)]
