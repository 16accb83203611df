"""Permissions that could not be asked are unknown, and unknown is never green."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from orgwarden.catalog.sources import BY_ID
from orgwarden.core.problems import NotAllowed
from orgwarden.flows.permissions import held_permissions, unmet

WORK: Any = SimpleNamespace(permissions=None, org=SimpleNamespace(connected_user="a@example.com"))


@pytest.mark.parametrize("source", ["login_history", "users"])
def test_a_source_that_would_be_cut_short_in_silence_stays_dark(source: str) -> None:
    problem = unmet(WORK, BY_ID[source])
    assert problem is not None
    assert problem.fix


@pytest.mark.parametrize("source", ["setup_audit_trail", "event_log_file", "organization"])
def test_a_source_that_would_be_refused_is_judged_by_its_own_answer(source: str) -> None:
    assert unmet(WORK, BY_ID[source]) is None


class Silent:
    """Answers with no row, or refuses; never with what is held."""

    def __init__(self, *refused: str) -> None:
        self._refused = refused

    def records(self, query: Any, kind: object, *, lane: str) -> list[object]:
        if query.object_name in self._refused:
            raise NotAllowed("It is not shown.")
        return []


@pytest.mark.parametrize("refused", [(), ("UserPermissionAccess",), ("PermissionSetAssignment",)])
def test_no_row_about_ourselves_is_unknown_and_not_nothing(refused: tuple[str, ...]) -> None:
    org = SimpleNamespace(
        features=["sspm_scan"], tiers=["sign_ins"], connected_user_id="005000000000001AAA"
    )
    silent = Silent(*refused)
    work: Any = SimpleNamespace(org=org, client=silent, joined=silent)
    assert held_permissions(work) is None
