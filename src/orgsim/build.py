"""Where the server meets the world: the one place that imports what orgs are made of."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgsim.org import Clock, Options, Org
from orgsim.store import Store


def make_org(options: Options) -> Org:
    """A whole org, as its options say."""
    from orgsim.objects import OBJECTS
    from orgsim.world import build

    org = Org(options, Store(OBJECTS), Clock(options.now_ms))
    build(org)
    return org


def live(org: Org, since_ms: int, until_ms: int) -> None:
    """Let time pass in an org. Orgs made by hand for a test do not live."""
    if org.world is None:
        return
    from orgsim.world import live as live_on

    live_on(org, since_ms, until_ms)


def scenarios() -> dict[str, Callable[[Org, dict[str, Any]], dict[str, Any]]]:
    from orgsim.scenarios import SCENARIOS

    known: dict[str, Callable[[Org, dict[str, Any]], dict[str, Any]]] = SCENARIOS
    return known
