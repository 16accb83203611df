"""The checker says nothing of a truthful installation, and catches each planted untruth."""

from __future__ import annotations

import copy
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from tests.support.checker import Checker, Output

NOW = datetime.fromisoformat("2026-03-18T12:00:00+00:00")
SECRET = "00D5g0000012345!AQkAQHm3.secret.canary"


def at(**ago: float) -> str:
    return (NOW - timedelta(**ago)).isoformat()


class Org:
    """An emulator's control API over a list."""

    def __init__(self) -> None:
        times = [at(hours=n) for n in range(1, 11)] + [at(minutes=2)]
        self.rows = [
            {"id": f"0Ya{n}", "event_time": time, "created_time": time, "visible_from": time}
            for n, time in enumerate(times)
        ]
        self.counted = 40

    def ledger(self, source: str, *, everything: bool = False) -> list[dict[str, Any]]:
        assert source == "LoginHistory"
        return self.rows

    def control(
        self, path: str, body: Any = None, *, method: str | None = None, params: Any = None
    ) -> Any:
        return {
            "state": {"now": NOW.isoformat(), "log_types": []},
            "calls": [{"endpoint": "query", "client": "Orgwarden", "count": self.counted}],
            "secrets": {"issued": 0},
        }[path]

    def secrets(self, since: int = 0) -> list[dict[str, str]]:
        return [{"kind": "access token", "value": SECRET}]


class Told:
    """What an installation shows: all ten old rows stored, the young one still to come."""

    def __init__(self, org: Org) -> None:
        self.stored = [row["id"] for row in org.rows[:-1]]
        self.proof = {"wrong": [], "epoch": 3, "version": 9}
        self.status: dict[str, Any] = {
            "key": "o1",
            "waiting": None,
            "budget": {"own_24h": 12, "limit": 1000, "own": 0.2},
            "sources": [
                {
                    "id": "login_history", "state": "current", "reason": None, "rows": 10,
                    "cursor": at(minutes=5), "complete": [[at(days=2), at(minutes=5)]],
                    "missing": [], "backfill_from": at(days=2), "last_success": at(),
                }
            ],
        }  # fmt: skip

    @property
    def logins(self) -> dict[str, Any]:
        found: dict[str, Any] = self.status["sources"][0]
        return found

    def output(self) -> Output:
        return Output(
            lambda sql: [{"v": "login_history", "k": key} for key in self.stored],
            lambda: copy.deepcopy(self.status),
            lambda: dict(self.proof),
        )


@pytest.fixture
def org() -> Org:
    return Org()


@pytest.fixture
def told(org: Org) -> Told:
    return Told(org)


@pytest.fixture
def checker(org: Org, told: Told) -> Checker:
    return Checker(org, told.output(), calls_before=30)


def test_a_truthful_installation_is_left_in_peace(checker: Checker) -> None:
    checker.assert_true(most_calls=10)


def lost(told: Told, org: Org) -> None:
    told.stored.pop()
    told.logins["rows"] = 9


def doubled(told: Told, org: Org) -> None:
    told.stored.append(told.stored[0])
    told.logins["rows"] = 11


def invented(told: Told, org: Org) -> None:
    told.stored.append("0Ya99")
    told.logins["rows"] = 11


def miscounted(told: Told, org: Org) -> None:
    told.logins["rows"] = 11


def ahead(told: Told, org: Org) -> None:
    told.logins["cursor"] = at(minutes=1)


def beyond_the_clock(told: Told, org: Org) -> None:
    told.logins["cursor"] = at(minutes=-9)
    told.logins["complete"] = [[at(days=2), at(minutes=-9)]]
    told.stored.append(org.rows[-1]["id"])
    told.logins["rows"] = 11


def green_with_a_hole(told: Told, org: Org) -> None:
    """The oldest three are neither stored nor called complete, and nothing says so."""
    told.stored = told.stored[:-3]
    told.logins.update(rows=7, complete=[[at(hours=7, minutes=30), at(minutes=5)]])


def overspent(told: Told, org: Org) -> None:
    told.status["budget"]["own_24h"] = 201


def uncounted(told: Told, org: Org) -> None:
    org.counted = 43


def quoted(told: Told, org: Org) -> None:
    told.logins["reason"] = f"Salesforce answered: {SECRET} is no longer valid."


def damaged(told: Told, org: Org) -> None:
    told.proof["wrong"] = ["1 events of login_history are stored twice."]


PLANTED = [
    (lost, "I1"), (doubled, "I2"), (invented, "I2"), (damaged, "I2"), (ahead, "I3"),
    (beyond_the_clock, "I3"), (overspent, "I5"), (uncounted, "I5"), (miscounted, "I6"),
    (green_with_a_hole, "I6"), (quoted, "I7"),
]  # fmt: skip


@pytest.mark.parametrize(("plant", "invariant"), PLANTED, ids=[p.__name__ for p, _ in PLANTED])
def test_a_planted_untruth_is_caught(
    checker: Checker,
    told: Told,
    org: Org,
    plant: Callable[[Told, Org], None],
    invariant: str,
) -> None:
    plant(told, org)
    assert [found.invariant for found in checker.look()] == [invariant]
    with pytest.raises(AssertionError, match=f"^{invariant}: "):
        checker.assert_true()


def test_a_hole_that_is_told_is_no_lie(checker: Checker, told: Told, org: Org) -> None:
    green_with_a_hole(told, org)
    hole = [at(days=2), at(hours=7, minutes=30), "Salesforce no longer had it."]
    told.logins["missing"] = [hole]
    checker.assert_true()
    told.logins.update(missing=[], state="failing", reason="The query timed out.")
    checker.assert_true()


def test_a_table_that_goes_back_is_caught(checker: Checker, told: Told) -> None:
    checker.assert_true()
    told.proof["epoch"] = 2
    assert [found.invariant for found in checker.look()] == ["I4"]


def test_more_calls_than_a_test_allows_are_caught(checker: Checker) -> None:
    assert [found.invariant for found in checker.look(most_calls=9)] == ["I11"]


def test_withheld_data_under_a_green_light_is_caught(checker: Checker, told: Told) -> None:
    assert [found.invariant for found in checker.withheld("login_history")] == ["I6"]
    told.logins.update(state="dark", reason="The permission is missing.")
    assert checker.withheld("login_history") == []


def test_what_never_drains_is_caught_unless_a_reason_is_shown(
    checker: Checker, told: Told, org: Org
) -> None:
    def work() -> None:
        """Reads nothing more."""

    with pytest.raises(AssertionError, match="I12: after 6 rounds: 1 rows of login_history"):
        checker.assert_drains(work)

    def reads() -> None:
        told.stored = [row["id"] for row in org.rows]
        told.logins["rows"] = 11

    checker.assert_drains(reads)
    lost(told, org)
    told.logins.update(state="failing", reason="The disk is full.")
    assert checker.left_to_do() == []
