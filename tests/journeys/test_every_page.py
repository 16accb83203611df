"""Every page of the URL map: axe, keyboard, narrow and wide, light and dark.

A new page is looked at by itself. One that needs more than a tenant and a person to be seen is
listed with the place where it is looked at instead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.urls import URLPattern, URLResolver, get_resolver
from playwright.sync_api import Browser, Page

from orgwarden.records import envelope
from orgwarden.records.models import App, Org
from tests.journeys import keyboard
from tests.journeys.test_pages import serious, sign_in, watch
from tests.web.test_testing import made

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("every-page")]

# By name in the map: where else it is looked at, or why it cannot be.
ELSEWHERE = {
    "consent-callback": "the journeys of consent",
    "event": "test_pages, as the drawer",
    "edit-notification": "test_notifications",
    "delete-notification": "test_notifications",
    "test-notification": "a form is sent here",
    "message-again": "a form is sent here",
    "person-act": "a form is sent here",
    "token-revoke": "a form is sent here",
    "mfa_deactivate_totp": "test_signing_in",
    "mfa_view_recovery_codes": "test_signing_in",
    "mfa_generate_recovery_codes": "test_signing_in",
    "mfa_download_recovery_codes": "test_signing_in",
    "mfa_edit_webauthn": "test_signing_in",
    "mfa_remove_webauthn": "test_signing_in",
    "openid_connect_login": "leads to a provider, and none is set up here",
    "openid_connect_callback": "comes from a provider, and none is set up here",
    "api": "no page",
    "health": "no page",
}


def routes(where: Any = None, before: str = "") -> Iterator[tuple[str, str]]:
    """Name and route of everything in the URL map."""
    for entry in (where or get_resolver()).url_patterns:
        if isinstance(entry, URLResolver):
            yield from routes(entry, before + str(entry.pattern))
        elif isinstance(entry, URLPattern):
            yield entry.name or "", before + str(entry.pattern)


def drafted(page: Page, pages: str) -> str:
    """A connection on its way of this browser; its number."""
    envelope.prepare_key_file()
    page.goto(f"{pages}/integrations/add/salesforce/")
    page.get_by_label("Display name").fill("Acme Draft")
    page.get_by_label("My Domain address").fill("acme-draft")
    page.get_by_label("Username of the integration user").fill("collector@acme.example")
    page.get_by_role("button", name="Continue").click()
    page.wait_for_url("**/connect/*/")
    return page.url.rstrip("/").rpartition("/")[2]


def an_app(org: Org) -> App:
    """An app with a row of everything that its page can show."""
    at = org.status_since
    trace = {
        "source": "oauth_tokens",
        "name": "Data Loader",
        "rows": 3,
        "first": None,
        "last": None,
    }
    return App.objects.create(
        org=org, name="Data Loader", state="not_installed", state_since=at, found_at=at,
        looked_at=at, risk=75, namesakes=1,
        reasons=[{"id": "look_alike", "points": 35, "text": "It goes by a tool's name."}],
        unjudged=[{"id": "never_ends", "points": 0, "text": "Its policy could not be read."}],
        evidence=[{**trace, "identities": ["menu_item 0DS1"], "hint": h} for h in (False, True)],
    )  # fmt: skip


def addresses(page: Page, pages: str) -> dict[str, str]:
    """Name to address of everything in the map that is not looked at elsewhere."""
    org = Org.objects.get(name="Acme Production")
    person = str(get_user_model().objects.get(username="viewer").pk)
    draft = drafted(page, pages)
    test = str(made(org).pk)
    app = an_app(org).key
    found = {}
    for name, route in routes():
        if name in ELSEWHERE:
            continue
        pk = draft if name.startswith("connection") else person
        fill = {"key": org.key, "pk": pk, "form": "csv", "number": test, "kind": "webhook"}
        fill["app"] = app
        if name == "test-download":
            fill["form"] = "json"
        address = re.sub(r"<(?:\w+:)?(\w+)>", lambda m, fill=fill: fill.get(m[1], m[0]), route)
        assert not re.search(r"[<^(\\]", address), f"{name}: how is {route} filled?"
        found[f"{name} /{address}"] = f"/{address}"
    return found


def each(page: Page, pages: str, wrong: dict[str, Any]) -> Iterator[str]:
    """Opens one page of ours after the other and gives its name; what is a file or only takes
    forms is none. What cannot be opened is wrong."""
    for name, address in addresses(page, pages).items():
        got = page.request.get(pages + address, max_redirects=0)
        html = got.headers.get("content-type", "").startswith("text/html")
        if got.status >= 400 and got.status not in (401, 405):
            wrong[name] = f"is answered with {got.status}"
        elif got.status in (200, 401) and html:
            page.goto(pages + address)
            yield name


@pytest.mark.parametrize("look", ["light", "dark"])
@pytest.mark.parametrize("width", [1440, 360])
def test_every_page_is_accessible_fits_is_quiet_and_can_be_worked_by_keyboard(
    width: int, look: Any, pages: str, browser: Browser, axe: str
) -> None:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=look)
    page = context.new_page()
    seen = watch(page)
    page.goto(f"{pages}/sign-in/")
    wrong: dict[str, object] = {"sign-in": found} if (found := serious(page, axe)) else {}
    sign_in(page, pages)
    looked = 0
    for name in each(page, pages, wrong):
        looked += 1
        sideways = page.evaluate("document.documentElement.scrollWidth - window.innerWidth")
        if sideways > 0:
            wrong[f"{name} is wide"] = f"{sideways} px wider than the screen"
        if found := serious(page, axe):
            wrong[f"{name} is not accessible"] = found
        if look == "light" and (missed := keyboard.faults(page)):
            wrong[f"{name} by keyboard"] = missed
    context.close()
    assert looked >= 25
    assert not wrong, json.dumps(wrong, indent=2)
    # The page that says why somebody could not sign in is answered with that status.
    assert [words for words in seen if "status of 401" not in words] == []
