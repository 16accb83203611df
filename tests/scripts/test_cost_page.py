"""The page of costs: the goals hold, and nothing in it is a number by hand."""

from __future__ import annotations

import pytest

from orgwarden.catalog.sources import BY_ID
from orgwarden.catalog.volumes import size_of
from scripts import cost_page


@pytest.mark.parametrize("licensed", [False, True])
def test_the_page_says_whether_each_goal_is_reached(licensed: bool) -> None:
    found, goal = cost_page.cost_of(1_000, licensed=licensed).total, cost_page.GOAL[licensed]
    told = "reached" if found < goal else "not reached"
    assert f"{found:,} of fewer than {goal:,}, {told}" in cost_page.page()


@pytest.mark.parametrize("licensed", [False, True])
def test_an_org_of_a_thousand_users_costs_less_than_the_goal(licensed: bool) -> None:
    assert cost_page.cost_of(1_000, licensed=licensed).total < cost_page.GOAL[licensed]


def test_more_users_never_cost_less() -> None:
    for licensed in (False, True):
        found = [cost_page.cost_of(users, licensed=licensed).total for users in cost_page.USERS]
        assert found == sorted(found)


def test_every_source_and_every_peer_is_on_the_page() -> None:
    page = cost_page.page()
    for source in cost_page.sources():
        assert f"| `{source.id}` |" in page
    for peer in cost_page.PEERS:
        assert peer.name in page
        assert peer.cost(size_of(1_000, licensed=True)) > 0
    assert BY_ID["login_history"] in cost_page.sources()
