"""The settings of collecting: declared, bounded, recorded, and at work on the pages."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from django.test import Client

from orgwarden.records import preferences
from orgwarden.records.models import AuditEntry, Org, Setting
from tests.web.conftest import SignedIn

ADDRESS = "/settings/collecting/"
IDLE = {"grant_idle_days": "30"}


@pytest.fixture
def admin(signed_in: SignedIn, tenants: dict[str, Org]) -> Client:
    return signed_in("admin")


@pytest.mark.seed("Z21")
def test_what_is_excessive_is_a_setting(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    Org.objects.filter(pk=tenants["fine"].pk).update(last_synced_at=now - timedelta(hours=2))

    def row() -> str:
        page = admin.get("/integrations/?open=salesforce").content.decode()
        return page.split(f'id="tenant-{tenants["fine"].key}"')[1].split("</tr>")[0]

    assert "Excessive: due every 15 minutes" in row()
    admin.post(ADDRESS, IDLE | {"excessive_sync_multiple": "20"})
    assert "Excessive" not in row()
    entry = AuditEntry.objects.get(action="console:setting:changed")
    assert entry.detail == {"before": 4, "after": 20}
    assert preferences.value(preferences.EXCESSIVE_SYNC) == 20


@pytest.mark.parametrize("text", ["", "many", "1", "100000", "-3", "４"])
def test_a_number_that_does_not_fit_is_refused(admin: Client, text: str) -> None:
    answer = admin.post(ADDRESS, IDLE | {"excessive_sync_multiple": text})
    assert answer.status_code == 422
    assert preferences.value(preferences.EXCESSIVE_SYNC) == 4


def test_a_stored_value_that_no_longer_fits_counts_as_not_set(admin: Client, now: datetime) -> None:
    for value in (1, "many", True, [4]):
        Setting.objects.update_or_create(
            key="excessive_sync_multiple",
            defaults={"value": value, "changed_at": now, "changed_by": "x"},
        )
        assert preferences.value(preferences.EXCESSIVE_SYNC) == 4


def test_each_setting_is_set_on_one_page_and_needs_no_other(admin: Client) -> None:
    answer = admin.post(ADDRESS, IDLE | {"excessive_sync_multiple": "7"})
    assert answer.status_code == 302
    pages = [admin.get(a).content.decode() for a in (ADDRESS, "/settings/notifications/")]
    for one in preferences.PREFERENCES:
        assert sum(f'name="{one.key}"' in page for page in pages) == 1


def test_only_who_manages_settings_may(signed_in: SignedIn, tenants: dict[str, Org]) -> None:
    assert signed_in("viewer").get(ADDRESS).status_code == 403
