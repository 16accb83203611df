"""How much an org holds and does, by its number of users: what its cost is computed from.

Assumptions, stated so that they can be argued with: an office of people who work eight hours, some
integrations, a tenth of the users in groups of special rights. Streams in rows a day, what is read
whole in records. A source that is not named has less than a page.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from orgwarden.core.cost import Size, Volume

VOLUMES: Mapping[str, Volume] = MappingProxyType(
    {
        "users": Volume(per_user=1.3),  # the inactive ones too
        "user_logins": Volume(per_user=1.3),
        "login_history": Volume(per_user=4, fixed=2_000),  # integrations sign in by themselves
        "login_geo": Volume(per_user=4, fixed=2_000),
        "verification_history": Volume(per_user=0.5),
        "setup_audit_trail": Volume(per_user=0.05, fixed=50),
        "permission_set_assignments": Volume(per_user=4),
        "permission_set_license_assignments": Volume(per_user=1.5),
        "package_licenses": Volume(fixed=30),
        "permission_sets": Volume(fixed=400),
        "object_permissions": Volume(fixed=20_000),
        "setup_entity_access": Volume(fixed=5_000),
        "auth_sessions": Volume(per_user=1.5),
        "login_ips": Volume(per_user=3),
        "oauth_tokens": Volume(per_user=3),
        "second_factors": Volume(per_user=1),
        "content_distributions": Volume(per_user=0.5),
        "content_document_links": Volume(per_user=2),
    }
)
# Event types that an org of so many users writes, and in how many hours of a day.
_TYPES = ((200, 15, 12), (2_000, 30, 20), (20_000, 45, 24), (10**9, 60, 24))
_FREE = 4  # types that an org without Event Monitoring writes on most days


def size_of(users: int, *, licensed: bool) -> Size:
    """An org of so many users, with hourly and daily log files or the free daily ones."""
    if not licensed:
        return Size(users, _FREE, licensed=False)
    types, hours = next((t, h) for most, t, h in _TYPES if users <= most)
    return Size(users, types * hours + types)
