"""The roles give what their words say, and nothing by accident."""

from __future__ import annotations

from itertools import pairwise

import pytest

from orgwarden.core.roles import (
    CHANGING,
    INSTALLATION,
    RIGHTS,
    WORDS,
    Right,
    Role,
    gives,
    needs_second_factor,
)


def test_every_role_has_rights_and_words_and_every_right_belongs_to_a_role() -> None:
    assert set(RIGHTS) == set(WORDS) == set(Role)
    assert set().union(*RIGHTS.values()) == set(Right)


def test_only_roles_that_can_change_something_need_a_second_factor() -> None:
    assert {r for r in Role if needs_second_factor(r)} == {Role.RESPONDER, Role.ADMINISTRATOR}
    assert not RIGHTS[Role.AUDITOR] & CHANGING


@pytest.mark.parametrize("right", sorted(INSTALLATION))
def test_a_role_for_one_tenant_gives_nothing_of_the_whole_installation(right: Right) -> None:
    assert gives(Role.ADMINISTRATOR, right, everywhere=True)
    assert not gives(Role.ADMINISTRATOR, right, everywhere=False)


def test_each_step_from_viewer_to_administrator_only_adds() -> None:
    steps = (Role.VIEWER, Role.ANALYST, Role.RESPONDER, Role.ADMINISTRATOR)
    for less, more in pairwise(steps):
        assert RIGHTS[less] < RIGHTS[more]
