"""The people pages: who is there, in which roles, and what an administrator does about it."""

from __future__ import annotations

import re

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.records import memberships
from orgwarden.records.models import AuditEntry, Org
from tests.web.conftest import SignedIn


def test_the_list_names_roles_second_factors_and_who_is_off(
    people: dict[str, User], signed_in: SignedIn
) -> None:
    people["viewer"].is_active = False
    people["viewer"].save()
    page = signed_in("admin").get("/settings/people/").content.decode()
    assert "Auditor, all tenants" in page
    assert "Missing" in page
    assert "None, none needed" in page
    assert "Switched off" in page
    assert "4 may sign in" in page


def test_a_person_is_added_with_roles_and_a_password_shown_once(
    people: dict[str, User], tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    fine = tenants["fine"]
    sent = {"name": "zoe", "email": "zoe@acme.example", "role": [f"analyst:{fine.key}"]}
    answer = signed_in("admin").post("/settings/people/add/", sent)
    assert answer.status_code == 200
    found = re.search(r'<code id="secret-once">([^<]+)</code>', answer.content.decode())
    assert found is not None
    client = Client()
    done = client.post("/sign-in/", {"username": "zoe", "password": found[1]})
    assert done.status_code == 302
    assert client.get(f"/orgs/{fine.key}/").status_code == 200
    assert client.get(f"/orgs/{tenants['broken'].key}/").status_code == 404
    assert found[1] not in str(list(AuditEntry.objects.values()))


@pytest.mark.parametrize("name", ["admin", "", "a b", "<script>alert(1)</script>"])
def test_a_name_that_cannot_be_comes_back_with_the_reason(
    name: str, people: dict[str, User], signed_in: SignedIn
) -> None:
    answer = signed_in("admin").post("/settings/people/add/", {"name": name, "email": ""})
    assert answer.status_code == 422
    assert 'role="alert"' in answer.content.decode()
    assert "<script>alert" not in answer.content.decode()


def test_roles_are_changed_and_unknown_ones_are_not_taken(
    people: dict[str, User], tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    who = people["viewer"]
    wanted = ["responder:*", f"auditor:{tenants['fine'].key}", "root:*", "viewer:nowhere"]
    answer = signed_in("admin").post(f"/settings/people/{who.pk}/", {"email": "", "role": wanted})
    assert answer.status_code == 302
    assert memberships.described(who) == [
        "auditor of Acme Production",
        "responder of all tenants",
    ]


def test_nobody_switches_off_or_removes_themselves(
    people: dict[str, User], signed_in: SignedIn
) -> None:
    me = people["admin"]
    for what in ("off", "remove", "factor"):
        signed_in("admin").post(f"/settings/people/{me.pk}/{what}/", {"name": "admin"})
    me.refresh_from_db()
    assert me.is_active


def test_removing_asks_for_the_name(people: dict[str, User], signed_in: SignedIn) -> None:
    who = people["viewer"]
    signed_in("admin").post(f"/settings/people/{who.pk}/remove/", {"name": "Viewer"})
    assert User.objects.filter(pk=who.pk).exists()
    signed_in("admin").post(f"/settings/people/{who.pk}/remove/", {"name": "viewer"})
    assert not User.objects.filter(pk=who.pk).exists()
    assert AuditEntry.objects.filter(action="console:person:removed", subject="viewer").exists()


def test_a_new_password_ends_the_sessions_of_that_person(
    people: dict[str, User], signed_in: SignedIn
) -> None:
    theirs = signed_in("viewer")
    assert theirs.get("/").status_code == 200
    done = signed_in("admin").post(f"/settings/people/{people['viewer'].pk}/password/")
    assert "shown once" in done.content.decode()
    assert theirs.get("/").status_code == 302


def test_the_last_administrator_cannot_give_the_role_away(
    people: dict[str, User], signed_in: SignedIn
) -> None:
    me = people["admin"]
    answer = signed_in("admin").post(
        f"/settings/people/{me.pk}/", {"email": "", "role": ["viewer:*"]}
    )
    assert answer.status_code == 422
    assert "nobody would be an administrator" in answer.content.decode()
    assert memberships.described(me) == ["administrator of all tenants"]
