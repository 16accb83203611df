"""A person walks through the pages in a real browser, wide and narrow, light and dark."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from orgwarden.records.models import Org
from tests.web.seeds import PASSWORD

pytestmark = pytest.mark.browser

# What axe is asked; everything it calls serious or critical fails the test.
_AXE = "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"


def sign_in(page: Page, base: str, who: str = "admin") -> None:
    page.goto(f"{base}/sign-in/")
    page.get_by_label("Username").fill(who)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"{base}/")


def watch(page: Page) -> list[str]:
    """Collects console errors, uncaught errors and violations of the policy."""
    seen: list[str] = []
    page.on("console", lambda m: seen.append(m.text) if m.type == "error" else None)
    page.on("pageerror", lambda e: seen.append(str(e)))
    page.add_init_script(
        "document.addEventListener('securitypolicyviolation',"
        " e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"
    )
    return seen


def serious(page: Page, axe: str) -> list[dict[str, Any]]:
    """What axe finds, serious or worse."""
    page.evaluate(axe)  # evaluated by the test's own door, which the policy does not bar
    return [
        {"rule": v["id"], "at": [n["target"] for n in v["nodes"]][:3]}
        for v in page.evaluate(_AXE)
        if v["impact"] in ("serious", "critical")
    ]


def test_the_walk(pages: str, wide: BrowserContext) -> None:
    page = wide.new_page()
    seen = watch(page)
    sign_in(page, pages)
    expect(page.locator(".signins-bars")).to_be_visible()
    page.get_by_role("link", name="Connect", exact=False).first.click()
    expect(page.get_by_role("heading", name="Integrations", exact=True)).to_be_visible()

    expect(page.get_by_text("4 tenants")).to_be_visible()
    expect(page.get_by_role("link", name="Acme Production")).to_be_hidden()
    page.locator("summary", has_text="Salesforce").click()
    expect(page.get_by_role("link", name="Acme Production")).to_be_visible()
    expect(page).to_have_url(re.compile("open=salesforce"))
    expect(page.get_by_text("Grant Expired")).to_be_visible()

    page.get_by_role("link", name="Acme Production").click()
    expect(page.get_by_role("heading", name="Acme Production")).to_be_visible()
    expect(page.locator("#org-coverage td.c-dark").first).to_be_attached()
    expect(page.locator(".chart-calls svg")).to_be_visible()

    page.get_by_role("link", name="Activity").click()
    expect(page.locator(".chart-activity svg")).to_be_visible()
    page.get_by_label("Person").fill("grace")
    page.get_by_role("button", name="Filter", exact=True).click()
    expect(page.locator(".chip", has_text="grace")).to_be_visible()
    people = page.locator("#events td[data-label='Person']").all_inner_texts()
    assert set(people) == {"grace@acme.example"}

    page.locator("#events a[data-drawer]").first.click()
    expect(page.get_by_role("heading", name="As Salesforce sent it")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#drawer")).to_be_hidden()
    assert seen == []


def test_keys_move_through_a_table_and_open_a_row(pages: str, wide: BrowserContext) -> None:
    page = wide.new_page()
    sign_in(page, pages)
    page.goto(f"{pages}/activity/?range=7d")
    expect(page.locator("[data-keys]")).to_have_text(re.compile("/ search.*j k rows, Enter opens"))
    for told in ("Skip to the page", "Skip to the rows"):
        page.keyboard.press("Tab")
        expect(page.get_by_role("link", name=told)).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")  # the table, which scrolls
    page.keyboard.press("Tab")
    expect(page.locator("#events a[data-drawer]").nth(0)).to_be_focused()
    page.keyboard.press("/")
    expect(page.get_by_label("Contains")).to_be_focused()
    page.keyboard.press("Escape")
    page.locator("h1").click()
    page.keyboard.press("j")
    expect(page.locator("#events a[data-drawer]").nth(0)).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("k")
    page.keyboard.press("j")
    expect(page.locator("#events a[data-drawer]").nth(1)).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.locator("#drawer")).to_be_visible()


def test_dragging_over_the_chart_sets_the_time_in_the_address(
    pages: str, wide: BrowserContext
) -> None:
    page = wide.new_page()
    seen = watch(page)
    sign_in(page, pages)
    page.goto(f"{pages}/activity/?range=7d&source=login_history")
    expect(page.locator(".chart-activity svg")).to_be_visible()
    box = page.locator(".chart-activity").bounding_box()
    assert box is not None
    page.mouse.move(box["x"] + box["width"] * 0.4, box["y"] + 90)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] * 0.5, box["y"] + 90, steps=5)
    page.mouse.move(box["x"] + box["width"] * 0.6, box["y"] + 90, steps=5)
    page.mouse.up()
    page.wait_for_url(re.compile(r"from=.*&to="))
    assert "source=login_history" in page.url
    assert "range=" not in page.url
    assert seen == []


def test_a_table_sorts_by_its_headings_and_a_fold_stays_as_it_was_left(
    pages: str, wide: BrowserContext
) -> None:
    page = wide.new_page()
    seen = watch(page)
    sign_in(page, pages)
    page.goto(f"{pages}/orgs/{Org.objects.get(name='Acme Production').key}/")
    table = page.locator("#log-types-table")
    table.get_by_role("button", name="Rows").click()
    rows = table.locator("td[data-label='Rows']").all_inner_texts()
    numbers = [int(r.replace(",", "")) for r in rows]
    assert numbers == sorted(numbers, reverse=True)
    expect(table.locator("th[aria-sort=descending]")).to_have_text("Rows")
    page.locator("#log-types > summary").click()
    expect(table).to_be_hidden()
    page.locator("h1").click()
    with page.expect_response(re.compile("part=live"), timeout=30_000):
        page.evaluate(
            "htmx.ajax('GET', document.getElementById('org-live').getAttribute('hx-get'),"
            " {target: '#org-live', swap: 'outerHTML'})"
        )
    page.wait_for_timeout(300)
    expect(table).to_be_hidden()
    expect(table.locator("th[aria-sort=descending]")).to_have_text("Rows")
    assert seen == []


def test_what_is_in_progress_moves_by_itself(pages: str, wide: BrowserContext) -> None:
    page = wide.new_page()
    seen = watch(page)
    sign_in(page, pages)
    page.goto(f"{pages}/integrations/?open=salesforce")
    expect(page.get_by_text("1 in progress")).to_be_visible()
    Org.objects.filter(status="in_progress").update(status="success")
    expect(page.get_by_text("1 in progress")).to_be_hidden(timeout=10_000)
    expect(page.get_by_text("3 collecting")).to_be_visible()
    assert seen == []


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_pages_are_accessible_quiet_and_never_scroll_sideways(
    look: Any, width: int, pages: str, browser: Browser, axe: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=look)
    page = context.new_page()
    seen = watch(page)
    page.goto(f"{pages}/sign-in/")
    wrong = {"/sign-in/": serious(page, axe)}
    sign_in(page, pages)
    key = Org.objects.get(name="Acme Production").key
    busy = Org.objects.get(name="Acme UAT").key
    for path in (
        "/",
        "/integrations/?open=salesforce",
        "/integrations/add/salesforce/",
        f"/orgs/{key}/",
        f"/orgs/{busy}/",
        f"/orgs/{key}/delete/",
        "/activity/?range=7d",
    ):
        page.goto(f"{pages}{path}")
        assert page.locator("html").get_attribute("data-bs-theme") == look
        sideways = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        assert sideways <= 0, f"{path} is {sideways} px wider than the screen"
        wrong[path] = serious(page, axe)
    page.locator("#events a[data-drawer]").first.click()
    expect(page.locator("#drawer")).to_be_visible()
    wrong["drawer"] = serious(page, axe)
    context.close()
    assert {path: found for path, found in wrong.items() if found} == {}
    assert seen == []


def test_a_phone_shows_each_outcome_beside_its_time_and_the_facets_folded(
    pages: str, browser: Browser
) -> None:
    context = browser.new_context(viewport={"width": 360, "height": 800}, java_script_enabled=False)
    page = context.new_page()
    sign_in(page, pages)
    page.goto(f"{pages}/activity/?range=7d")
    row = page.locator("#events tr").first
    time, outcome = (row.locator(f"td[data-label={n}]").bounding_box() for n in ("Time", "Outcome"))
    assert time is not None
    assert outcome is not None
    assert abs(time["y"] - outcome["y"]) < 4
    facets, rows = page.locator("aside.facets"), page.locator("#rows")
    expect(facets).to_be_hidden()
    page.get_by_text("Narrow down").click()
    expect(facets).to_be_visible()
    above, below = facets.bounding_box(), rows.bounding_box()
    assert above is not None
    assert below is not None
    assert above["y"] < below["y"]
    page.goto(f"{pages}/settings/people/add/")
    expect(page.get_by_label("Administrator of All tenants")).to_be_in_viewport()
    context.close()


def test_every_page_can_be_read_without_script(pages: str, browser: Browser) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    sign_in(page, pages, "viewer")
    page.goto(f"{pages}/integrations/")
    page.locator("summary", has_text="Salesforce").click()
    page.get_by_role("link", name="Acme Production").click()
    expect(page.get_by_role("heading", name="Coverage")).to_be_visible()
    page.goto(f"{pages}/activity/?range=7d")
    page.get_by_role("link", name="Show 100 more").click()
    page.locator("#events a").first.click()
    expect(page.get_by_role("heading", name="As Salesforce sent it")).to_be_visible()
    context.close()
