"""Every page of the URL map: axe, keyboard, narrow and wide, light and dark.

A new page is looked at by itself. One that needs more than a tenant and a person to be seen is
listed with the place where it is looked at instead.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page

from orgwarden.records.models import Org
from tests.journeys import keyboard
from tests.journeys.test_pages import serious, sign_in, watch

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("every-page")]

# By name in the map: where else it is looked at, or why it cannot be.
ELSEWHERE = {
    "consent-callback": "the journeys of consent",
    "event": "test_pages, as the drawer",
    "edit-notification": "test_notifications",
    "delete-notification": "test_notifications",
}


def routes(where: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of everything in the URL map."""
    for entry in (where or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield entry.name or "", before + str(entry.pattern)


def addresses() -> dict[str, str]:
    """Name to address of every page that a tenant and a person are enough for."""
    org = Org.objects.get(name="Acme Production")
    person = get_user_model().objects.get(username="viewer")
    fill = {"key": org.key, "pk": str(person.pk), "form": "csv"}
    found = {}
    for name, route in routes():
        if name in ELSEWHERE:
            continue
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda m: fill.get(m[1], m[0]), route)
        if not re.search(r"[<^(\\]", address):
            found[f"{name} /{address}"] = f"/{address}"
    return found


def opened(page: Page, address: str) -> bool:
    """Whether a page of ours is shown there; what is a file or only takes forms is none."""
    got = page.request.get(address, max_redirects=0)
    assert got.status < 400 or got.status == 405, f"{address}: {got.status}"
    if got.status != 200 or not got.headers.get("content-type", "").startswith("text/html"):
        return False
    page.goto(address)
    return True


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_every_page_is_accessible_fits_and_is_quiet(
    width: int, look: Any, pages: str, browser: Browser, axe: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=look)
    page = context.new_page()
    seen = watch(page)
    page.goto(f"{pages}/sign-in/")
    wrong: dict[str, object] = {"sign-in": found} if (found := serious(page, axe)) else {}
    sign_in(page, pages)
    looked = 0
    for name, address in addresses().items():
        if not opened(page, pages + address):
            continue
        looked += 1
        sideways = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if sideways > 0:
            wrong[f"{name} is wide"] = f"{sideways} px wider than the screen"
        if found := serious(page, axe):
            wrong[name] = found
    context.close()
    assert looked >= 8
    assert wrong == {}
    assert seen == []


@pytest.mark.parametrize("width", [1440, 360])
def test_every_page_can_be_worked_by_keyboard(width: int, pages: str, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800})
    page: Page = context.new_page()
    sign_in(page, pages)
    wrong = {}
    for name, address in addresses().items():
        if opened(page, pages + address) and (found := keyboard.faults(page)):
            wrong[name] = found
    context.close()
    assert wrong == {}
