"""Journeys of managing tenants: reconnect, contained, edit, delete, and what people are told."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.journeys.place import Place, until
from tests.journeys.visitor import Visitor
from tests.support.orgsim import OrgsimServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-managing")]
TOLD = "ops@acme.example"


def finished(place: Place, name: str) -> None:
    until(lambda: place.tenant(name)["status"] == "success", f"success of {name}")


def row(visitor: Visitor, name: str) -> Any:
    """The tenant's row in the list."""
    visitor.goto("/integrations/?open=salesforce")
    link = visitor.page.get_by_role("link", name=name, exact=True)
    return visitor.page.locator("#tenants tr", has=link)


def reconnect(visitor: Visitor, name: str, sim: OrgsimServer) -> None:
    """Reconnect beside the error, Confirm, and the consent at Salesforce."""
    row(visitor, name).get_by_role("link", name="Reconnect").first.click()
    expect(visitor.page.get_by_role("heading", name=f"Reconnect {name}")).to_be_visible()
    visitor.shot(f"reconnect {name}")
    visitor.press("Confirm")
    visitor.consent("Allow and go to Salesforce")
    visitor.follow("Go to Salesforce")
    visitor.allow(sim)


@pytest.mark.seed("Z24", "Z27", "Z28", "L13", "L16")
def test_a_grant_that_expired_is_told_reconnected_and_the_gap_is_filled(
    visitor: Visitor, place: Place
) -> None:
    sim = place.org()
    visitor.add_by_consent("Acme Grant", sim, told=TOLD)
    finished(place, "Acme Grant")
    before = place.first_connected("Acme Grant")
    sim.control("user", {"user": sim.app()["run_as"], "signed_out": True})
    change = {"Action": "PermSetAssign", "CreatedById": sim.app()["run_as"]}
    made = set(sim.control("rows", {"object": "SetupAuditTrail", "rows": [change] * 3})["ids"])

    until(lambda: place.tenant("Acme Grant")["status"] == "error", "error")
    shown = row(visitor, "Acme Grant")
    expect(shown).to_contain_text("Grant Expired")
    visitor.shot("grant expired")
    until(lambda: place.letters("Acme Grant", "Grant Expired"), "letter")

    reconnect(visitor, "Acme Grant", sim)
    visitor.confirm("Acme Grant")
    visitor.reads("Acme Grant is reconnected.")

    def filled() -> bool:
        ids = place.command.query('SELECT "Id" AS id FROM setup_audit_trail')
        return made <= {r["id"] for r in ids}

    until(filled, "rows of the gap")
    finished(place, "Acme Grant")
    expect(row(visitor, "Acme Grant")).to_contain_text("Success")
    visitor.shot("the gap is filled")
    assert place.first_connected("Acme Grant") == before
    until(lambda: place.letters("Over:", "Acme Grant", "Grant Expired"), "letter of recovery")
    assert len(place.letters("Acme Grant", "Grant Expired")) == 2  # one each way


@pytest.mark.seed("Z28")
def test_another_org_on_reconnect_is_refused(visitor: Visitor, place: Place) -> None:
    sim = place.org()
    visitor.add_by_consent("Acme Refreshed", sim)
    finished(place, "Acme Refreshed")
    before = place.tenant("Acme Refreshed")["salesforce_id"]
    sim.control("org", {"refreshed": True})  # a sandbox made anew: another org at the address
    until(lambda: place.tenant("Acme Refreshed")["status"] == "error", "error")
    reconnect(visitor, "Acme Refreshed", sim)
    heading = visitor.page.get_by_role("heading", name="This is not what was asked for")
    expect(heading).to_be_visible(timeout=60_000)
    expect(visitor.page.get_by_role("button", name=re.compile("^Yes"))).to_have_count(0)
    visitor.shot("another org answered")
    visitor.press("Give the grant back")
    visitor.reads("was not reconnected")
    assert place.tenant("Acme Refreshed")["salesforce_id"] == before


def test_a_contained_user_has_a_status_and_a_fix_of_its_own(visitor: Visitor, place: Place) -> None:
    sim = place.org()
    visitor.add_by_client_credentials("Acme Contained", sim, told=TOLD)
    finished(place, "Acme Contained")
    sim.control("user", {"user": sim.app()["run_as"], "contained": True})
    until(lambda: place.tenant("Acme Contained")["status"] == "error", "error")
    shown = row(visitor, "Acme Contained")
    expect(shown).to_contain_text("Contained by Salesforce")
    visitor.shot("contained")
    until(lambda: place.letters("Acme Contained", "Contained by Salesforce"), "letter")


@pytest.mark.seed("Z30", "Z17", "L18", "Z8")
def test_a_tenant_is_edited_without_a_new_consent(visitor: Visitor, place: Place) -> None:
    place.command.connect("Acme Edit", place.org())
    finished(place, "Acme Edit")
    before = place.first_connected("Acme Edit")
    visitor.act("Acme Edit", "Edit")
    name = visitor.page.get_by_label("Name", exact=True)
    expect(name).to_have_value("Acme Edit")
    name.fill("Acme Edited")
    visitor.page.get_by_label(re.compile("^SSPM Scan")).uncheck()
    visitor.page.get_by_label(re.compile("^App Governance")).uncheck()
    with visitor.refused(422):
        visitor.press("Save")
        visitor.reads(re.compile("^No feature is on"))
    visitor.page.get_by_label(re.compile("^App Governance")).check()
    visitor.shot("edit")
    visitor.press("Save")
    shown = row(visitor, "Acme Edited")
    expect(shown).to_contain_text("App Governance")
    expect(shown).not_to_contain_text("SSPM Scan")
    assert place.first_connected("Acme Edited") == before


@pytest.mark.seed("Z31")
def test_a_tenant_is_deleted_after_two_confirmations_and_leaves_a_receipt(
    visitor: Visitor, place: Place
) -> None:
    place.command.connect("Acme Gone", place.org())
    finished(place, "Acme Gone")
    visitor.act("Acme Gone", "Delete")
    visitor.reads("First of two confirmations.")
    visitor.press("Delete Acme Gone…")
    visitor.reads("Second of two confirmations.")
    visitor.page.get_by_label("Type Acme Gone to confirm").fill("Acme Gon")
    with visitor.refused(422):
        visitor.page.get_by_role("button", name=re.compile("^Delete Acme Gone and")).click()
        visitor.reads(re.compile("does not match"))
    visitor.page.get_by_label("Type Acme Gone to confirm").fill("Acme Gone")
    visitor.shot("delete")
    visitor.page.get_by_role("button", name=re.compile("^Delete Acme Gone and")).click()
    visitor.reads(re.compile("Acme Gone is deleted"))
    visitor.follow("Deleted tenants")
    visitor.reads("Acme Gone")
    visitor.shot("receipts")


@pytest.mark.seed("M6", "D2")
def test_a_source_that_goes_dark_is_told_once_and_so_is_its_recovery(
    visitor: Visitor, place: Place
) -> None:
    visitor.goto("/settings/notifications/")
    visitor.page.get_by_label(re.compile("An error that may pass by itself")).fill("0")
    visitor.shot("settings")
    visitor.press("Set these times")
    sim = place.org()
    visitor.add_by_client_credentials("Acme Dark", sim, told=TOLD)
    finished(place, "Acme Dark")
    taken = {"user": sim.app()["run_as"], "permission": "ViewSetup"}
    sim.control("permission", {**taken, "value": False})
    until(lambda: place.letters("Acme Dark", "Source gone dark", "Setup audit trail"), "letter")
    shown = row(visitor, "Acme Dark")
    expect(shown).to_contain_text("dark")
    visitor.open_tenant("Acme Dark")
    visitor.reads(re.compile("View Setup and Configuration"))
    visitor.shot("dark")
    sim.control("permission", {**taken, "value": True})
    over = until(lambda: place.letters("Over:", "Acme Dark", "Setup audit trail"), "recovery")
    assert len(over) == 1
    assert len(place.letters("Acme Dark", "Source gone dark", "Setup audit trail")) == 2
