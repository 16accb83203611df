"""Apps are known again by their ids, and nothing is inherited by accident."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orgwarden.core.apps import App as Seen
from orgwarden.core.apps import Identity, Known
from orgwarden.flows.apps.recognise import recognised
from orgwarden.records.models import App, AppIdentity, AuditEntry, Org
from tests.web import seeds

NOW = datetime(2026, 11, 1, tzinfo=UTC)
APP, MENU = Identity(Known.APP, "0H4"), Identity(Known.MENU_ITEM, "0DS")


def seen(*ids: Identity) -> Seen:
    return Seen("Sync", frozenset(ids), ())


@pytest.fixture
def org(db: None) -> Org:
    return seeds.org(now=NOW)


def test_an_app_that_shows_another_id_keeps_its_row(org: Org) -> None:
    [first] = recognised(org, [seen(MENU)], NOW)
    [again] = recognised(org, [seen(MENU, APP)], NOW)
    assert again.pk == first.pk
    assert set(AppIdentity.objects.values_list("known", "app")) == {
        ("app", first.pk), ("menu_item", first.pk),
    }  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other", "then"),
    [
        ("unclassified", "unsanctioned", "unsanctioned"),
        ("sanctioned", "unclassified", "sanctioned"),
        ("sanctioned", "unsanctioned", "reviewing"),
    ],
)
def test_two_rows_that_are_one_app_become_one_and_a_contradiction_is_asked_again(
    one: str, other: str, then: str, org: Org
) -> None:
    first, second = recognised(org, [seen(APP), seen(MENU)], NOW)
    App.objects.filter(pk=first.pk).update(classification=one)
    App.objects.filter(pk=second.pk).update(classification=other)
    [both] = recognised(org, [seen(APP, MENU)], NOW)
    assert both.pk == first.pk
    assert App.objects.get().classification == then
    entry = AuditEntry.objects.get(action="org:app:merged")
    assert (entry.detail["app"], entry.detail["other"]) == (first.key, second.key)


def test_one_row_that_is_two_apps_stays_with_one_and_the_other_inherits_nothing(org: Org) -> None:
    [both] = recognised(org, [seen(APP, MENU)], NOW)
    App.objects.filter(pk=both.pk).update(classification="sanctioned")
    first, second = recognised(org, [seen(APP), seen(MENU)], NOW)
    assert first.pk == both.pk != second.pk
    assert second.classification == "unclassified"
    assert dict(AppIdentity.objects.values_list("known", "app")) == {
        "app": first.pk, "menu_item": second.pk,
    }  # fmt: skip
