"""What the tests of single operations share: tenants, an administrator's token, a way to ask."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orgwarden.core.roles import Role
from orgwarden.records.models import Org
from tests.web import seeds
from tests.web.api.callers import person, token

Ask = Callable[..., Any]


@pytest.fixture
def tenants(db: None) -> dict[str, Org]:
    return seeds.tenants(timezone.now())


@pytest.fixture
def ask(tenants: dict[str, Org]) -> Ask:
    """`ask("GET", "tenants")`: what an administrator is answered; `as_=` another's token."""
    admin = token(person("ann", Role.ADMINISTRATOR))

    def asked(method: str, path: str, body: Any = None, *, as_: str = admin) -> Any:
        return Client().generic(
            method,
            f"/api/v1/{path}",
            json.dumps(body) if body is not None else "",
            content_type="application/json",
            headers={"Authorization": f"Bearer {as_}"},
        )

    return asked
