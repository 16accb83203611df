"""The cache all web processes share: values come back, expire, and are counted without a loss."""

from __future__ import annotations

from django.core.cache import caches

from orgwarden.records.models import SharedValue
from orgwarden.records.shared_cache import SharedCache, sweep
from tests.records.conftest import Database, InThreads


def shared() -> SharedCache:
    held = caches["default"]
    assert isinstance(held, SharedCache)
    return held


def test_a_value_comes_back_until_it_is_forgotten(database: Database) -> None:
    shared().set("a", [1, 2.5, "x"], 60)
    assert shared().get("a") == [1, 2.5, "x"]
    assert shared().delete("a")
    assert shared().get("a", "none") == "none"


def test_what_has_expired_is_gone_and_swept(database: Database) -> None:
    shared().set("old", 1, -1)
    shared().set("kept", 2, None)
    assert shared().get("old") is None
    assert shared().add("old", 3, 60)
    shared().set("old", 1, -1)
    assert sweep() == 1
    assert SharedValue.objects.count() == 1


def test_of_many_who_add_at_once_one_wins(database: Database, in_threads: InThreads) -> None:
    won = in_threads(6, lambda n: shared().add("one", n, 60))
    assert sorted(won) == [False] * 5 + [True]


def test_no_count_is_lost_between_many(database: Database, in_threads: InThreads) -> None:
    in_threads(6, lambda _: [shared().change("n", lambda v: (v or 0) + 1, 60) for _ in range(5)])
    assert shared().get("n") == 30
