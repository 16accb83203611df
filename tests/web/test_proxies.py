"""Forwarding headers count only from the proxies that are named."""

from __future__ import annotations

import ipaddress
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.records.models import AuditEntry
from orgwarden.web import proxies

TRUSTED = (ipaddress.ip_network("10.0.0.0/24"), ipaddress.ip_network("::1/128"))


@pytest.mark.parametrize(
    ("forwarded", "found"),
    [
        ("", "10.0.0.7"),
        ("203.0.113.9", "203.0.113.9"),
        ("1.2.3.4, 203.0.113.9", "203.0.113.9"),  # the visitor wrote the first one
        ("203.0.113.9, 10.0.0.8", "203.0.113.9"),
        ("2001:db8::1", "2001:db8::1"),
        ("nonsense", "10.0.0.7"),
        ("203.0.113.9, <script>", "10.0.0.7"),
    ],
)
def test_the_visitor_is_the_nearest_address_that_is_no_proxy(forwarded: str, found: str) -> None:
    assert proxies.visitor("10.0.0.7", forwarded, TRUSTED) == found


@pytest.mark.parametrize(
    ("peer", "seen"), [("10.0.0.7", "203.0.113.9"), ("198.51.100.4", "198.51.100.4")]
)
def test_only_a_trusted_proxy_is_believed(
    peer: str, seen: str, people: dict[str, User], settings: Any
) -> None:
    settings.ORGWARDEN_TRUSTED_PROXIES = ("10.0.0.0/24",)
    client = Client(REMOTE_ADDR=peer, HTTP_X_FORWARDED_FOR="203.0.113.9")
    client.post("/sign-in/", {"username": "admin", "password": "wrong"})
    assert AuditEntry.objects.latest("id").subject == seen


def test_without_the_setting_nobody_is_believed(people: dict[str, User]) -> None:
    client = Client(REMOTE_ADDR="127.0.0.1", HTTP_X_FORWARDED_FOR="203.0.113.9")
    client.post("/sign-in/", {"username": "admin", "password": "wrong"})
    assert AuditEntry.objects.latest("id").subject == "127.0.0.1"


@pytest.mark.parametrize(("peer", "secure"), [("10.0.0.7", True), ("198.51.100.4", False)])
@pytest.mark.django_db
def test_https_is_believed_of_a_trusted_proxy_and_then_held_to(
    peer: str, secure: bool, settings: Any
) -> None:
    settings.ORGWARDEN_TRUSTED_PROXIES = ("10.0.0.0/24",)
    settings.SECURE_HSTS_SECONDS = 31536000
    answer = Client(REMOTE_ADDR=peer, HTTP_X_FORWARDED_PROTO="https").get("/sign-in/")
    assert answer.wsgi_request.is_secure() is secure
    assert ("Strict-Transport-Security" in answer) is secure
