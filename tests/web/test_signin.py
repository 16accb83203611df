"""Signing in: the same answer whatever was wrong, and a growing wait."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from orgwarden.records.models import AuditEntry
from orgwarden.web import throttle
from tests.web.conftest import SignedIn
from tests.web.seeds import PASSWORD


def test_the_right_password_opens_the_page_that_was_asked_for(people: dict[str, User]) -> None:
    client = Client()
    answer = client.post(
        "/sign-in/", {"username": "admin", "password": PASSWORD, "next": "/integrations/?open=x"}
    )
    assert answer.status_code == 302
    assert answer["Location"] == "/integrations/?open=x"
    assert client.get("/").status_code == 200
    assert AuditEntry.objects.filter(actor="admin", action__contains="succeeded").exists()


@pytest.mark.parametrize("target", ["https://evil.example/", "//evil.example", "javascript:x"])
def test_nobody_is_sent_elsewhere_after_signing_in(target: str, people: dict[str, User]) -> None:
    answer = Client().post("/sign-in/", {"username": "admin", "password": PASSWORD, "next": target})
    assert answer["Location"] == "/"


def test_a_wrong_password_and_an_unknown_name_are_answered_alike(people: dict[str, User]) -> None:
    known = Client().post("/sign-in/", {"username": "admin", "password": "wrong"})
    unknown = Client().post("/sign-in/", {"username": "nobody", "password": "wrong"})
    assert known.status_code == unknown.status_code == 401
    pages = [
        re.sub(r'(name="csrfmiddlewaretoken" value=")[^"]*|value="(admin|nobody)"', "", page)
        for page in (known.content.decode(), unknown.content.decode())
    ]
    assert pages[0] == pages[1]
    assert AuditEntry.objects.filter(action__contains="failed").count() == 2


def test_a_name_with_nul_is_a_wrong_name_for_every_database(people: dict[str, User]) -> None:
    answer = Client().post("/sign-in/", {"username": "adm\x00in", "password": PASSWORD})
    assert answer.status_code == 401
    assert b"\x00" not in answer.content


@pytest.mark.parametrize("name", ["admin", "nobody"])
def test_after_some_wrong_tries_even_the_right_password_has_to_wait(
    name: str, people: dict[str, User]
) -> None:
    client = Client()
    for _ in range(throttle.FREE_TRIES):
        assert client.post("/sign-in/", {"username": name, "password": "x"}).status_code == 401
    refused = client.post("/sign-in/", {"username": name, "password": PASSWORD})
    assert refused.status_code == 429
    assert int(refused["Retry-After"]) >= 1
    assert "Too many wrong tries" in refused.content.decode()


def test_somebody_elses_wrong_tries_do_not_lock_an_account_at_another_address(
    people: dict[str, User],
) -> None:
    for _ in range(throttle.FREE_TRIES + 2):
        Client(REMOTE_ADDR="203.0.113.9").post("/sign-in/", {"username": "admin", "password": "x"})
    answer = Client(REMOTE_ADDR="198.51.100.4").post(
        "/sign-in/", {"username": "admin", "password": PASSWORD}
    )
    assert answer.status_code == 302


def test_the_wait_doubles_and_ends_at_a_quarter_of_an_hour() -> None:
    waits = [throttle.delay(n, 4).total_seconds() for n in range(30)]
    assert waits[:8] == [0, 0, 0, 0, 2, 4, 8, 16]
    assert waits[-1] == throttle.LONGEST.total_seconds()


@pytest.mark.django_db
def test_many_names_from_one_address_are_slowed_too() -> None:
    now = timezone.now()
    for i in range(throttle.FREE_TRIES_AN_ADDRESS):
        throttle.failed(f"name{i}", "203.0.113.9", now)
    assert throttle.wait("another", "203.0.113.9", now) > timedelta(0)
    assert throttle.wait("another", "198.51.100.4", now) == timedelta(0)


@pytest.mark.django_db
def test_all_addresses_of_one_ipv6_network_count_as_one() -> None:
    now = timezone.now()
    for i in range(throttle.FREE_TRIES_AN_ADDRESS):
        throttle.failed("admin", f"2001:db8:0:7::{i:x}", now)
    assert throttle.wait("admin", "2001:db8:0:7:ffff::1", now) > timedelta(0)
    assert throttle.wait("admin", "2001:db8:0:8::1", now) == timedelta(0)


def test_signing_out_ends_the_session(signed_in: SignedIn) -> None:
    client = signed_in("viewer")
    assert client.post("/sign-out/").status_code == 302
    assert client.get("/").status_code == 302


def test_a_part_asked_for_after_the_session_ended_opens_the_whole_sign_in_page(
    people: dict[str, User],
) -> None:
    answer = Client().get(
        "/integrations/?part=live",
        headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/integrations/?a=b"},
        follow=True,
    )
    assert answer["HX-Redirect"] == "/sign-in/?next=/integrations/%3Fa%3Db"
