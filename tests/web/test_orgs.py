"""One org's page, adding one, testing and deleting it."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from orgwarden.core.problems import NeedsPerson
from orgwarden.records.models import Org
from orgwarden.web import acts
from tests.web.conftest import SignedIn

FORM = {
    "name": "New org",
    "url": "acme.my.salesforce.com",
    "client_id": "3MVG9.key",
    "client_secret": "the-consumer-secret",
    "flow": "client-credentials",
    "features": ["app_governance", "sspm_scan"],
}
ADD = "/integrations/add/salesforce/"


@pytest.fixture
def admin(signed_in: SignedIn, tenants: dict[str, Org]) -> Client:
    return signed_in("admin")


def text_of(client: Client, org: Org, query: str = "") -> str:
    answer = client.get(f"/orgs/{org.key}/{query}")
    assert answer.status_code == 200
    return answer.content.decode()


def test_the_page_says_what_is_dark_failing_or_quarantined(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = text_of(admin, tenants["fine"])
    assert "The connected user lacks View Event Log Files." in text
    assert "Add View Event Log Files to its permission set." in text
    assert "Salesforce answered 500 three times." in text
    assert "60 days back" in text
    assert "30 days back because this org has Event Monitoring" in text
    assert "missing. The budget stopped collection here." in text
    assert "00DKa0000001abcMAA" in text


def test_an_org_without_event_monitoring_goes_one_day_back_and_says_why(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = text_of(admin, tenants["busy"])
    assert "1 day back because this org has no Event Monitoring licence" in text


def test_what_runs_now_shows_rows_calls_and_rate(admin: Client, tenants: dict[str, Org]) -> None:
    text = text_of(admin, tenants["busy"])
    assert "48,200 of 120,000 rows" in text
    assert "6 calls" in text
    assert "rows/s" in text
    assert "every 3s" in text


def test_an_unmeasured_budget_is_unknown_and_never_green(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = text_of(admin, tenants["new"])
    assert "budget-unknown" in text
    assert "budget-fine" not in text


def test_the_live_part_replaces_what_moves(admin: Client, tenants: dict[str, Org]) -> None:
    text = text_of(admin, tenants["busy"], "?part=live")
    assert "<html" not in text
    for part in ("org-status", "org-coverage", "org-budget", "org-sources", "org-runs"):
        assert f'id="{part}"' in text


def test_hostile_names_are_text(admin: Client, tenants: dict[str, Org]) -> None:
    org = tenants["fine"]
    org.name = '"><script>alert(1)</script>'
    org.organization_name = "<img src=x onerror=alert(1)>"
    org.save()
    for address in (f"/orgs/{org.key}/", "/integrations/", "/", f"/orgs/{org.key}/delete/"):
        text = admin.get(address).content.decode()
        assert "<script>alert" not in text
        assert "<img" not in text


def test_adding_calls_the_flow_with_what_was_typed(
    admin: Client, monkeypatch: pytest.MonkeyPatch, tenants: dict[str, Org]
) -> None:
    asked: dict[str, Any] = {}

    def connect(**given: Any) -> Org:
        asked.update(given)
        return tenants["fine"]

    monkeypatch.setattr(acts, "connect_org", connect)
    answer = admin.post(ADD, FORM, follow=True)
    assert answer.redirect_chain[-1][0] == "/integrations/?open=salesforce"
    assert "is connected" in answer.content.decode()
    assert asked["url"] == "https://acme.my.salesforce.com"
    assert asked["actor"] == "admin"
    assert asked["client_secret"] == FORM["client_secret"]


def test_a_refusal_comes_back_with_the_fix_and_without_the_secret(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(**_: Any) -> Org:
        raise NeedsPerson("Salesforce refused.", fix="Copy the secret again.", code="invalid")

    monkeypatch.setattr(acts, "connect_org", connect)
    answer = admin.post(ADD, FORM)
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "Copy the secret again." in text
    assert 'value="New org"' in text
    assert FORM["client_secret"] not in text


@pytest.mark.parametrize(
    ("field", "value", "says"),
    [
        ("name", "", "Give the tenant a name"),
        ("name", "acme production", "A tenant of this name exists"),
        ("url", "https://user:pw@evil.example/", "My Domain address"),
        ("url", "", "My Domain address"),
        ("client_id", "", "Copy the consumer key"),
        ("client_secret", "", "Copy the consumer secret"),
        ("flow", "password", "Choose how Orgwarden signs in"),
        ("features", [], "Choose at least one feature"),
    ],
)
def test_each_field_says_what_is_wrong_with_it(
    admin: Client, field: str, value: Any, says: str
) -> None:
    answer = admin.post(ADD, FORM | {field: value})
    assert answer.status_code == 422
    assert says in answer.content.decode()


def test_consent_leads_to_salesforce_by_a_link_on_a_page_of_ours(
    admin: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: dict[str, Any] = {}

    def begin(**given: Any) -> str:
        asked.update(given)
        return "https://acme.my.salesforce.com/services/oauth2/authorize?state=x"

    monkeypatch.setattr(acts, "begin_consent", begin)
    text = admin.post(ADD, FORM | {"flow": "web-server"}).content.decode()
    assert 'href="https://acme.my.salesforce.com/services/oauth2/authorize?state=x"' in text
    assert "refresh_token" in text
    assert asked["session_key"]


def test_the_callback_finishes_with_this_sessions_key(
    admin: Client, monkeypatch: pytest.MonkeyPatch, tenants: dict[str, Org]
) -> None:
    asked: list[str] = []

    def finish(state: str, code: str, session_key: str) -> Org:
        asked.extend((state, code, session_key))
        return tenants["fine"]

    monkeypatch.setattr(acts, "finish_consent", finish)
    answer = admin.get("/connect/callback?state=s&code=c")
    assert answer["Location"] == "/integrations/?open=salesforce"
    assert asked == ["s", "c", admin.session.session_key]


def test_a_refused_consent_says_so(admin: Client) -> None:
    answer = admin.get(
        "/connect/callback?error=access_denied&error_description=<b>end-user+denied</b>"
    )
    text = answer.content.decode()
    assert answer.status_code == 400
    assert "Salesforce refused the consent" in text
    assert "<b>end-user" not in text


def test_collect_now_asks_a_worker_and_returns(
    admin: Client, monkeypatch: pytest.MonkeyPatch, tenants: dict[str, Org]
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(acts, "collect_now", lambda *given: asked.extend(given))
    answer = admin.post(f"/orgs/{tenants['fine'].key}/collect/", follow=True)
    assert asked == [tenants["fine"], "admin"]
    assert "A worker was asked to collect now" in answer.content.decode()


def test_deleting_names_what_goes_and_wants_the_name_typed(
    admin: Client, monkeypatch: pytest.MonkeyPatch, tenants: dict[str, Org]
) -> None:
    deleted: list[str] = []

    def delete(org: Org, actor: str) -> list[str]:
        deleted.append(f"{org.name} by {actor}")
        return ["Our grant at Salesforce is revoked."]

    monkeypatch.setattr(acts, "delete_org", delete)
    address = f"/orgs/{tenants['fine'].key}/delete/"
    assert "Delete Acme Production and " in admin.get(address).content.decode()
    wrong = admin.post(address, {"name": "acme"})
    assert wrong.status_code == 422
    assert deleted == []
    admin.post(address, {"name": "Acme Production"})
    assert deleted == ["Acme Production by admin"]


def test_the_overview_lists_what_needs_a_person_worst_first(
    admin: Client, tenants: dict[str, Org]
) -> None:
    text = admin.get("/").content.decode()
    places = [text.index(f"need-{kind}") for kind in ("error", "failing", "stale", "dark")]
    assert places == sorted(places)
