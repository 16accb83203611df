"""Apps by the API: pages of them, one, and what is decided about it."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from orgwarden.core.roles import Role
from orgwarden.records.models import App, Org
from orgwarden.web import acts
from tests.web import seeds
from tests.web.api.callers import person, token


@pytest.fixture
def apps(db: None) -> list[App]:
    now = timezone.now()
    org = seeds.org("Our Tenant", now=now)
    return [_made(org, f"App {n}", risk, now) for n, risk in enumerate((10, 75, 40, 40))]


def _made(org: Org, name: str, risk: int, now: datetime) -> App:
    return App.objects.create(
        org=org, name=name, risk=risk, state="enabled", state_since=now, found_at=now, looked_at=now
    )


def ask(path: str, who: str, body: Any = None) -> Any:
    client, headers = Client(), {"Authorization": f"Bearer {who}"}
    if body is None:
        return client.get(path, headers=headers)
    return client.post(path, data=body, content_type="application/json", headers=headers)


def test_pages_of_apps_come_the_most_dangerous_first_and_hold_each_once(apps: list[App]) -> None:
    viewer = token(person("ann", Role.ANALYST))
    seen, cursor = [], ""
    for _ in range(len(apps)):
        page = ask(f"/api/v1/apps?limit=1&cursor={cursor}", viewer).json()
        seen += [(a["risk"], a["name"]) for a in page["items"]]
        cursor = page["next"] or ""
        if not cursor:
            break
    assert seen == [(75, "App 1"), (40, "App 2"), (40, "App 3"), (10, "App 0")]
    high = ask("/api/v1/apps?risk=70", viewer).json()["items"]
    assert [(a["name"], a["level"], a["grants"]) for a in high] == [("App 1", "high", None)]
    assert ask("/api/v1/apps?state=fine", viewer).status_code == 422
    assert ask("/api/v1/apps?cursor=x", viewer).status_code == 422


def test_an_app_of_another_tenant_is_not_there(apps: list[App]) -> None:
    other = seeds.org("Other", now=timezone.now())
    stranger = token(person("eve", Role.ADMINISTRATOR, other))
    assert ask("/api/v1/apps", stranger).json()["items"] == []
    app = apps[0]
    for key in (app.org.key, other.key):
        there = f"/api/v1/tenants/{key}/apps/{app.key}"
        assert ask(there, stranger).status_code == 404
        given = {"classification": "sanctioned", "why": "mine"}
        assert ask(f"{there}/classify", stranger, given).status_code == 404


def test_a_decision_is_made_in_the_name_of_the_tokens_person(
    apps: list[App], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, str, str]] = []

    def classified(app: App, wanted: str, why: str, actor: str) -> bool:
        asked.append((wanted, why, actor))
        return True

    monkeypatch.setattr(acts, "classify_app", classified)
    responder = token(person("rob", Role.RESPONDER))
    there = f"/api/v1/tenants/{apps[0].org.key}/apps/{apps[0].key}"
    given = {"classification": "unsanctioned", "why": "Nobody ordered it."}
    answer = ask(f"{there}/classify", responder, given)
    assert (answer.status_code, answer.json()["key"]) == (200, apps[0].key)
    assert asked == [("unsanctioned", "Nobody ordered it.", "rob")]
    assert ask(there, responder).json()["name"] == "App 0"
    assert ask(f"{there}/classify", responder, {**given, "why": ""}).status_code == 422
