"""Journeys of adding a tenant, in a real browser against a real emulated org."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.place import Place, until
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-adding")]


def listed(visitor: Visitor, name: str) -> None:
    """The list is shown, with the tenant in it."""
    visitor.page.wait_for_url("**/integrations/**")
    expect(visitor.page.locator("#tenants").get_by_role("link", name=name)).to_be_visible()


@pytest.mark.seed("Z3", "Z4", "Z5", "Z9", "Z12", "C15", "C23")
def test_add_a_tenant_by_client_credentials(visitor: Visitor, place: Place) -> None:
    sim = place.org()
    visitor.add_by_client_credentials("Acme Credentials", sim)
    listed(visitor, "Acme Credentials")
    visitor.shot("added")
    assert place.tenant("Acme Credentials")["url"] == sim.url


@pytest.mark.seed("C14", "L4")
def test_add_a_tenant_by_jwt_bearer(visitor: Visitor, place: Place) -> None:
    sim = place.org()
    visitor.begin_adding("Acme JWT", sim, "jwt-bearer", username=sim.app()["run_as"])
    with visitor.page.expect_download() as kept:
        visitor.page.get_by_role("link", name=re.compile("certificate", re.I)).first.click()
    pem = kept.value.path().read_text()
    assert "PRIVATE" not in pem
    sim.control("certificate", {"pem": pem})
    visitor.consent("Allow and connect")
    visitor.confirm("Acme JWT")
    listed(visitor, "Acme JWT")


@pytest.mark.seed("L5", "L6", "M10", "M12", "D10", "D11")
def test_add_a_tenant_by_consent(visitor: Visitor, place: Place, axe: str) -> None:
    visitor.add_by_consent("Acme Consent", place.org(), axe=axe)
    listed(visitor, "Acme Consent")
    visitor.goto("/audit/")
    visitor.reads("Acme Consent")
    visitor.shot("audit")


@pytest.mark.seed("L3", "L7", "L8", "L17", "Z29", "Z32")
def test_quick_connect_makes_a_legacy_tenant_that_one_confirmation_deletes(
    visitor: Visitor, place: Place
) -> None:
    sim = place.org()
    visitor.know_us(sim)
    sim.control("app", {"secret_required": False})
    visitor.goto("/integrations/add/salesforce/")
    visitor.follow("Quick connect")
    visitor.page.get_by_label("My Domain address").fill(sim.url)
    visitor.page.get_by_label("Consumer Key", exact=True).fill(sim.app()["consumer_key"])
    visitor.shot("quick connect")
    visitor.press("Continue")
    visitor.consent("Allow and go to Salesforce")
    visitor.follow("Go to Salesforce")
    visitor.allow(sim)
    name = f"127.0.0.1:{sim.port}"
    visitor.confirm(name)
    listed(visitor, name)
    visitor.reads("Legacy")
    visitor.follow("Compact view")
    headings = visitor.page.locator("#tenants-table th")
    expect(headings.filter(has_text="Domain")).to_be_visible()
    expect(headings.filter(has_text="Enabled Features")).to_have_count(0)
    visitor.shot("legacy columns")
    visitor.act(name, "Delete")
    visitor.page.get_by_role("button", name=re.compile(f"^Delete {name} and")).click()
    visitor.reads(re.compile(f"{name} is deleted"))


@pytest.mark.seed("Z6")
def test_add_a_sandbox(visitor: Visitor, place: Place) -> None:
    sim = place.org()
    sim.control("org", {"sandbox": True})
    secret = sim.app()["consumer_secret"]
    visitor.begin_adding(
        "Acme UAT", sim, "client-credentials", secret=secret, environment="sandbox"
    )
    visitor.reads("Sandbox")
    visitor.consent("Allow and connect")
    visitor.confirm("Acme UAT")
    visitor.open_tenant("Acme UAT")
    visitor.reads("Sandbox")


@pytest.mark.seed("M11")
def test_a_denied_consent_is_told_and_stores_nothing(visitor: Visitor, place: Place) -> None:
    sim = place.org()
    visitor.know_us(sim)
    secret = sim.app()["consumer_secret"]
    visitor.begin_adding("Acme Denied", sim, "web-server", secret=secret)
    visitor.consent("Allow and go to Salesforce")
    visitor.follow("Go to Salesforce")
    visitor.deny(sim)
    visitor.reads("Not connected.")
    visitor.shot("denied")
    names = [o["name"] for o in place.run("status", "--json").json["orgs"]]
    assert "Acme Denied" not in names


@pytest.mark.seed("Z11", "Z12", "Z14", "Z25", "Z26", "L14")
def test_one_letter_says_that_a_tenant_is_ready(visitor: Visitor, place: Place) -> None:
    visitor.add_by_client_credentials("Acme Ready", place.org(), told="ops@acme.example")
    visitor.reads(re.compile("still being processed|Success"))
    visitor.shot("being processed")
    [letter] = until(lambda: place.letters("Acme Ready", "ready"), "letter")
    assert letter["To"] == "ops@acme.example"
    visitor.goto("/integrations/?open=salesforce")
    expect(visitor.page.locator("tr", has_text="Acme Ready")).to_contain_text("Success")
    place.end("worker")
    place.start("worker")
    synced = place.tenant("Acme Ready")["last_synced_at"]
    until(lambda: place.tenant("Acme Ready")["last_synced_at"] != synced, "another sync")
    assert len(place.letters("Acme Ready", "ready")) == 1


def test_the_wizard_and_the_menu_are_worked_by_keyboard_alone(
    visitor: Visitor, place: Place
) -> None:
    """What Tab reaches is looked at in test_every_page; here each step is done without a mouse."""
    sim, page = place.org(seed=77), visitor.page  # an org that no other tenant has

    def enter(name: str, role: Any = "button") -> None:
        page.get_by_role(role, name=name).first.press("Enter")

    visitor.goto("/integrations/")
    enter("Add a Salesforce tenant", "link")
    page.get_by_label("Display name").press_sequentially("Acme Keys")
    page.get_by_label("My Domain address").press_sequentially(sim.url)
    page.locator("#way-jwt").focus()
    page.keyboard.press("ArrowDown")  # to the next sign-in way
    expect(page.locator("#way-cc")).to_be_checked()
    app = sim.app()
    page.get_by_label("Consumer Key", exact=True).press_sequentially(app["consumer_key"])
    page.get_by_label("Consumer Secret", exact=True).press_sequentially(app["consumer_secret"])
    page.get_by_label(re.compile("^SSPM Scan")).press("Space")
    expect(page.get_by_label(re.compile("^SSPM Scan"))).not_to_be_checked()
    enter("Continue")
    page.locator("input[name=egress]").press("Space")
    enter("Allow and connect")
    expect(page.get_by_role("heading", name="Is this the right org")).to_be_visible(timeout=60_000)
    enter("Yes, this is Acme Keys")
    listed(visitor, "Acme Keys")
    menu = page.locator("#tenants tr", has_text="Acme Keys").locator("details.act-menu")
    menu.locator("summary").press("Enter")
    page.keyboard.press("Tab")
    expect(menu.get_by_text("Collect Now")).to_be_focused()
    visitor.shot("the menu by keyboard")
    menu.get_by_text("Edit", exact=True).press("Enter")
    expect(page.get_by_role("heading", name="Edit Acme Keys")).to_be_visible()
