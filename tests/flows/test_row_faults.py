"""Rows that come late, at once, at an edge, in another order or not at all: each is stored once,
and nothing is called complete that is not. Judged by the checker alone."""

from __future__ import annotations

import random
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.records.models import Org, Run
from tests.support.checker import Checker
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

TRAIL = "FROM.{1,3}SetupAuditTrail"
SIGN_INS, AUDIT = "login_history", "setup_audit_trail"


@pytest.fixture
def sim(orgsim_server: StartOrgsim) -> OrgsimServer:
    """An org that stands still; its clock and rows are the test's own."""
    return orgsim_server(users=3, days=1, speed=0, event_monitoring="none")


@pytest.fixture
def org(house: House, sim: OrgsimServer) -> Org:
    house.admit(sim)
    return house.connect(sim, backfill_days=7)


@pytest.fixture
def checker(house: House, sim: OrgsimServer, org: Org) -> Checker:
    return Checker.beginning(sim, house.shown(org))


def now(sim: OrgsimServer) -> datetime:
    return datetime.fromisoformat(sim.control("state")["now"])


def changes(times: list[datetime]) -> list[dict[str, Any]]:
    """Entries of the audit trail; Salesforce gives their times by the second."""
    return [
        {"CreatedDate": f"{at:%Y-%m-%dT%H:%M:%SZ}", "Action": "changedEmail",
         "Section": "Manage Users", "Display": f"entry {n}"}
        for n, at in enumerate(times)
    ]  # fmt: skip


def write(sim: OrgsimServer, times: list[datetime], **more: Any) -> list[str]:
    made = {"object": "SetupAuditTrail", "rows": changes(times), **more}
    return list(sim.control("rows", made)["ids"])


@pytest.mark.fault("E1")
def test_rows_that_are_seen_up_to_three_minutes_late_and_out_of_order_are_all_stored(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    house.collect(org, AUDIT, SIGN_INS)
    chance, begin = random.Random(7), now(sim)
    user = sim.app()["run_as"]
    for second in range(0, 600, 20):
        seen = begin + timedelta(seconds=second + 180)
        late = [seen - timedelta(seconds=chance.uniform(0, 180)) for _ in range(5)]
        write(sim, late, visible_from=seen.isoformat())
        signed_in = [{"UserId": user, "LoginTime": f"{at:%Y-%m-%dT%H:%M:%SZ}"} for at in late]
        more = {"object": "LoginHistory", "rows": signed_in, "visible_from": seen.isoformat()}
        sim.control("rows", more)
    for _ in range(3):
        sim.control("clock", {"advance": 300})
        house.collect(org, AUDIT, SIGN_INS)
        checker.assert_true()
    checker.assert_drains(lambda: house.collect(org, AUDIT, SIGN_INS))
    assert house.count("setup_audit_trail") >= 150


@pytest.mark.fault("C2")
def test_more_rows_of_one_second_than_a_page_holds_are_all_stored(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    second = now(sim).replace(microsecond=0) - timedelta(hours=3)
    made = set(write(sim, [second] * 4_500))
    house.collect(org, AUDIT)
    held = [r["Id"] for r in house.ask('SELECT "Id" FROM setup_audit_trail')]
    assert made <= set(held)
    assert len(set(held)) == len(held)
    house.collect(org, AUDIT)
    checker.assert_true(most_calls=40)
    assert checker.left_to_do() == []


@pytest.mark.fault("E2")
def test_rows_on_the_edges_of_windows_are_stored_once(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    house.collect(org, AUDIT)
    [[start, end]] = house.state(org, AUDIT).coverage["complete"]
    cursor = datetime.fromisoformat(end).replace(microsecond=0)
    first = datetime.fromisoformat(start)
    hour, second = timedelta(hours=1), timedelta(seconds=1)
    edges = [cursor - second, cursor, cursor + second, cursor - hour + second]
    write(sim, edges)
    house.collect(org, AUDIT)
    checker.assert_true()
    # What lies at the very start is asked for, what lies a second before it is not.
    other = house.connect(sim, "from the start", backfill_days=7)
    made = write(sim, [first, first - second])
    house.collect(other, AUDIT)
    held = house.ask(f"SELECT \"Id\" FROM setup_audit_trail WHERE n_org = '{other.key}'")
    assert {r["Id"] for r in held} & set(made) == {made[0]}


@pytest.mark.fault("E3")
def test_answers_in_another_order_than_asked_for_lose_nothing(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    begin = now(sim) - timedelta(hours=5)
    write(sim, [begin + timedelta(seconds=n) for n in range(2_500)])
    sim.control("faults", {"endpoint": "/query", "shuffle": True, "seed": 5})
    for _ in range(2):
        house.collect(org, AUDIT, SIGN_INS)
        sim.control("clock", {"advance": 200})
        checker.assert_true()
    assert sim.control("faults")[0]["struck"] > 3
    assert checker.left_to_do() == []


@pytest.mark.fault("C1", "E6")
def test_a_week_that_times_out_again_and_again_is_read_in_pieces_to_its_end(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    begin = now(sim) - timedelta(days=6)
    write(sim, [begin + timedelta(minutes=8 * n) for n in range(1_000)])
    slow = {"error": "QUERY_TIMEOUT", "probability": 0.5, "seed": 4, "times": 9}
    sim.control("faults", {"endpoint": f"Display.*{TRAIL}", **slow})
    for _ in range(2):
        house.collect(org, AUDIT)
        checker.assert_true()
    assert sim.control("faults")[0]["struck"] == 9
    sim.control("faults", method="DELETE")
    checker.assert_drains(lambda: house.collect(org, AUDIT))


@pytest.mark.fault("C4")
@pytest.mark.parametrize("wrong", ['"totalSize":1', '"totalSize":9'], ids=["more", "many more"])
def test_a_count_that_does_not_fit_is_a_failure_and_moves_nothing(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, wrong: str
) -> None:
    write(sim, [now(sim) - timedelta(hours=2)] * 3)
    liar = {"endpoint": f"Display.*{TRAIL}", "replace": {'"totalSize":': wrong}}
    sim.control("faults", liar)
    found = house.outcome(org, AUDIT)
    assert (found.outcome, found.code) == (Run.Outcome.FAILED, "INCOMPLETE_RESULT")
    assert house.state(org, AUDIT).coverage.get("complete", []) == []
    assert checker.withheld(AUDIT) == []
    checker.assert_true()
    sim.control("faults", method="DELETE")
    checker.assert_drains(lambda: house.collect(org, AUDIT))


@pytest.mark.fault("E10")
def test_ids_that_differ_in_case_only_are_two_rows(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    at = now(sim) - timedelta(hours=1)
    [entry] = changes([at])
    twins = [{**entry, "Id": id} for id in ("0Ym5g00000AbCdEAAV", "0Ym5g00000aBcDeAAF")]
    sim.control("rows", {"object": "SetupAuditTrail", "rows": twins})
    house.collect(org, AUDIT)
    house.collect(org, AUDIT)
    sql = "SELECT count(*) AS n FROM setup_audit_trail WHERE lower(\"Id\") LIKE '0ym5g00000abcde%'"
    assert house.ask(sql) == [{"n": 2}]
    checker.assert_true()


@pytest.mark.fault("D17")
def test_rows_without_an_id_go_to_the_quarantine_and_the_count_balances(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    hour = now(sim) - timedelta(hours=1)
    made = write(sim, [hour + timedelta(seconds=n) for n in range(5)])
    lost = {f'"Id":"{id}"': '"Id":null' for id in made[1:4]}
    sim.control("faults", {"endpoint": f"Display.*{TRAIL}", "replace": lost})
    for _ in range(2):  # the second time they are duplicates
        assert house.outcome(org, AUDIT).outcome == Run.Outcome.DONE
        run = Run.objects.filter(org=org, source=AUDIT).latest("started_at")
        assert run.rows_read == run.rows_stored + run.rows_duplicate + run.rows_quarantined
    kept = house.ask('SELECT "Source", "Reason", "Raw" FROM quarantine ORDER BY "Raw"')
    assert [k["Source"] for k in kept] == [AUDIT] * 3
    assert {k["Reason"] for k in kept} == {
        "The row has no id, so that nobody could tell whether it came before."
    }
    assert ["entry" in k["Raw"] for k in kept] == [True] * 3
    [shown] = [s for s in house.sources(org) if s["id"] == AUDIT]
    assert shown["quarantined"] == 3
    assert shown["read"] == shown["rows"] + shown["duplicate"] + shown["quarantined"]
    assert house.sources(org)
    assert not house.shown(org).proof()["wrong"]
    sim.control("faults", method="DELETE")
    house.collect(org, AUDIT)
    checker.assert_true()
    assert checker.left_to_do() == []


@pytest.mark.fault("E7")
def test_what_lies_before_the_start_is_said_not_to_have_been_asked_for(
    house: House, sim: OrgsimServer, org: Org, checker: Checker
) -> None:
    short = house.connect(sim, "short", backfill_days=1)
    write(sim, [now(sim) - timedelta(days=4)])
    house.collect(short, AUDIT)
    [shown] = [s for s in house.sources(short) if s["id"] == AUDIT]
    start = datetime.fromisoformat(shown["backfill_from"])
    assert timedelta(days=1) < now(sim) - start < timedelta(days=3)
    assert datetime.fromisoformat(shown["complete"][0][0]) == start
    assert shown["missing"] == []


@pytest.mark.fault("E8")
@pytest.mark.parametrize("hours", [-1, 1])
def test_an_org_whose_clock_is_not_ours_is_read_by_its_own(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, hours: int
) -> None:
    sim.control("clock", {"set": (datetime.now(UTC) + timedelta(hours=hours)).isoformat()})
    write(sim, [now(sim) - timedelta(minutes=n) for n in (1, 8, 30)])
    house.collect(org, AUDIT)
    checker.assert_true()
    [shown] = [s for s in house.sources(org) if s["id"] == AUDIT]
    behind = now(sim) - datetime.fromisoformat(shown["cursor"])
    assert timedelta(minutes=4) < behind < timedelta(minutes=7)
    # The clock jumps while the tenant is at work: nothing is skipped, nothing is read twice over.
    sim.control("clock", {"advance": "PT1H"})
    write(sim, [now(sim) - timedelta(minutes=n) for n in (2, 40)])
    checker.assert_drains(lambda: house.collect(org, AUDIT))
