"""A person makes an API token on a page, uses it, and revokes it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import requests
from django.contrib.auth import get_user_model
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from orgwarden.core.scopes import Scope
from orgwarden.records import api_tokens
from orgwarden.records.models import ApiToken
from tests.journeys.conftest import ARTEFACTS
from tests.journeys.test_pages import serious, sign_in, watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("every-page")]


def ask(base: str, token: str) -> int:
    with requests.Session() as session:
        session.trust_env = False
        headers = {"Authorization": f"Bearer {token}"}
        return session.get(f"{base}/api/v1/tenants", headers=headers, timeout=30).status_code


def some_tokens() -> None:
    """Tokens in every state, of two people."""
    people = {p.get_username(): p for p in get_user_model().objects.all()}
    now = timezone.now()
    for name, who, scopes, lasts, age in (
        ("Nightly report to the data warehouse", "admin", ["read", "query"], 90, 20),
        ("terraform", "admin", [s.value for s in Scope], 30, 26),
        ("old laptop", "admin", ["read"], 7, 40),
        ("SOC playbook", "responder", ["read", "collect"], 180, 3),
    ):
        row, _ = api_tokens.create(
            people[who],
            name=name,
            scopes=scopes,
            lasts=timedelta(days=lasts),
            by=who,
            now=now - timedelta(days=age),
        )
        if age < 30:
            used = now - timedelta(hours=age)
            ApiToken.objects.filter(pk=row.pk).update(
                last_used_at=used, last_used_from="2001:db8:85a3::8a2e:370:7334"
            )
    gone, _ = api_tokens.create(
        people["admin"], name="leaked", scopes=["manage"], lasts=timedelta(days=365), by="admin"
    )
    api_tokens.revoke(gone, by="admin")


def test_a_token_is_made_used_and_revoked(pages: str, wide: BrowserContext) -> None:
    page = wide.new_page()
    seen = watch(page)
    sign_in(page, pages)
    page.goto(f"{pages}/settings/tokens/")
    expect(page.get_by_role("heading", name="You have no API token")).to_be_visible()
    page.get_by_role("link", name="Make a token").first.click()
    page.get_by_label("Name").fill("nightly report")
    page.get_by_label("query").check()
    page.get_by_label("30 days").check()
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_role("heading", name="nightly report is made")).to_be_visible()
    token = page.locator("#token-text").inner_text()
    assert token not in page.url
    assert ask(pages, token) == 200
    page.get_by_role("link", name="I have copied it").click()
    assert token not in page.content()
    expect(page.get_by_text("127.0.0.1")).to_be_visible()
    page.get_by_text("Revoke…").click()
    page.get_by_role("button", name="Revoke nightly report").click()
    expect(page.get_by_text("opens nothing any more")).to_be_visible()
    expect(page.get_by_text("Revoked", exact=True)).to_be_visible()
    assert ask(pages, token) == 401
    assert seen == []


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_the_pages_of_tokens_look_right(
    width: int, look: Any, pages: str, browser: Browser, axe: str
) -> None:
    some_tokens()
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=look)
    page = context.new_page()
    seen = watch(page)
    sign_in(page, pages)
    wrong = {}
    for name in ("tokens", "tokens/new", "api"):
        page.goto(f"{pages}/settings/{name}/")
        if name == "api":
            page.locator("#query_events > summary").click()
        wrong |= looked_at(page, name, f"{width}-{look}", axe)
    page.goto(f"{pages}/settings/tokens/new/")
    page.get_by_label("Name").fill(" ")
    page.get_by_role("button", name="Make the token").click()
    expect(page.get_by_text("The token needs a name")).to_be_visible()
    wrong |= looked_at(page, "tokens-wrong", f"{width}-{look}", axe)
    page.get_by_label("Name").fill("script")
    page.get_by_role("button", name="Make the token").click()
    expect(page.locator("#token-text")).to_be_visible()
    page.evaluate("document.getElementById('token-text').textContent = 'ow_' + 'x'.repeat(46)")
    wrong |= looked_at(page, "tokens-made", f"{width}-{look}", axe)
    context.close()
    assert wrong == {}
    assert [line for line in seen if "422" not in line] == []


def looked_at(page: Page, name: str, how: str, axe: str) -> dict[str, object]:
    """A picture, and what is wrong: wider than the screen, or serious for axe."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=ARTEFACTS / f"{name.replace('/', '-')}-{how}.png", full_page=True)
    found: dict[str, object] = {}
    if page.evaluate("document.documentElement.scrollWidth - window.innerWidth") > 0:
        found[f"{name} is wide"] = True
    if faults := serious(page, axe):
        found[name] = faults
    return found
