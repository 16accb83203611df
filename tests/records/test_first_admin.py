"""The first administrator: one, once, and nobody's password is changed."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate, get_user_model

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.roles import Role
from orgwarden.records import audit, memberships
from orgwarden.records.first_admin import ensure_first_admin
from orgwarden.records.models import AuditEntry
from tests.records.conftest import Database


@pytest.fixture(autouse=True)
def _no_names_given(monkeypatch: pytest.MonkeyPatch) -> None:
    for variable in ("ORGWARDEN_ADMIN_USER", "ORGWARDEN_ADMIN_PASSWORD"):
        monkeypatch.delenv(variable, raising=False)


def test_a_generated_password_is_told_once(database: Database) -> None:
    first = ensure_first_admin()
    assert (first.username, first.created) == ("admin", True)
    assert first.generated_password is not None
    assert len(first.generated_password) >= 20
    assert first.generated_password not in repr(first)
    assert authenticate(username="admin", password=first.generated_password) is not None
    again = ensure_first_admin()
    assert (again.created, again.generated_password) == (False, None)
    assert authenticate(username="admin", password=first.generated_password) is not None


def test_the_first_administrator_holds_that_role_for_all_tenants_and_is_no_superuser(
    database: Database,
) -> None:
    ensure_first_admin()
    admin = get_user_model().objects.get()
    assert memberships.described(admin) == ["administrator of all tenants"]
    assert not admin.is_superuser
    assert not admin.is_staff


def test_the_audit_chain_begins_with_the_first_administrator(database: Database) -> None:
    ensure_first_admin()
    ensure_first_admin()
    [entry] = AuditEntry.objects.all()
    told = (entry.actor, entry.action, entry.subject, entry.detail["after"])
    role = ["administrator of all tenants"]
    assert told == ("orgwarden init", "console:person:added", "admin", role)
    assert audit.verify() is None


def test_name_and_password_come_from_the_environment(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGWARDEN_ADMIN_USER", "ann")
    monkeypatch.setenv("ORGWARDEN_ADMIN_PASSWORD", "a long enough sentence")
    first = ensure_first_admin()
    assert (first.username, first.generated_password) == ("ann", None)
    assert authenticate(username="ann", password="a long enough sentence") is not None
    monkeypatch.setenv("ORGWARDEN_ADMIN_PASSWORD", "another long sentence")
    assert ensure_first_admin().created is False
    assert authenticate(username="ann", password="another long sentence") is None


def test_a_weak_given_password_is_refused_and_nobody_is_made(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGWARDEN_ADMIN_PASSWORD", "password")
    with pytest.raises(NeedsPerson, match="ORGWARDEN_ADMIN_PASSWORD is weak"):
        ensure_first_admin()
    assert not get_user_model().objects.exists()


def test_nobody_is_promoted_because_of_a_name(database: Database) -> None:
    viewer = get_user_model().objects.create_user("admin", password="x" * 20)
    memberships.give(viewer, Role.VIEWER)
    with pytest.raises(NeedsPerson, match="somebody else's name"):
        ensure_first_admin()
    viewer.refresh_from_db()
    assert memberships.described(viewer) == ["viewer of all tenants"]
