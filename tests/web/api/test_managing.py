"""What changes a tenant through the API: by the flows' rules, named in the audit chain."""

from __future__ import annotations

from typing import Any

import pytest

from orgwarden.core.roles import Role
from orgwarden.records import audit
from orgwarden.records.models import AuditEntry, ConnectionTest, DeletionReceipt, Org
from tests.flows.conftest import SMALL
from tests.support.fixtures import StartOrgsim
from tests.support.house import House, house, migrated_records
from tests.web.api.callers import person, token
from tests.web.api.conftest import Ask

__all__ = ["house", "migrated_records"]


def entry(action: audit.Action) -> AuditEntry:
    found = AuditEntry.objects.filter(action=action).last()
    assert found is not None
    return found


def test_collect_now_makes_the_org_due_and_names_the_token(
    ask: Ask, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    answer = ask("POST", f"tenants/{org.key}/collect")
    assert (answer.status_code, answer.json()) == (202, {"joined": False})
    said = entry(audit.Action.COLLECT_STARTED)
    assert said.actor == "ann"
    assert said.detail["via"].startswith("test (ow_")
    assert audit.verify() is None


def test_a_test_is_queued_joined_and_read_at_its_address(ask: Ask, tenants: dict[str, Org]) -> None:
    answer = ask("POST", f"tenants/{tenants['fine'].key}/test")
    assert answer.status_code == 202
    address = answer.json()["address"]
    assert answer.headers["Location"] == address
    assert ask("POST", f"tenants/{tenants['fine'].key}/test").json()["address"] == address
    told = ask("GET", address.removeprefix("/api/v1/")).json()
    assert (told["state"], told["connected"], told["asked_by"]) == ("waiting", None, "ann")
    assert told["headline"] == "Waiting for a worker."
    assert ConnectionTest.objects.count() == 1
    elsewhere = address.replace(tenants["fine"].key, tenants["busy"].key)
    assert ask("GET", elsewhere.removeprefix("/api/v1/")).status_code == 404


def test_pause_and_resume(ask: Ask, tenants: dict[str, Org]) -> None:
    address = f"tenants/{tenants['fine'].key}"
    paused = ask("POST", f"{address}/pause").json()
    assert paused["paused_by"] == "ann"
    assert paused["paused_at"]
    refused = ask("POST", f"{address}/collect")
    assert (refused.status_code, refused.json()["code"]) == (409, "PAUSED")
    assert ask("POST", f"{address}/resume").json()["paused_at"] is None


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"name": "ACME uat"}, "name"),
        ({"features": []}, "features"),
        ({"features": ["magic"]}, "features"),
        ({"tiers": ["magic"]}, "tiers"),
        ({"cadence_minutes": {"users": 1}}, "cadence_minutes"),
        ({"told_addresses": ["nobody"]}, "told_addresses"),
        ({"backfill_days": 181}, "backfill_days"),
        ({"backfill_days": "60"}, "backfill_days"),
        ({"url": "https://other.my.salesforce.com"}, "url"),
    ],
)
def test_an_edit_that_does_not_fit_names_the_field_and_changes_nothing(
    ask: Ask, tenants: dict[str, Org], change: dict[str, Any], field: str
) -> None:
    before = Org.objects.filter(pk=tenants["fine"].pk).values().get()
    answer = ask("PATCH", f"tenants/{tenants['fine'].key}", change)
    assert answer.status_code == 422
    assert answer.json()["errors"][0]["field"].endswith(field)
    assert Org.objects.filter(pk=tenants["fine"].pk).values().get() == before


def test_an_edit_changes_what_is_named_and_keeps_the_rest(
    ask: Ask, tenants: dict[str, Org]
) -> None:
    address = f"tenants/{tenants['fine'].key}"
    before = ask("GET", address).json()
    change = {"name": "Acme Group", "told_addresses": ["soc@acme.example"]}
    after = ask("PATCH", address, change).json()
    assert after == before | change
    said = entry(audit.Action.ORG_EDITED)
    assert said.detail["before"]["name"] == "Acme Production"
    assert said.detail["after"]["name"] == "Acme Group"


def test_deleting_wants_the_name(ask: Ask, tenants: dict[str, Org]) -> None:
    refused = ask("POST", f"tenants/{tenants['fine'].key}/delete", {"name": "acme production"})
    assert (refused.status_code, refused.json()["code"]) == (422, "NAME")
    assert Org.objects.filter(pk=tenants["fine"].pk).exists()


def test_deleting_revokes_our_grant_and_keeps_a_receipt(
    house: House, shared_orgsim: StartOrgsim
) -> None:
    sim = shared_orgsim(**SMALL)
    house.admit(sim)
    org = house.connect(sim)
    text = token(person("ann", Role.ADMINISTRATOR))
    from django.test import Client

    answer = Client().post(
        f"/api/v1/tenants/{org.key}/delete",
        {"name": "prod"},
        content_type="application/json",
        headers={"Authorization": f"Bearer {text}"},
    )
    assert answer.status_code == 200, answer.content
    assert answer.json()["done"]
    assert not Org.objects.filter(pk=org.pk).exists()
    assert DeletionReceipt.objects.get().by == "ann"
    assert entry(audit.Action.ORG_DELETED).detail["via"].startswith("test")
