"""Lists in pages: every item once, cursors and ids of ours only."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from orgwarden.records.models import Run
from orgwarden.web.api import pages
from orgwarden.web.api.problems import Invalid
from orgwarden.web.api.shapes import PageAsked
from tests.web import seeds


@pytest.mark.django_db
@pytest.mark.parametrize("limit", [1, 3, 7, 200])
def test_pages_hold_every_row_once_newest_first_also_where_times_are_equal(limit: int) -> None:
    now = timezone.now()
    org = seeds.org(now=now)
    for i in range(20):
        Run.objects.create(org=org, source="users", started_at=now - timedelta(hours=i // 4))
    found, cursor = [], ""
    for _ in range(30):
        asked = PageAsked(limit=limit, cursor=cursor)
        page = pages.newest_first(Run.objects.all(), "started_at", asked, lambda run: run)
        assert len(page["items"]) <= limit
        found += page["items"]
        cursor = page["next"]
        if cursor is None:
            break
    assert [(r.started_at, r.pk) for r in found] == sorted(
        Run.objects.values_list("started_at", "pk"), reverse=True
    )


def test_a_cursor_of_another_list_or_made_up_is_refused() -> None:
    good = pages.cursor("at", ["2026-11-22T00:00:00+00:00", 7])
    assert pages.read_cursor("at", good) == ["2026-11-22T00:00:00+00:00", 7]
    for text in (good[:-1], f"{good}x", "", "a:b:c", "é", good.replace(":", ".")):
        with pytest.raises(Invalid):
            pages.read_cursor("at", text)
    with pytest.raises(Invalid):
        pages.read_cursor("started_at", good)


def test_an_id_cannot_be_made_up_or_used_elsewhere() -> None:
    text = pages.opaque("test", 4711)
    assert pages.row_of("test", text) == 4711
    assert pages.row_of("incident", text) is None
    for wrong in ("", "1", "1-", "-", "x-y", "1268-" + "0" * 20, "f" * 40, f"{text}0"):
        assert pages.row_of("test", wrong) is None
