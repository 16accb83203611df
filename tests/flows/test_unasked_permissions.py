"""Permissions that could not be asked are unknown, and unknown is never green."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest

from orgwarden.catalog.sources import BY_ID
from orgwarden.flows.permissions import unmet

WORK: Any = SimpleNamespace(permissions=None, org=SimpleNamespace(connected_user="a@example.com"))


@pytest.mark.parametrize("source", ["login_history", "users"])
def test_a_source_that_would_be_cut_short_in_silence_stays_dark(source: str) -> None:
    problem = unmet(WORK, BY_ID[source])
    assert problem is not None
    assert problem.fix


@pytest.mark.parametrize("source", ["setup_audit_trail", "event_log_file", "organization"])
def test_a_source_that_would_be_refused_is_judged_by_its_own_answer(source: str) -> None:
    assert unmet(WORK, BY_ID[source]) is None
