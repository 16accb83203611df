"""Signing in and managing people in a real browser: passkeys, second factor, wide and narrow."""

from __future__ import annotations

import re
import time
from datetime import timedelta
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from playwright.sync_api import Browser, BrowserContext, Page, expect

from orgwarden.records import audit, envelope
from orgwarden.records.models import AuditEntry
from tests.journeys.conftest import ARTEFACTS
from tests.journeys.test_pages import serious, sign_in, watch
from tests.web.seeds import PASSWORD

pytestmark = pytest.mark.browser

PICTURES = ARTEFACTS / "signing-in"
_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def with_authenticator(context: BrowserContext, page: Page) -> None:
    """A laptop with a fingerprint reader, so to speak."""
    devtools = context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": _AUTHENTICATOR})


def shot(page: Page, name: str) -> None:
    PICTURES.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=str(PICTURES / f"{name}.png"), full_page=True)


def test_a_passkey_is_added_and_then_signs_in_alone(pages: str, wide: BrowserContext) -> None:
    envelope.prepare_key_file()
    page = wide.new_page()
    seen = watch(page)
    with_authenticator(wide, page)
    sign_in(page, pages)
    page.goto(f"{pages}/settings/account/")
    expect(page.get_by_text("a password alone opens it")).to_be_visible()
    page.get_by_role("link", name="Add a passkey").click()
    shot(page, "add-passkey")
    page.get_by_label("Name").fill("Laptop")
    page.get_by_role("button", name="Add a passkey").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.get_by_role("link", name="I have kept them").click()
    expect(page.get_by_text("Passkey: Laptop")).to_be_visible()
    shot(page, "account")

    page.get_by_role("button", name="Sign out").click()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{pages}/")
    entry = AuditEntry.objects.filter(action="console:sign-in:succeeded").latest("id")
    assert entry.detail["by"] == ["webauthn"]

    page.get_by_role("button", name="Sign out").click()
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_role("heading", name="Second step")).to_be_visible()
    shot(page, "second-step")
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(f"{pages}/")
    assert seen == []


def test_an_app_is_set_up_where_it_is_required_and_works_without_script(
    pages: str, browser: Browser, settings: Any
) -> None:
    envelope.prepare_key_file()
    settings.ORGWARDEN_REQUIRE_SECOND_FACTOR = True
    context = browser.new_context(viewport={"width": 360, "height": 740}, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{pages}/sign-in/")
    page.get_by_label("Username").fill("admin")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page.get_by_text("A second factor is needed")).to_be_visible()
    shot(page, "needed-360")
    page.get_by_role("link", name="Set up").click()
    shot(page, "app-360")
    secret = page.locator("form code").inner_text()
    page.get_by_label("Six digits").fill(
        format_hotp_value(hotp_value(secret, int(time.time()) // 30))
    )
    page.get_by_role("button", name="Set up").click()
    expect(page.get_by_role("heading", name="Recovery codes")).to_be_visible()
    page.goto(f"{pages}/")
    expect(page.get_by_role("heading", name="Overview")).to_be_visible()
    assert Authenticator.objects.filter(type="totp").count() == 1
    context.close()


PLACES = (
    ("settings", "/settings/"),
    ("people", "/settings/people/"),
    ("add", "/settings/people/add/"),
    ("person", "{person}"),
    ("account", "/settings/account/"),
    ("password", "/settings/account/password/"),
    ("audit", "/audit/"),
    ("app", "/settings/account/app/"),
)


@pytest.mark.parametrize("width", [1440, 360])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_pages_fit_and_axe_finds_nothing_serious(
    pages: str, browser: Browser, axe: str, width: int, scheme: Any
) -> None:
    envelope.prepare_key_file()
    for n in range(4):
        audit.record(
            "admin", audit.Action.ORG_EDITED, f"Acme {n}", {"before": ["a"], "after": ["b"]}
        )
    audit.record("viewer", audit.Action.ACCESS_DENIED, "/settings/people/", {"method": "GET"})
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    seen = watch(page)
    page.goto(f"{pages}/sign-in/")
    assert serious(page, axe) == []
    shot(page, f"sign-in-{width}-{scheme}")
    sign_in(page, pages)
    page.goto(f"{pages}/settings/people/")
    someone = page.get_by_role("link", name="responder").get_attribute("href")
    for name, path in PLACES:
        page.goto(pages + path.format(person=someone))
        assert page.evaluate("document.documentElement.scrollWidth") <= width, name
        assert serious(page, axe) == [], name
        shot(page, f"{name}-{width}-{scheme}")
    assert seen == []
    context.close()


def test_a_critical_step_asks_again_and_goes_on_where_it_was(
    pages: str, wide: BrowserContext, settings: Any
) -> None:
    page = wide.new_page()
    seen = watch(page)
    sign_in(page, pages)
    settings.ORGWARDEN_FRESH = timedelta(0)
    page.goto(f"{pages}/settings/people/add/")
    expect(page.get_by_role("heading", name="Prove who you are")).to_be_visible()
    shot(page, "prove")
    settings.ORGWARDEN_FRESH = timedelta(minutes=10)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.wait_for_url(re.compile("/settings/people/add/"))
    page.get_by_label("Username").fill("zoe")
    page.get_by_label("Analyst of All tenants").check()
    page.get_by_role("button", name="Add and show the password").click()
    expect(page.get_by_role("heading", name="zoe is added.")).to_be_visible()
    assert seen == []
