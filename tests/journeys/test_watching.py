"""Journeys of watching tenants: how fresh they are, what is wrong, who is told."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect

from tests.journeys.place import Place, until
from tests.journeys.visitor import Visitor
from tests.support.orgsim import OrgsimServer

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-watching")]
DAY = timedelta(days=1)


def connected(place: Place, name: str, sim: OrgsimServer) -> str:
    """A tenant that has been collected once; its key."""
    place.command.connect(name, sim)
    until(lambda: place.tenant(name)["status"] == "success", f"success of {name}")
    return str(place.tenant(name)["key"])


def has_been_there_for(place: Place, key: str, days: int) -> None:
    """So many days pass for a tenant."""
    then = (datetime.now(UTC) - days * DAY).strftime("%Y-%m-%d %H:%M:%S.%f")
    place.records(
        "UPDATE records_org SET first_connected_at = ?, connected_at = ? WHERE key = ?",
        then, then, key,
    )  # fmt: skip


@pytest.mark.seed("Z13", "Z15", "Z16", "Z18", "Z19", "Z21", "Z22", "Z23", "L9", "L10", "L11", "L12")
@pytest.mark.seed("C1", "C24", "M9")
def test_of_three_tenants_the_stale_one_is_the_roll_up_and_is_found_by_it(
    visitor: Visitor, place: Place
) -> None:
    sims = {name: place.org(seed=n) for n, name in enumerate(("Alpha", "Beta", "Gamma"), 1)}
    keys = {name: connected(place, name, sim) for name, sim in sims.items()}
    sims["Beta"].stop()  # nothing answers there any more
    for key in keys.values():
        has_been_there_for(place, key, 9)
    stale = (datetime.now(UTC) - 5 * DAY).strftime("%Y-%m-%d %H:%M:%S.%f")
    place.records("UPDATE records_org SET last_synced_at = ? WHERE key = ?", stale, keys["Beta"])

    visitor.follow("Connect")
    visitor.reads("3 tenants")
    rollup = visitor.page.locator("#rollup")
    expect(rollup).to_contain_text("5 days ago")
    expect(rollup).to_contain_text("Beta")
    expect(rollup.locator("a.excessive svg")).to_be_visible()  # not by colour alone
    visitor.shot("roll up of three tenants")
    rollup.get_by_role("link").click()
    row = visitor.page.locator(f"#tenant-{keys['Beta']}")
    expect(row).to_be_focused()
    expect(row).to_contain_text("127.0.0.1")
    for name in ("Alpha", "Gamma"):
        expect(visitor.page.locator(f"#tenant-{keys[name]}")).to_contain_text("by ")
    expect(visitor.page.locator(f"#tenant-{keys['Alpha']} .excessive")).to_have_count(0)
    visitor.shot("the stale tenant is focused")
    row.get_by_role("link", name="Beta").click()
    expect(visitor.page.get_by_role("heading", name="Beta", exact=True)).to_be_visible()


@pytest.mark.seed("C25", "M11", "M13", "D12")
def test_test_connectivity_says_connected_and_can_be_kept(visitor: Visitor, place: Place) -> None:
    connected(place, "Tested", place.org(seed=11))
    visitor.act("Tested", "Test Connectivity")
    visitor.reads("Connected!")
    visitor.shot("test connectivity")
    with visitor.page.expect_download() as kept:
        visitor.page.get_by_role("link", name=re.compile("Download as JSON", re.I)).click()
    told = json.loads(kept.value.path().read_text())
    assert told["connected"] is True
    visitor.open_tenant("Tested")
    link = visitor.page.get_by_role("link", name="Connected", exact=True)
    expect(link).to_be_visible()


@pytest.mark.seed("C26")
def test_collect_now_pause_and_resume(visitor: Visitor, place: Place) -> None:
    key = connected(place, "Paused", place.org(seed=12))

    def runs() -> int:
        sql = (
            "SELECT count(*) FROM records_run WHERE org_id = "
            "(SELECT id FROM records_org WHERE key = ?)"
        )
        return int(place.records(sql, key)[0][0])

    visitor.act("Paused", "Pause")
    visitor.reads("Paused")
    visitor.shot("paused")
    place.records("UPDATE records_org SET next_due_at = NULL WHERE key = ?", key)
    before = runs()
    visitor.act("Paused", "Resume")
    visitor.act("Paused", "Collect Now")
    visitor.shot("collect now")
    until(lambda: runs() > before, "run after Collect Now")
