"""The budget of repetitions, on a clock that stands still unless it is moved."""

from __future__ import annotations

import pytest

from orgwarden.salesforce.restraint import REPEATS_AN_HOUR, RetryBudget


@pytest.mark.fault("B4")
def test_at_most_a_tenth_of_an_hours_calls_are_repetitions() -> None:
    now = [0.0]
    budget = RetryBudget(lambda: now[0])
    for _ in range(1_000):
        budget.note_call()
    assert sum(budget.take() for _ in range(500)) == 100
    now[0] += 3_600  # an hour later those calls no longer count, nor do their repetitions
    assert sum(budget.take() for _ in range(500)) == REPEATS_AN_HOUR


def test_an_org_that_is_asked_little_may_still_stumble() -> None:
    budget = RetryBudget(lambda: 0.0)
    budget.note_call()
    assert sum(budget.take() for _ in range(100)) == REPEATS_AN_HOUR
