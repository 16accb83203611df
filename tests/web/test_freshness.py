"""N/A, red and the roll-up: the seeds' rules."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

import pytest

from orgwarden.catalog.features import sources_for
from orgwarden.records.models import Org
from orgwarden.web import freshness
from tests.web.conftest import SignedIn

DAY = timedelta(days=1)


def org(now: datetime, **more: object) -> Org:
    """A tenant of two days with App Governance, whose quickest source is due every 15 minutes."""
    values: dict[str, object] = {
        "name": "A",
        "status": "success",
        "features": ["app_governance"],
        "tiers": ["sign_ins"],
        "first_connected_at": now - 2 * DAY,
    }
    return Org(**(values | more))


@pytest.mark.seed("Z20", "L11")
def test_a_tenant_that_never_synced_shows_na(now: datetime) -> None:
    shown = freshness.last_synced(org(now), now)
    assert (shown.text, shown.at) == ("N/A", None)
    assert "Never synced, 2 days after connecting." in shown.note


@pytest.mark.seed("C27")
def test_a_tenant_is_new_for_24_hours_and_raises_no_alarm_meanwhile(now: datetime) -> None:
    young = org(now, first_connected_at=now - timedelta(hours=23), status="in_progress")
    shown = freshness.last_synced(young, now)
    assert (shown.text, shown.excessive) == ("N/A", False)
    stalled = org(
        now,
        first_connected_at=now - timedelta(hours=23),
        last_synced_at=now - timedelta(hours=20),
    )
    assert not freshness.last_synced(stalled, now).excessive
    assert freshness.last_synced(org(now, first_connected_at=now - 25 * DAY / 24), now).excessive
    assert freshness.last_synced(org(now, status="error"), now).excessive


@pytest.mark.seed("Z19", "Z21", "L11")
def test_a_recent_sync_is_plain_and_an_old_one_is_red_with_words(now: datetime) -> None:
    fresh = freshness.last_synced(org(now, last_synced_at=now - timedelta(minutes=59)), now)
    assert not fresh.excessive
    assert fresh.note == ""
    old = freshness.last_synced(org(now, last_synced_at=now - timedelta(hours=5)), now)
    assert old.excessive
    assert "due every 15 minutes, 5 hours since the last complete sync" in old.note


@pytest.mark.seed("Z21")
def test_excessive_is_a_multiple_of_the_tenants_own_cadence(now: datetime) -> None:
    at = now - timedelta(hours=3)
    assert freshness.last_synced(org(now, last_synced_at=at), now).excessive
    assert not freshness.last_synced(org(now, last_synced_at=at), now, multiple=13).excessive
    hourly = {s.id: 60 for s in sources_for(["app_governance"], ["sign_ins"])}
    slow = org(now, last_synced_at=at, cadence_minutes=hourly)
    assert not freshness.last_synced(slow, now).excessive


@pytest.mark.seed("Z22", "L12")
def test_the_roll_up_is_the_worst_and_never_synced_is_worse_than_any_age(now: datetime) -> None:
    fresh = org(now, name="fresh", last_synced_at=now)
    stale = org(now, name="stale", last_synced_at=now - timedelta(days=1))
    never = org(now, name="never")
    longer = org(now, name="longer", first_connected_at=now - timedelta(days=3))
    assert freshness.worst([fresh, stale], now) is stale
    assert freshness.worst([fresh, stale, never], now) is never
    assert freshness.worst([never, stale, longer], now) is longer
    assert freshness.worst([], now) is None


@pytest.mark.seed("Z22", "C27")
def test_a_new_or_paused_tenant_outranks_nothing(now: datetime) -> None:
    fresh = org(now, name="fresh", last_synced_at=now)
    new = org(now, name="new", first_connected_at=now - timedelta(hours=2))
    paused = org(now, name="paused", paused_at=now - DAY, last_synced_at=now - DAY)
    assert freshness.worst([fresh, new, paused], now) is fresh
    assert freshness.worst([new, paused], now) is None
    assert not freshness.last_synced(paused, now).excessive


def test_a_bar_shows_the_worst_of_its_runs(now: datetime) -> None:
    since = now - timedelta(hours=4)
    runs = [
        (since + timedelta(minutes=5), "done"),
        (since + timedelta(minutes=6), "failed"),
        (since + timedelta(minutes=65), "done"),
        (since + timedelta(minutes=66), "dark"),
    ]
    drawn = freshness.bars(runs, since, now, since - timedelta(days=1), count=4)
    assert [b.state for b in drawn] == ["failed", "dark", "none", "none"]


def test_bars_before_the_connection_are_not_missed_runs(now: datetime) -> None:
    drawn = freshness.bars([], now - timedelta(hours=4), now, now - timedelta(hours=1), count=4)
    assert [b.state for b in drawn] == ["before", "before", "before", "none"]
    assert "collected" not in freshness.bars_in_words(drawn)


def test_each_state_of_a_bar_has_a_shape_of_its_own(now: datetime) -> None:
    outcomes = ["done", "dark", "waiting", "failed"]
    since = now - timedelta(hours=6)
    runs = [(since + timedelta(hours=n + 1, minutes=5), o) for n, o in enumerate(outcomes)]
    drawn = freshness.bars(runs, since, now, since + timedelta(hours=1), count=6)
    assert [b.state for b in drawn] == ["before", *outcomes, "none"]
    assert len({b.shape for b in drawn}) == 6
    told = freshness.bars_in_words(drawn)
    assert told.startswith("Of 6 steps: 1 collected, 1 collected in part, some sources dark")
    assert told.endswith("1 failed, 1 without a run.")


@pytest.mark.seed("Z13", "Z15", "Z16", "Z17", "Z18", "L9", "L10")
def test_the_integrations_page_has_the_columns_of_the_seeds(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    page = signed_in("viewer").get("/integrations/?open=salesforce").content.decode()
    for column in ("Tenant", "Enabled Features", "First Connected", "Last Synced", "Status"):
        assert f">{column}</th>" in page
    assert "4 tenants" in page
    assert "Grant Expired" in page
    assert "Reconnect the tenant and press Allow." in page
    assert "Success, " in page
    assert "App Governance" in page
    assert "SSPM Scan" in page
    assert tenants["fine"].salesforce_id in page
    assert "by admin" in page
    assert page.count("N/A") >= 3  # two tenants and the roll-up


@pytest.mark.seed("Z23", "L12")
def test_the_roll_up_names_the_worst_tenant_in_red_and_leads_to_its_row(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    viewer = signed_in("viewer")
    page = viewer.get("/integrations/").content.decode()
    rollup = page.split('id="rollup"')[1].split("</p>")[0]
    assert "N/A · Initech" in rollup
    assert "worst of 4" in rollup
    assert "excessive" in rollup
    address = rollup.split('href="')[1].split('"')[0].replace("&amp;", "&")
    path, _, row = address.partition("#")
    assert row == f"tenant-{tenants['new'].key}"
    opened = viewer.get(path).content.decode()
    assert re.search(r'<details id="salesforce"[^>]* open>', opened)
    assert re.search(rf'<tr id="{row}" tabindex="-1" class="is-worst"', opened)


@pytest.mark.seed("C27")
def test_new_tenants_are_counted_apart(tenants: dict[str, Org], signed_in: SignedIn) -> None:
    page = signed_in("viewer").get("/integrations/").content.decode()
    assert "1 new" in page.split('id="platform-now"')[1].split("</summary>")[0]


def test_a_new_tenant_says_when_it_was_synced_before_it_has_a_rank(
    tenants: dict[str, Org], signed_in: SignedIn, now: datetime
) -> None:
    viewer = signed_in("viewer")
    Org.objects.exclude(pk=tenants["busy"].pk).delete()
    tenant = Org.objects.filter(pk=tenants["busy"].pk)
    for change, told in (
        ({"last_synced_at": None, "first_connected_at": now}, "N/A · Acme UAT</a> (new)"),
        (
            {"last_synced_at": now - timedelta(minutes=3)},
            "3 minutes ago · Acme UAT</a> (new)",
        ),
        ({"paused_at": now}, "3 minutes ago · Acme UAT</a> (paused)"),
    ):
        tenant.update(**change)
        page = viewer.get("/integrations/").content.decode()
        rollup = page.split('id="rollup"')[1].split("</p>")[0]
        plain = re.sub(r"</?(?:time|span)[^>]*>", "", rollup)
        assert told in plain
        assert "excessive" not in rollup


@pytest.mark.seed("L8", "Z29")
def test_the_compact_view_has_the_legacy_columns(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    Org.objects.filter(pk=tenants["fine"].pk).update(legacy=True)
    page = signed_in("viewer").get("/integrations/?open=salesforce&view=legacy").content.decode()
    for column in ("Domain", "First Connected", "Last Synced", "Status"):
        assert f">{column}</th>" in page
    assert "Enabled Features" not in page
    assert '<span class="pill">Legacy</span>' in page
    assert "view=legacy&amp;part=live" in page


def test_the_live_part_polls_quickly_only_while_something_is_in_progress(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    viewer = signed_in("viewer")
    assert "every 3s" in viewer.get("/integrations/?part=live").content.decode()
    tenants["busy"].delete()
    assert "every 30s" in viewer.get("/integrations/?part=live").content.decode()


def test_no_tenant_yet_says_what_to_do_next(db: None, signed_in: SignedIn) -> None:
    page = signed_in("admin").get("/integrations/").content.decode()
    assert "No Salesforce tenant yet" in page
    assert "/integrations/add/salesforce/" in page
