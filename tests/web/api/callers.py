"""Callers of the API for its tests: people with tokens, and each operation as a request."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.contrib.auth.models import User
from django.test import Client

from orgwarden.core.roles import Right, Role
from orgwarden.core.scopes import Scope
from orgwarden.records import api_tokens, memberships
from orgwarden.records.models import Org
from orgwarden.web.api import application


@dataclass(frozen=True)
class Operation:
    """One operation of the OpenAPI document."""

    id: str
    method: str
    path: str
    right: Right
    scope: Scope
    statuses: frozenset[int]
    takes_body: bool

    @property
    def of_tenant(self) -> bool:
        return "{key}" in self.path


def operations() -> list[Operation]:
    """All of them, as the document declares them. One without right or scope is a KeyError."""
    return [
        Operation(
            told["operationId"],
            method.upper(),
            path,
            Right(told["x-right"]),
            Scope(told["x-scope"]),
            frozenset(int(status) for status in told["responses"]),
            "requestBody" in told,
        )
        for path, methods in application.document()["paths"].items()
        for method, told in methods.items()
    ]


def person(name: str, role: Role | None, org: Org | None = None) -> User:
    made = get_user_model().objects.create_user(name)
    if role is not None:
        memberships.give(made, role, org)
    return made


def token(of: User, *scopes: str, days: int = 30) -> str:
    """A token of this person with these scopes, all without; also of somebody who may hold none
    (any more)."""
    before = memberships.held(of).roles
    memberships.give(of, Role.ADMINISTRATOR)
    _, text = api_tokens.create(
        of,
        name="test",
        scopes=scopes or [s.value for s in Scope],
        lasts=timedelta(days=days),
        by="test",
    )
    orgs = {o.pk: o for o in Org.objects.all()}
    memberships.replace(of, [(role, orgs.get(at) if at else None) for role, at in before])
    return text


def call(
    operation: Operation,
    token: str | None,
    *,
    key: str = "",
    body: Any = None,
    client: Client | None = None,
    query: str = "",
    **headers: str,
) -> Any:
    """Ask for the operation; `body` defaults to an empty object where one is taken, so that
    whoever may ask is told 422 and nothing happens."""
    path = operation.path.replace("{key}", key).replace("{test}", "1-0")
    path = path.replace("{app}", "0")
    if token is not None:
        headers["Authorization"] = f"Bearer {token}"
    sent = {} if body is None else body
    return (client or Client()).generic(
        operation.method,
        path + query,
        data=json.dumps(sent) if operation.takes_body else "",
        content_type="application/json",
        headers=headers,
    )
