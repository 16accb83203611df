"""What the tests of the pages share: people, tenants, a small lake."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from orgwarden.records.models import Org
from orgwarden.web import acts
from tests.web import seeds, stub_lake

SignedIn = Callable[[str], Client]


@pytest.fixture
def now() -> datetime:
    return timezone.now()


@pytest.fixture
def people(db: None) -> dict[str, User]:
    return seeds.people()


@pytest.fixture
def tenants(db: None, now: datetime) -> dict[str, Org]:
    return seeds.tenants(now)


@pytest.fixture
def lake(
    tenants: dict[str, Org], now: datetime, monkeypatch: pytest.MonkeyPatch
) -> list[list[str]]:
    """A lake for the tenants that synced; the answer lists the org keys that were asked for."""
    keys = [tenants["fine"].key, tenants["broken"].key]
    held = stub_lake.make(keys, now, rows=400)
    asked: list[list[str]] = []

    def open_reader(org_keys: list[str], *_: datetime) -> stub_lake.StubReader:
        asked.append(list(org_keys))
        return stub_lake.StubReader(held, org_keys)

    monkeypatch.setattr(acts, "open_reader", open_reader)
    return asked


def prove(client: Client) -> None:
    """As if the person had given the password just now, so that no critical step asks again."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time()}]
    session["account_authentication_methods_user"] = str(session["_auth_user_id"])
    session.save()


@pytest.fixture
def signed_in(people: dict[str, User]) -> SignedIn:
    """`signed_in("viewer")`: a browser in which that person is signed in."""

    def sign_in(name: str) -> Client:
        client = Client()
        client.force_login(people[name])
        prove(client)
        return client

    return sign_in
