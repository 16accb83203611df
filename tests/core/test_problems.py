"""Problems say what happened and what to do, in words that fit on one line."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orgwarden.core.problems import (
    GrantExpired,
    LostLease,
    NeedsPerson,
    NotAllowed,
    NotThere,
    OverBudget,
    Problem,
    Stopped,
    TryLater,
)


def test_a_sentence_is_what_happened_then_the_fix() -> None:
    assert Problem("It broke.", fix="Mend it.").sentence() == "It broke. Mend it."
    assert Problem("It broke.").sentence() == "It broke."
    assert str(Problem("It broke.", fix="Mend it.")) == "It broke."


@pytest.mark.parametrize(
    "kind", [TryLater, NeedsPerson, GrantExpired, NotAllowed, NotThere, LostLease, Stopped]
)
def test_every_kind_carries_its_fix_and_code(kind: type[Problem]) -> None:
    problem = kind("It broke.", fix="Mend it.", code="X")
    assert (problem.what, problem.fix, problem.code) == ("It broke.", "Mend it.", "X")


def test_a_refused_call_is_tried_later_and_names_its_rule() -> None:
    problem = OverBudget("Too many calls.", rule="stop", after=timedelta(hours=2))
    assert isinstance(problem, TryLater)
    assert (problem.rule, problem.after, problem.code) == (
        "stop", timedelta(hours=2), "OVER_BUDGET",
    )  # fmt: skip


def test_who_must_mend_a_grant_is_a_person_and_a_stop_is_no_failure() -> None:
    assert issubclass(GrantExpired, NeedsPerson)
    assert not issubclass(GrantExpired, TryLater)
    assert issubclass(Stopped, LostLease)
