"""N/A, red and the roll-up: the seeds' rules."""

from __future__ import annotations

from datetime import datetime, timedelta

from orgwarden.records.models import Org
from orgwarden.web import freshness
from tests.web.conftest import SignedIn


def org(now: datetime, **more: object) -> Org:
    values: dict[str, object] = {"name": "A", "status": "success", "first_connected_at": now}
    return Org(**(values | more))


def test_a_tenant_that_never_synced_shows_na(now: datetime) -> None:
    shown = freshness.last_synced(org(now), now)
    assert (shown.text, shown.at, shown.excessive) == ("N/A", None, False)


def test_never_synced_turns_red_a_day_after_connecting_and_at_once_in_error(now: datetime) -> None:
    late = org(now, first_connected_at=now - timedelta(hours=25))
    assert freshness.last_synced(late, now).excessive
    assert freshness.last_synced(org(now, status="error"), now).excessive


def test_a_recent_sync_is_plain_and_an_old_one_is_red_with_words(now: datetime) -> None:
    fresh = freshness.last_synced(org(now, last_synced_at=now - timedelta(minutes=59)), now)
    assert not fresh.excessive
    assert fresh.note == ""
    old = freshness.last_synced(org(now, last_synced_at=now - timedelta(hours=5)), now)
    assert old.excessive
    assert "5 hours since the last complete sync" in old.note


def test_the_roll_up_is_the_worst_and_never_synced_is_worse_than_any_age(now: datetime) -> None:
    fresh = org(now, name="fresh", last_synced_at=now)
    stale = org(now, name="stale", last_synced_at=now - timedelta(days=9))
    never = org(now, name="never")
    longer = org(now, name="longer", first_connected_at=now - timedelta(days=2))
    assert freshness.worst([fresh, stale]) is stale
    assert freshness.worst([fresh, stale, never]) is never
    assert freshness.worst([never, stale, longer]) is longer
    assert freshness.worst([]) is None


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


def test_the_integrations_page_has_the_columns_of_the_seeds(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    page = signed_in("viewer").get("/integrations/?open=salesforce").content.decode()
    for column in ("Tenant", "Enabled Features", "First Connected", "Last Synced", "Status"):
        assert f">{column}</th>" in page
    assert "4 tenants" in page
    assert "Grant Expired" in page
    assert "Reconnect the tenant and press Allow." in page
    assert "App Governance" in page
    assert "SSPM Scan" in page
    assert tenants["fine"].salesforce_id in page
    assert "by admin" in page
    assert page.count("N/A") >= 3  # two tenants and the roll-up


def test_the_roll_up_row_names_the_worst_tenant_in_red(
    tenants: dict[str, Org], signed_in: SignedIn
) -> None:
    page = signed_in("viewer").get("/integrations/").content.decode()
    summary = page.split('id="platform-now"')[1].split("</summary>")[0]
    assert "N/A · Initech" in summary
    assert "excessive" in summary


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
