"""Small orgs for the tests of what is in them."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from orgsim.objects import OBJECTS
from orgsim.org import Clock, Options, Org
from orgsim.store import Store
from orgsim.world import build

NOW = 1_795_301_284_000  # a Saturday evening of November 2026, UTC
DAY = 86_400_000
HOUR = 3_600_000


def make(**options: Any) -> Org:
    """A fresh org; its options are those of `orgsim serve`."""
    wanted = Options(**{"now_ms": NOW, **options})
    org = Org(wanted, Store(OBJECTS), Clock(wanted.now_ms))
    build(org)
    return org


@lru_cache
def shared(**options: Any) -> Org:
    """An org that several tests look at and none changes."""
    return make(**options)


def column(org: Org, object: str, name: str) -> list[Any]:
    table = org.store[object]
    at = table.type.position[name]
    return [row[at] for row in table.rows]


def rows(org: Org, object: str) -> list[dict[str, Any]]:
    """The rows of an object that were not deleted, as a query would show them."""
    table = org.store[object]
    names = [f.name for f in table.type.fields]
    return [
        dict(zip(names, row, strict=True))
        for at, row in enumerate(table.rows)
        if at not in table.deleted
    ]
