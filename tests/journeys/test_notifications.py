"""Somebody sets up where messages go, in a real browser, wide and narrow, light and dark."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from orgwarden.records import envelope
from orgwarden.records.models import Destination
from tests.journeys.test_pages import serious, sign_in, watch
from tests.support.mailbox import Inbox

pytestmark = pytest.mark.browser
HOME = "/settings/notifications/"
SECRET = "T0CANARY0B0CANARY0x9f8e7d6c5b4a"


@pytest.fixture
def ready(pages: str, inbox: Inbox, settings: Any) -> str:
    settings.ORGWARDEN_ALLOWED_NOTIFY_HOSTS = frozenset({inbox.named})
    envelope.prepare_key_file()
    return pages


@pytest.mark.seed("L20")
def test_a_destination_is_added_and_tried_from_the_integrations_page_by_keyboard(
    ready: str, wide: BrowserContext, inbox: Inbox
) -> None:
    page = wide.new_page()
    seen = watch(page)
    sign_in(page, ready)
    page.goto(f"{ready}/integrations/")
    expect(page.get_by_role("heading", name="Outbound integrations")).to_be_visible()
    page.get_by_role("link", name="Add a destination").focus()
    page.keyboard.press("Enter")
    page.locator("summary", has_text="Add a destination").focus()
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Slack").focus()
    page.keyboard.press("Enter")
    page.get_by_label("Name").fill("Alerts")
    page.keyboard.press("Tab")
    page.keyboard.type(f"{inbox.url}/services/{SECRET}")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Alerts is added. Send a test to be sure.")).to_be_visible()
    page.get_by_role("button", name="Send a test to Alerts").focus()
    page.keyboard.press("Enter")
    expect(page.get_by_text(f"A test was sent to {inbox.named}.")).to_be_visible()
    assert SECRET in inbox.got[0].path
    assert SECRET not in page.content()
    inbox.answers = [500]
    page.get_by_role("button", name="Send a test to Alerts").click()
    expect(page.get_by_text("The test of Alerts failed")).to_be_visible()
    page.get_by_role("link", name="Edit Alerts").click()
    assert SECRET not in page.content()
    page.get_by_role("link", name="Delete").click()
    page.get_by_role("button", name="Delete Alerts").click()
    expect(page.get_by_text("Alerts is deleted.")).to_be_visible()
    assert not Destination.objects.exists()
    assert seen == []


def test_a_webhooks_secret_is_shown_once(ready: str, wide: BrowserContext, inbox: Inbox) -> None:
    page = wide.new_page()
    sign_in(page, ready)
    page.goto(f"{ready}{HOME}add/webhook/")
    page.get_by_label("Name").fill("Pager")
    page.get_by_label("Web address").fill(f"{inbox.url}/in")
    page.get_by_role("button", name="Add it").click()
    shown = page.get_by_label("Signing secret").input_value()
    assert shown.startswith("whsec_")
    page.get_by_role("link", name="Done").click()
    expect(page.get_by_role("link", name="Pager", exact=True)).to_be_visible()
    assert shown not in page.content()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_the_pages_fit_and_axe_finds_nothing_serious(
    ready: str, browser: Browser, axe: str, scheme: Any, width: int, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)
    page = context.new_page()
    seen = watch(page)
    sign_in(page, ready)
    for path in (HOME, f"{HOME}add/email/", f"{HOME}add/webhook/", f"{HOME}add/heartbeat/"):
        page.goto(ready + path)
        assert serious(page, axe) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path
        page.screenshot(path=tmp_path / f"{path.strip('/').replace('/', '-')}.png", full_page=True)
    assert seen == []
    context.close()
