"""Rights come from memberships alone, and an upgrade takes nobody's right away."""

from __future__ import annotations

from importlib import import_module

import pytest
from django.apps import apps
from django.contrib.auth import get_user_model
from django.contrib.auth.models import AnonymousUser, Group

from orgwarden.core.roles import Right, Role
from orgwarden.records import memberships
from orgwarden.records.models import Membership, Org

pytestmark = pytest.mark.django_db


def person(name: str = "ann") -> object:
    return get_user_model().objects.create_user(name, password="x" * 20)


def test_the_upgrade_turns_groups_and_superusers_into_memberships_once() -> None:
    people = get_user_model().objects
    for name in ("Administrator", "Analyst", "Viewer"):
        people.create_user(name.lower()).groups.add(Group.objects.create(name=name))
    people.create_superuser("root")
    people.create_user("plain")
    migration = import_module("orgwarden.records.migrations.0004_memberships_of_groups")
    for _ in range(2):
        migration.give(apps, None)
    told = {p.get_username(): memberships.described(p) for p in people.all()}
    assert told == {
        "administrator": ["administrator of all tenants"],
        "analyst": ["analyst of all tenants"],
        "viewer": ["viewer of all tenants"],
        "root": ["administrator of all tenants"],
        "plain": ["viewer of all tenants"],
    }


def test_a_role_for_one_tenant_says_nothing_of_another_nor_of_all() -> None:
    here, there = (
        Org.objects.create(name=n, url=f"https://{n}.my.salesforce.com", flow="jwt-bearer")
        for n in ("here", "there")
    )
    ann = person()
    memberships.give(ann, Role.ADMINISTRATOR, here)
    held = memberships.held(ann)
    assert held.may(Right.DELETE_TENANTS, here)
    assert not held.may(Right.DELETE_TENANTS, there)
    assert not held.may(Right.DELETE_TENANTS)
    assert not held.may_somewhere(Right.MANAGE_PEOPLE)
    assert held.orgs(Right.SEE_EVENTS) == [here]
    here.delete()
    assert memberships.held(ann) == memberships.NOTHING


def test_an_unknown_role_in_the_database_gives_nothing() -> None:
    ann = person()
    memberships.give(ann, Role.VIEWER)
    Membership.objects.update(role="root")
    assert memberships.held(ann) == memberships.NOTHING


def test_nobody_has_no_right() -> None:
    assert not any(memberships.may(AnonymousUser(), right) for right in Right)
