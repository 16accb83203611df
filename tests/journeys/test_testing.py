"""The page of a connection test in a browser: quiet, accessible, narrow and wide, moving alone."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from orgwarden.records.models import ConnectionTest, Org
from tests.journeys.conftest import ARTEFACTS
from tests.journeys.test_pages import serious, sign_in, watch
from tests.web.test_testing import made

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("testing-page")]


@pytest.mark.seed("C25", "M13")
@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_a_result_is_accessible_fits_and_is_quiet(
    width: int, look: Any, pages: str, browser: Browser, axe: str
) -> None:
    org = Org.objects.get(name="Acme Production")
    address = f"{pages}/orgs/{org.key}/tests/{made(org).pk}/"
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=look)
    page = context.new_page()
    seen = watch(page)
    sign_in(page, pages)
    page.goto(address)
    expect(page.locator("#test").get_by_role("status")).to_contain_text("Connected!")
    page.locator("summary").filter(has_text="1 passed").press("Enter")  # by keyboard
    expect(page.get_by_text("Signed in as ada@acme.example.")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert serious(page, axe) == []
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(ARTEFACTS / f"test-result-{width}-{look}.png"), full_page=True)
    assert seen == []
    context.close()


@pytest.mark.seed("M13", "M11")
def test_the_page_moves_from_waiting_to_the_result_by_itself(
    pages: str, browser: Browser, axe: str
) -> None:
    org = Org.objects.get(name="Acme Production")
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    page = context.new_page()
    seen = watch(page)
    sign_in(page, pages)
    page.goto(f"{pages}/orgs/{org.key}/")
    test = ConnectionTest.objects.create(org=org, asked_by="admin", asked_at=made(org).asked_at)
    page.goto(f"{pages}/orgs/{org.key}/tests/{test.pk}/")
    status = page.locator("#test").get_by_role("status")
    expect(status).to_contain_text("Waiting for a worker.")
    assert serious(page, axe) == []
    done = made(org)
    ConnectionTest.objects.filter(pk=test.pk).update(
        state="done", connected=True, lines=done.lines, sources=done.sources, calls=9,
        started_at=done.started_at, ended_at=done.ended_at,
    )  # fmt: skip
    expect(status).to_contain_text("Connected!", timeout=20_000)
    with page.expect_download() as kept:
        page.get_by_role("link", name="Download as JSON").click()
    assert kept.value.suggested_filename.endswith(".json")
    assert seen == []
    context.close()
