"""People are added, changed and removed with an entry each, and an administrator always stays."""

from __future__ import annotations

import pytest
from django.contrib.auth import authenticate, get_user_model

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.roles import Right, Role
from orgwarden.records import audit, memberships, people
from orgwarden.records.models import AuditEntry, Org

pytestmark = pytest.mark.django_db


@pytest.fixture
def admin() -> object:
    person, _ = people.add("ann", "", [(Role.ADMINISTRATOR, None)], by="test")
    return person


@pytest.fixture
def acme() -> Org:
    return Org.objects.create(name="Acme", url="https://acme.my.salesforce.com", flow="jwt-bearer")


def test_a_person_gets_a_password_that_works_and_exactly_the_roles_given(
    admin: object, acme: Org
) -> None:
    person, password = people.add("bob", "bob@acme.example", [(Role.ANALYST, acme)], by="ann")
    assert authenticate(username="bob", password=password) == person
    assert memberships.may(person, Right.SEE_EVENTS, acme)
    assert not memberships.may(person, Right.SEE_EVENTS)
    assert not memberships.may(person, Right.COLLECT, acme)
    assert memberships.orgs_for(person) == [acme]
    entry = AuditEntry.objects.latest("id")
    assert (entry.actor, entry.subject) == ("ann", "bob")
    assert entry.detail["after"] == ["analyst of Acme"]
    assert password not in str(entry.detail)


def test_a_change_is_kept_with_what_was_before_and_after(admin: object, acme: Org) -> None:
    bob, _ = people.add("bob", "", [(Role.VIEWER, None)], by="ann")
    people.change(bob, email="bob@acme.example", wanted=[(Role.RESPONDER, acme)], by="ann")
    entry = AuditEntry.objects.latest("id")
    assert entry.detail["before"] == ["viewer of all tenants", "e-mail "]
    assert entry.detail["after"] == ["responder of Acme", "e-mail bob@acme.example"]
    people.change(bob, email="bob@acme.example", wanted=[(Role.RESPONDER, acme)], by="ann")
    assert AuditEntry.objects.latest("id") == entry, "nothing changed, nothing recorded"
    assert audit.verify() is None


@pytest.mark.parametrize("deed", ["switch off", "remove", "demote"])
def test_the_last_administrator_of_all_tenants_stays(admin: object, acme: Org, deed: str) -> None:
    people.add("eve", "", [(Role.ADMINISTRATOR, acme)], by="ann")  # of one tenant: not enough
    with pytest.raises(NeedsPerson, match="nobody would be an administrator"):
        if deed == "switch off":
            people.switch(admin, on=False, by="eve")
        elif deed == "remove":
            people.remove(admin, by="eve")
        else:
            people.change(admin, email="", wanted=[(Role.VIEWER, None)], by="eve")
    assert [p.get_username() for p in memberships.administrators()] == ["ann"]


def test_whoever_is_switched_off_has_no_right_and_cannot_sign_in(admin: object) -> None:
    bob, password = people.add("bob", "", [(Role.ADMINISTRATOR, None)], by="ann")
    people.switch(bob, on=False, by="ann")
    assert authenticate(username="bob", password=password) is None
    assert not memberships.may(bob, Right.SEE_TENANTS)
    people.switch(bob, on=True, by="ann")
    assert memberships.may(bob, Right.MANAGE_PEOPLE)


@pytest.mark.parametrize("name", ["", "a b", "<script>", "x" * 151, "ANN", "ann\x00"])
def test_a_name_that_cannot_be_is_refused_in_words(admin: object, name: str) -> None:
    with pytest.raises(NeedsPerson):
        people.add(name, "", [], by="ann")
    assert get_user_model().objects.count() == 1


def test_an_address_that_is_none_is_refused(admin: object) -> None:
    with pytest.raises(NeedsPerson, match="no e-mail address"):
        people.add("bob", "not an address", [], by="ann")


def test_nothing_but_a_membership_gives_a_right(admin: object, acme: Org) -> None:
    root = get_user_model().objects.create_superuser("root", password="x" * 20)
    assert not any(memberships.may(root, right) for right in Right)
    assert memberships.orgs_for(root) == []
