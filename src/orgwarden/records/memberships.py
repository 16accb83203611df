"""Which rights a person has: by memberships alone, deny by default.

Being a superuser, staff or in a group means nothing here. Whoever is not active has no right.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db import transaction

from orgwarden.core.roles import Right, Role, gives, needs_second_factor
from orgwarden.records.models import Membership, Org


@dataclass(frozen=True)
class Held:
    """What one person holds: pairs of role and tenant (its row's id; None is all tenants)."""

    roles: frozenset[tuple[Role, int | None]]

    def may(self, right: Right, org: Org | None = None) -> bool:
        """Whether `right` is given for `org`; without one, for the whole installation."""
        at = None if org is None else org.pk
        return any(
            (where is None or where == at) and gives(role, right, everywhere=where is None)
            for role, where in self.roles
        )

    def may_somewhere(self, right: Right) -> bool:
        """Whether `right` is given for at least one tenant."""
        return any(gives(role, right, everywhere=where is None) for role, where in self.roles)

    def orgs(self, right: Right) -> list[Org]:
        """The tenants `right` is given for, by name."""
        if self.may(right):
            return list(Org.objects.all())
        some = {
            where
            for role, where in self.roles
            if where is not None and gives(role, right, everywhere=False)
        }
        return list(Org.objects.filter(pk__in=some)) if some else []

    @property
    def needs_second_factor(self) -> bool:
        return any(needs_second_factor(role) for role, _ in self.roles)


NOTHING = Held(frozenset())


def held(person: Any) -> Held:
    """What `person` (a user, or nobody) holds now."""
    if not (person.is_authenticated and person.is_active):
        return NOTHING
    rows = Membership.objects.filter(person_id=person.pk).values_list("role", "org_id")
    known = {role.value for role in Role}
    return Held(frozenset((Role(role), org) for role, org in rows if role in known))


def may(person: Any, right: Right, org: Org | None = None) -> bool:
    """Whether `person` has `right` for `org`; without one, for the whole installation."""
    return held(person).may(right, org)


def orgs_for(person: Any, right: Right = Right.SEE_TENANTS) -> list[Org]:
    """The tenants for which `person` has `right`, by name."""
    return held(person).orgs(right)


def give(person: Any, role: Role, org: Org | None = None, *, by: str = "") -> Membership:
    """Let `person` hold `role`; holding it already is fine."""
    made, _ = Membership.objects.get_or_create(
        person=person,
        role=role.value,
        org=org,
        defaults={"given_by": by, "given_at": datetime.now(UTC)},
    )
    return made


def replace(
    person: Any, wanted: Iterable[tuple[Role, Org | None]], *, by: str = ""
) -> tuple[list[str], list[str]]:
    """Let `person` hold exactly `wanted`; what was held before and is now, as words."""
    with transaction.atomic():
        before = described(person)
        kept = [give(person, role, org, by=by).pk for role, org in wanted]
        Membership.objects.filter(person=person).exclude(pk__in=kept).delete()
        return before, described(person)


def described(person: Any) -> list[str]:
    """`administrator of all tenants`, `viewer of Acme` …, sorted."""
    return spelled(Membership.objects.filter(person=person).select_related("org"))


def spelled(rows: Iterable[Membership]) -> list[str]:
    """These memberships as `described` tells them."""
    return sorted(f"{row.role} of {row.org.name if row.org else 'all tenants'}" for row in rows)


def administrators() -> list[Any]:
    """Active people who are administrators of all tenants."""
    rows = Membership.objects.filter(
        role=Role.ADMINISTRATOR.value, org=None, person__is_active=True
    ).select_related("person")
    return [row.person for row in rows.order_by("person_id")]
