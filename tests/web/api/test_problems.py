"""Problems of the flows become problem documents, and what nobody understood tells nothing."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError

from orgwarden.core.problems import GrantExpired, NeedsPerson, NotAllowed, NotThere, OverBudget
from orgwarden.lake.sql_check import Refused
from orgwarden.records.api_tokens import BadToken
from orgwarden.web.api import problems


class Wrong(NeedsPerson):
    field = "backfill_days"


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (BadToken("x", fix="y"), 401),
        (NotAllowed("x", fix="y"), 403),
        (NotThere("x", fix="y"), 404),
        (NeedsPerson("x", fix="y"), 409),
        (GrantExpired("x", fix="y"), 409),
        (Refused("x", fix="y"), 422),
        (problems.Invalid("x", fix="y"), 422),
        (Wrong("x", fix="y"), 422),
        (OverBudget("x", rule="stop", after=timedelta(minutes=2)), 503),
        (OperationalError("password is hunter2"), 503),
    ],
)
def test_each_kind_of_problem_has_its_status(error: Exception, status: int) -> None:
    answer = problems.of_exception(error)
    assert answer.status_code == status
    told: dict[str, Any] = json.loads(answer.content)
    assert told["status"] == status
    assert told["title"] == problems.TITLES[status]
    assert "hunter2" not in answer.content.decode()


def test_what_may_be_tried_again_says_when_and_what_needs_a_token_says_so() -> None:
    later = problems.of_exception(OverBudget("x", rule="own", after=timedelta(seconds=90.2)))
    assert later.headers["Retry-After"] == "91"
    assert problems.of_exception(BadToken("x")).headers["WWW-Authenticate"].startswith("Bearer")


def test_a_setting_that_does_not_fit_is_named() -> None:
    told = json.loads(problems.of_exception(Wrong("That is too long", fix="Less.")).content)
    assert told["errors"] == [{"field": "backfill_days", "detail": "That is too long."}]


def test_an_error_nobody_understands_keeps_its_details_in_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    answer = problems.of_exception(RuntimeError("the row of acme"))
    assert answer.status_code == 500
    assert "acme" not in answer.content.decode()
    assert "the row of acme" in caplog.text
