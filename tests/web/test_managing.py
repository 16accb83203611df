"""What is done to a tenant from its menu: pause, resume, edit, reconnect, delete, a bundle."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from orgwarden.catalog.features import featured, left_out
from orgwarden.core.problems import UNKNOWN_ERROR
from orgwarden.records.models import (
    AuditEntry,
    ConnectedClient,
    DeletionReceipt,
    Org,
    RetiredGrant,
    Run,
    SourceState,
)
from tests.web.conftest import SignedIn


@pytest.fixture
def admin(signed_in: SignedIn, tenants: dict[str, Org]) -> Client:
    return signed_in("admin")


def menu_of(client: Client, org: Org) -> str:
    page = client.get("/integrations/?open=salesforce").content.decode()
    _, _, rest = page.partition(f'id="menu-{org.key}"')
    return rest.split("</details>")[0]


@pytest.mark.seed("Z27", "Z28", "Z30", "C25", "C26", "L16")
def test_the_menu_holds_what_may_be_done(admin: Client, tenants: dict[str, Org]) -> None:
    told = menu_of(admin, tenants["fine"])
    for label in ("Collect Now", "Test Connectivity", "Edit", "Reconnect", "Pause", "Delete"):
        assert f">{label}<" in told.replace("</svg>", "</svg>>")
    assert "Resume" not in told


def test_who_may_only_look_has_no_menu(signed_in: SignedIn, tenants: dict[str, Org]) -> None:
    assert menu_of(signed_in("viewer"), tenants["fine"]) == ""
    page = signed_in("viewer").get("/integrations/?open=salesforce").content.decode()
    assert "/delete/" not in page


@pytest.mark.seed("Z27", "L16")
def test_an_expired_grant_has_reconnect_beside_it(admin: Client, tenants: dict[str, Org]) -> None:
    page = admin.get("/integrations/?open=salesforce").content.decode()
    status = page.split(f'id="tenant-{tenants["broken"].key}"')[1].split("</tr>")[0]
    assert '<span class="status-word">Grant Expired</span>' in status
    beside = status.split("status-word")[1].split('data-label="Freshness"')[0]
    assert f"/orgs/{tenants['broken'].key}/reconnect/" in beside


def test_what_salesforce_contained_is_reconnected_and_collected_only_after_a_question(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["broken"]
    Org.objects.filter(pk=org.pk).update(problem="Contained by Salesforce: The user is frozen")
    page = admin.get(f"/orgs/{org.key}/").content.decode()
    head, more = page.split('class="actions"')[1].split("</section>")[0].split("More</span>")
    main = re.findall(r'class="btn btn-primary"[^>]*href="([^"]+)"', head)
    assert main == [f"/orgs/{org.key}/reconnect/"]
    assert "Collect Now" not in head
    assert "Each try could freeze the user anew." in more
    assert "Collect Now all the same" in more
    assert "all the same" not in menu_of(admin, tenants["fine"])


def test_a_hurried_demonstration_says_how_often_it_collects(
    admin: Client, tenants: dict[str, Org], settings: Any
) -> None:
    address = f"/orgs/{tenants['fine'].key}/"
    assert "times as fast" not in admin.get(address).content.decode()
    settings.ORGWARDEN_PACE = 30
    page = admin.get(address).content.decode()
    assert "Sign-ins, Bulk write jobs, Setup audit trail every 15 minutes" in page
    assert "every hour" in page
    assert "(30 times as fast: ORGWARDEN_PACE)" in page


def test_pausing_and_resuming(admin: Client, tenants: dict[str, Org]) -> None:
    org = tenants["fine"]
    page = admin.post(f"/orgs/{org.key}/pause/", follow=True).content.decode()
    assert "is paused" in page
    org.refresh_from_db()
    assert (org.paused_at is not None, org.paused_by) == (True, "admin")
    listed = admin.get("/integrations/?open=salesforce").content.decode()
    assert "1 paused" in listed
    assert "Paused</span>" in listed
    assert "Resume" in menu_of(admin, org)
    refused = admin.post(f"/orgs/{org.key}/collect/", follow=True).content.decode()
    assert "is paused since" in refused
    admin.post(f"/orgs/{org.key}/resume/")
    org.refresh_from_db()
    assert org.paused_at is None


def test_a_paused_grant_that_can_die_says_when(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    org = tenants["broken"]
    Org.objects.filter(pk=org.pk).update(
        paused_at=now, paused_by="admin", status="success", grant_used_at=now - timedelta(days=3)
    )
    page = admin.get(f"/orgs/{org.key}/").content.decode()
    assert "27 days" in page or "26 days" in page
    assert "its grant" in page


def edited(org: Org, **more: object) -> dict[str, object]:
    return {
        "name": org.name,
        "features": org.features,
        "tiers": org.tiers,
        "backfill_days": org.backfill_days,
        "told_addresses": "",
    } | more


@pytest.mark.seed("Z30", "L18", "Z8", "Z17")
def test_editing_is_prefilled_saves_and_closes(admin: Client, tenants: dict[str, Org]) -> None:
    org = tenants["fine"]
    page = admin.get(f"/orgs/{org.key}/edit/").content.decode()
    assert 'value="Acme Production"' in page
    assert 'value="app_governance" checked' in page
    assert 'name="cadence-login_history" value="15"' in page
    wanted = edited(
        org,
        name="Renamed",
        features=["sspm_scan"],
        told_addresses="a@example.com\nb@example.com",
        **{"cadence-users": "90"},
    )
    answer = admin.post(f"/orgs/{org.key}/edit/", wanted)
    assert answer["Location"] == f"/integrations/?open=salesforce#tenant-{org.key}"
    org.refresh_from_db()
    assert (org.name, org.features) == ("Renamed", ["sspm_scan"])
    assert org.told_addresses == ["a@example.com", "b@example.com"]
    assert org.cadence_minutes == {"users": 90}
    page = admin.get("/integrations/?open=salesforce").content.decode()
    assert "Renamed is saved." in page


@pytest.mark.seed("Z8")
@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"features": []}, "No feature is on"),
        ({"name": "Initech"}, "A tenant named Initech exists."),
        ({"backfill_days": "many"}, "Give a whole number of days."),
        ({"cadence-users": "soon"}, "give whole minutes"),
        ({"cadence-users": "1"}, "cannot be read every 1 minutes"),
        ({"told_addresses": "nobody"}, "nobody is not an e-mail address"),
    ],
)
def test_a_field_that_does_not_fit_says_so_and_keeps_what_was_typed(
    admin: Client, tenants: dict[str, Org], change: dict[str, object], says: str
) -> None:
    org = tenants["fine"]
    wanted = edited(org, name="Other") | change
    answer = admin.post(f"/orgs/{org.key}/edit/", wanted)
    assert answer.status_code == 422
    assert says in answer.content.decode()
    org.refresh_from_db()
    assert org.name == "Acme Production"


@pytest.mark.seed("Z28")
def test_reconnecting_is_confirmed_on_a_page_that_says_what_stays(
    admin: Client, tenants: dict[str, Org]
) -> None:
    page = admin.get(f"/orgs/{tenants['broken'].key}/reconnect/").content.decode()
    assert "Grant Expired: Salesforce no longer honours our refresh token." in page
    assert "Kept: history, settings" in page
    assert tenants["broken"].salesforce_id in page
    assert ">Confirm</button>" in page


def test_a_reconnect_that_is_refused_says_why_and_keeps_the_secret_to_itself(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    ConnectedClient.objects.create(org=org, client_id="3MVG9.before")
    typed = {"flow": org.flow, "client_id": "3MVG9.key", "secret": "typed-secret-value"}
    Org.objects.filter(pk=org.pk).update(url="https://example.com")
    answer = admin.post(f"/orgs/{org.key}/reconnect/", typed)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Not reconnected." in page
    assert "typed-secret-value" not in page


@pytest.mark.seed("Z31")
def test_a_native_tenant_is_deleted_after_two_confirmations(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    address = f"/orgs/{org.key}/delete/"
    first = admin.get(address).content.decode()
    assert "First of two confirmations." in first
    assert "rows of" in first
    assert 'name="name"' not in first
    second = admin.post(address, {"step": "1"}).content.decode()
    assert "Second of two confirmations." in second
    wrong = admin.post(address, {"step": "2", "name": "acme"})
    assert wrong.status_code == 422
    assert "The name does not match." in wrong.content.decode()
    assert Org.objects.filter(pk=org.pk).exists()
    done = admin.post(address, {"step": "2", "name": "Acme Production"}, follow=True)
    assert "Acme Production is deleted." in done.content.decode()
    assert not Org.objects.filter(pk=org.pk).exists()
    receipt = DeletionReceipt.objects.get()
    assert (receipt.name, receipt.by) == ("Acme Production", "admin")


@pytest.mark.seed("Z32", "L17")
def test_a_legacy_tenant_is_deleted_after_one(admin: Client, tenants: dict[str, Org]) -> None:
    org = tenants["fine"]
    Org.objects.filter(pk=org.pk).update(legacy=True)
    address = f"/orgs/{org.key}/delete/"
    assert "of two confirmations" not in admin.get(address).content.decode()
    admin.post(address, {"step": "1"})
    assert not Org.objects.filter(pk=org.pk).exists()


def test_receipts_say_what_was_done_and_what_is_still_tried(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    assert "No tenant was deleted yet." in admin.get("/integrations/deleted/").content.decode()
    DeletionReceipt.objects.create(
        org_key="x", name="Old org", salesforce_id="00D1", at=now, by="ann", done=["It is gone."]
    )
    RetiredGrant.objects.create(
        org_key="x", org_name="Old org", url="", sealed=b"", retired_at=now, tries=3, problem="Away"
    )
    page = admin.get("/integrations/deleted/").content.decode()
    assert "It is gone." in page
    assert "The grant of Old org" in page
    assert "not revoked yet after 3 tries. Away." in page


@pytest.mark.seed("Z24")
def test_a_support_bundle_holds_states_and_no_secret(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    SourceState.objects.filter(org=org, source="users").update(
        reason="It said access_token=00D000000000001!AQkAQFzQ4_canary_value_in_an_error and left"
    )
    answer = admin.get(f"/orgs/{org.key}/support-bundle/")
    assert answer["Content-Type"] == "application/zip"
    assert "attachment" in answer["Content-Disposition"]
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        parts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    assert {"README.txt", "versions.json", "settings.json", "status.json", "runs.json"} <= set(
        parts
    )
    assert "Acme Production" in parts["settings.json"]
    assert "canary_value" not in "".join(parts.values())
    assert AuditEntry.objects.filter(action="org:support-bundle:taken").count() == 1


@pytest.mark.seed("Z24")
def test_an_error_nobody_knows_is_shown_whole_and_offers_a_bundle(
    admin: Client, tenants: dict[str, Org]
) -> None:
    Org.objects.filter(pk=tenants["broken"].pk).update(
        problem="Salesforce said <b>FLUX_DISCHARGED</b>: the capacitor is empty.",
        problem_fix=UNKNOWN_ERROR,
    )
    page = admin.get("/integrations/?open=salesforce").content.decode()
    assert "FLUX_DISCHARGED" in page
    assert "<b>FLUX" not in page
    assert "Download a support bundle" in page


@pytest.mark.seed("Z11", "Z25", "L14", "C27")
def test_in_progress_says_what_is_still_pulled_and_an_estimate(
    admin: Client, tenants: dict[str, Org]
) -> None:
    page = admin.get("/integrations/?open=salesforce").content.decode()
    row = page.split(f'id="tenant-{tenants["busy"].key}"')[1].split("</tr>")[0]
    assert "The integration is still being processed" in row
    assert "48,200 of 120,000 rows" in row
    assert "not begun" in row
    assert "left; the first sync may take up to 24 hours." in row
    assert '<span class="pill">New</span>' in row


@pytest.mark.seed("Z26")
def test_success_counts_what_is_collected_dark_and_off(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    org = tenants["fine"]
    Org.objects.filter(pk=org.pk).update(tiers=[])
    SourceState.objects.filter(org=org).delete()
    for source in ("organization", "limits", "users", "setup_audit_trail"):
        SourceState.objects.create(org=org, source=source, state="current", last_success_at=now)
    SourceState.objects.create(org=org, source="event_log_file", state="dark", reason="No licence")
    every, off = len(featured(org.features)), len(left_out(org.features, []))
    told = f"Success, 4 of {every} sources, 1 dark, {off} off"
    page = admin.get("/integrations/?open=salesforce").content.decode()
    assert told in page
    before = page[: page.index(told)]
    kind = before[before.rindex('class="status ') :]
    assert kind.startswith('class="status status-partly"')  # what cannot be seen is not green


@pytest.mark.seed("Z22", "Z23")
def test_of_three_tenants_the_one_that_is_stale_stands_for_all(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    tenants["new"].delete()
    tenants["busy"].delete()
    Org.objects.filter(pk=tenants["broken"].pk).update(
        status="success", problem="", last_synced_at=now - timedelta(minutes=3)
    )
    stale = Org.objects.create(
        name="Stale org",
        url="https://stale.my.salesforce.com",
        flow="jwt-bearer",
        features=["app_governance"],
        tiers=["sign_ins"],
        first_connected_at=now - timedelta(days=9),
        status="success",
        last_synced_at=now - timedelta(hours=7),
    )
    page = admin.get("/integrations/?open=salesforce").content.decode()
    rollup = page.split('id="rollup"')[1].split("</p>")[0]
    assert "worst of 3" in rollup
    assert "7 hours ago" in rollup
    assert "Stale org" in rollup
    assert f"#tenant-{stale.key}" in rollup


@pytest.mark.seed("C24", "Z24")
def test_the_tenants_page_has_errors_settings_and_activity(
    admin: Client, tenants: dict[str, Org]
) -> None:
    org = tenants["fine"]
    admin.post(f"/orgs/{org.key}/edit/", edited(org, name="Renamed"))
    page = admin.get(f"/orgs/{org.key}/").content.decode()
    errors = page.split('id="errors-title"')[1].split("</section>")[0]
    assert "Salesforce answered 500 three times." in errors
    assert errors.count("1 time, first") == 3
    settings = page.split('id="settings-title"')[1].split("</section>")[0]
    assert "Sign-ins every 15 minutes" in settings or "every 15 minutes" in settings
    activity = page.split('id="activity-title"')[1].split("</section>")[0]
    assert "Connection edited" in activity
    assert "Acme Production → Renamed" in activity


def test_a_failure_is_counted_however_often_it_came_and_hides_no_other(
    admin: Client, tenants: dict[str, Org], now: datetime
) -> None:
    org = tenants["broken"]
    for n in range(40):
        at = now - timedelta(minutes=15 * n + 1)
        Run.objects.create(
            org=org, source="login_history", outcome="failed", reason="It answered 503",
            started_at=at, ended_at=at,
        )  # fmt: skip
    at = now - timedelta(days=2)
    Run.objects.create(
        org=org, source="users", outcome="failed", reason="It answered nonsense",
        started_at=at, ended_at=at,
    )  # fmt: skip
    page = admin.get(f"/orgs/{org.key}/").content.decode()
    errors = page.split('id="errors-title"')[1].split("</section>")[0]
    assert "40 times, first" in errors
    assert "9 hours ago" in errors
    assert "It answered nonsense." in errors


def test_who_may_only_look_does_not_see_who_did_what(
    signed_in: SignedIn, tenants: dict[str, Org]
) -> None:
    page = signed_in("viewer").get(f"/orgs/{tenants['fine'].key}/").content.decode()
    assert 'id="errors-title"' in page
    assert 'id="activity-title"' not in page
    assert "/edit/" not in page
