"""Log files that come late, again, in pieces, in another order or with other columns: every event
is stored as often as it happened. Judged by the checker."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from orgwarden.records.models import Org
from tests.flows.test_bad_files import HEADER, csv_of, rows_of
from tests.support.checker import Checker
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

FILES = "event_log_file"
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def sim(orgsim_server: StartOrgsim) -> OrgsimServer:
    return orgsim_server(users=3, days=1, speed=0, event_monitoring="none")


@pytest.fixture
def org(house: House, sim: OrgsimServer) -> Org:
    house.admit(sim)
    return house.connect(sim)


@pytest.fixture
def checker(house: House, sim: OrgsimServer, org: Org) -> Checker:
    return Checker.beginning(sim, house.shown(org))


@pytest.fixture
def today(sim: OrgsimServer) -> datetime:
    now = datetime.fromisoformat(sim.control("state")["now"])
    return now.replace(hour=0, minute=0, second=0, microsecond=0)


def publish(sim: OrgsimServer, kind: str, day: datetime, rows: list[list[str]], **more: str) -> str:
    header = more.pop("header", "")
    body = csv_of(rows, header.split(",") if header else None)
    asked = {"type": kind, "date": day.isoformat(), **more}
    return str(sim.control("logfile", body, params=asked)["id"])


def reads(house: House, org: Org) -> int:
    """Collect the log files once; how many rows came."""
    found = house.outcome(org, FILES)
    assert (found.outcome, found.reason) == ("done", ""), found
    return found.stored


@pytest.mark.fault("D1", "D2")
def test_files_whose_days_are_not_in_the_order_they_were_made_all_land(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    yesterday = today - DAY
    publish(sim, "Api", yesterday, rows_of("Api", 20, yesterday))
    assert reads(house, org) >= 20
    long_ago = today - 3 * DAY  # made after the file of yesterday
    publish(sim, "Api", long_ago, rows_of("Api", 30, long_ago))
    day_before = today - 2 * DAY  # made 44 hours after its day began, and seen four minutes later
    now = datetime.fromisoformat(sim.control("state")["now"])
    seen = (now + timedelta(minutes=4)).isoformat()
    publish(sim, "Api", day_before, rows_of("Api", 7, day_before), visible_from=seen)
    assert reads(house, org) == 30
    sim.control("clock", {"advance": 300})
    assert reads(house, org) == 7
    assert reads(house, org) == 0
    checker.assert_true()
    assert checker.left_to_do() == []


@pytest.mark.fault("D3", "D4")
def test_an_hour_that_is_told_in_pieces_for_days_and_by_its_day_is_stored_once(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    hour = today - 3 * HOUR
    day = hour.replace(hour=0)
    truth = rows_of("Api", 60, hour)
    hourly = {"interval": "Hourly"}
    publish(sim, "Api", hour, truth[:40], **hourly, sequence="1")
    assert reads(house, org) >= 40
    publish(sim, "Api", hour, truth[40:50], **hourly, sequence="2")
    assert reads(house, org) == 10
    sim.control("clock", {"advance": "PT70H"})
    publish(sim, "Api", hour, truth[50:54], **hourly, sequence="3")
    assert reads(house, org) == 4
    checker.assert_true()
    publish(sim, "Api", day, truth)  # the day's file has what no hour had
    assert reads(house, org) == 6
    checker.assert_true()
    assert house.count("event_log_api") == 60


@pytest.mark.fault("D5")
def test_a_file_issued_again_adds_only_what_it_has_more_of(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    day = today - DAY
    rows = rows_of("Api", 40, day)
    doubled = [rows[0], *rows[:20]]  # an event that truly happened twice
    publish(sim, "Api", day, doubled)
    assert reads(house, org) >= 21
    publish(sim, "Api", day, doubled, sequence="1")  # all of it again
    assert reads(house, org) == 0
    publish(sim, "Api", day, rows[10:30], sequence="2")  # half of it again
    assert reads(house, org) == 10
    publish(sim, "Api", day, rows[30:], sequence="3")  # none of it
    assert reads(house, org) == 10
    publish(sim, "Api", day, [rows[0]] * 3, sequence="4")  # … and now it happened three times
    assert reads(house, org) == 1
    checker.assert_true()
    assert house.count("event_log_api") == 42


@pytest.mark.fault("D15")
def test_columns_that_come_go_move_and_repeat_lose_no_value(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    def of(days: int, header: str, *values: str) -> None:
        day = today - days * DAY
        row = ["Api", f"{day:%Y%m%d%H%M%S}.000", *values]
        publish(sim, "Api", day, [row], header=f"EVENT_TYPE,TIMESTAMP,{header}")

    of(6, "URI,QUERY", "/6", "q6")
    of(5, "URI,QUERY,NEW", "/5", "q5", "n5")
    of(4, "QUERY", "q4")
    of(3, "QUERY,NEW,URI", "q3", "n3", "/3")
    of(2, "URI,QUERY_TEXT", "/2", "q2")
    of(1, "URI,URI,QUERY", "/1", "/1 again", "q1")
    assert reads(house, org) >= 6
    found = house.ask("SELECT URI, QUERY, NEW, QUERY_TEXT FROM event_log_api ORDER BY time")
    assert [tuple(r.values()) for r in found] == [
        ("/6", "q6", None, None), ("/5", "q5", "n5", None), (None, "q4", None, None),
        ("/3", "q3", "n3", None), ("/2", None, None, "q2"), ("/1", "q1", None, None),
    ]  # fmt: skip
    [last] = house.ask("SELECT * FROM event_log_api ORDER BY time DESC LIMIT 1")
    assert "/1 again" in last.values()
    checker.assert_true()


@pytest.mark.fault("D10", "D12", "D13", "D14")
def test_fields_of_any_length_and_any_characters_come_back_as_they_were(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    day = today - DAY
    odd = ["\n", "\r\n", "\r", '"', '""', "\u2028", "\u2029", "a\0b", "\x1a", ",", "é", "€", "😀"]
    odd += ["x" * (1 << 20), "€" * (7 << 20)]  # of one mebibyte, and of 21
    # Characters of two to four bytes across every place where a read may end.
    odd += ["a" * shift + "é€😀" * 5_000 for shift in range(10)]
    rows = rows_of("Api", len(odd), day)
    for row, text in zip(rows, odd, strict=True):
        row[HEADER.index("QUERY")] = text
    publish(sim, "Api", day, rows)
    assert reads(house, org) >= len(odd)
    found = house.ask("SELECT QUERY FROM event_log_api ORDER BY time, TIMESTAMP")
    assert [r["QUERY"] for r in found] == odd
    assert house.ask("SELECT count(*) AS n FROM quarantine") == [{"n": 0}]
    checker.assert_true()


@pytest.mark.fault("C9")
@pytest.mark.parametrize("hidden", [["Sequence"], ["Interval", "Sequence"]], ids=" and ".join)
def test_an_org_without_columns_of_the_list_is_collected_all_the_same(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime, hidden: list[str]
) -> None:
    publish(sim, "Api", today - DAY, rows_of("Api", 5, today - DAY))
    sim.control("columns", {"object": "EventLogFile", "hide": hidden})
    found = house.outcome(org, FILES)
    assert found.outcome == "done"
    for column in hidden:
        assert column in found.reason
    assert house.count("event_log_api") == 5
    checker.assert_true()


@pytest.mark.fault("D8")
def test_a_file_that_comes_in_drops_is_read_to_its_end(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    rows = rows_of("Api", 40, today - DAY)
    file = publish(sim, "Api", today - DAY, rows)
    size = len(csv_of(rows))
    sim.control("faults", {"endpoint": f"{file}/LogFile", "trickle": size * 2})
    assert reads(house, org) >= 40
    assert sim.control("faults")[0]["struck"] == 1
    checker.assert_true()


@pytest.mark.fault("D7", "E13")
def test_what_salesforce_deleted_while_nobody_came_is_a_gap_that_is_told(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    reads(house, org)  # a weekend may have none
    lost = rows_of("Api", 5, today - DAY)
    publish(sim, "Api", today - DAY, lost)  # without a licence it stays for a day
    sim.control("clock", {"advance": "P6D"})
    later = rows_of("Api", 7, today + 4 * DAY)
    publish(sim, "Api", today + 4 * DAY, later)
    assert reads(house, org) == 7
    checker.assert_true()
    [listed] = [s for s in house.sources(org) if s["id"] == FILES]
    [(start, end, why)] = listed["missing"]
    assert why == "Salesforce had deleted it before it could be collected."
    assert datetime.fromisoformat(start) <= today - DAY
    assert datetime.fromisoformat(end) >= today + 4 * DAY
    assert reads(house, org) == 0
    [again] = [s for s in house.sources(org) if s["id"] == FILES]
    assert again["missing"] == listed["missing"]
    checker.assert_true()


def test_a_day_of_which_files_may_have_gone_before_we_came_is_not_called_complete(
    house: House, sim: OrgsimServer, org: Org, today: datetime
) -> None:
    """Without Event Monitoring a file stays a day: of the day before yesterday one type's file may
    be there still and another's not."""
    sim.control("clock", {"set": (today + 12 * HOUR).isoformat()})
    made = (today - 11 * HOUR).isoformat()
    day = today - 2 * DAY
    publish(sim, "Login", day, rows_of("Login", 3, day), created=made, visible_from=made)
    assert reads(house, org) >= 3
    for _ in range(4):
        sim.control("clock", {"advance": "PT23H"})
        reads(house, org)
    [files] = [s for s in house.sources(org) if s["id"] == "event_log_login"]
    assert datetime.fromisoformat(files["complete"][0][0]) == today - DAY


@pytest.mark.fault("D7", "E13")
def test_a_first_day_that_nothing_could_be_read_in_is_not_called_complete(
    house: House, sim: OrgsimServer, org: Org, checker: Checker, today: datetime
) -> None:
    """It was there when we first asked, and gone when we first got an answer."""
    publish(sim, "Login", today - DAY, rows_of("Login", 3, today - DAY))
    sim.control("faults", {"endpoint": "/LogFile", "error": "SERVER_UNAVAILABLE", "status": 503})
    assert house.outcome(org, FILES).outcome != "done"
    sim.control("faults", method="DELETE")
    for hours in (25, 23, 23, 23, 23):
        sim.control("clock", {"advance": f"PT{hours}H"})
        reads(house, org)
    checker.assert_true()
    [files] = [s for s in house.sources(org) if s["id"] == FILES]
    assert datetime.fromisoformat(files["complete"][0][0]) >= today


@pytest.mark.fault("D7")
def test_a_file_that_is_gone_is_told_also_when_another_fails(
    house: House, sim: OrgsimServer, org: Org, today: datetime
) -> None:
    yesterday = today - DAY
    gone = publish(sim, "Login", yesterday, rows_of("Login", 3, yesterday))
    other = publish(sim, "Logout", yesterday, rows_of("Logout", 3, yesterday))
    not_there = {"error": "NOT_FOUND", "message": "The requested resource does not exist"}
    sim.control("faults", {"endpoint": f"{gone}/LogFile", **not_there})
    failing = {"endpoint": f"{other}/LogFile", "error": "SERVER_UNAVAILABLE", "status": 503}
    sim.control("faults", failing)
    assert house.outcome(org, FILES).outcome != "done"
    [files] = [s for s in house.sources(org) if s["id"] == FILES]
    assert [why.partition(":")[0] for _, _, why in files["missing"]] == ["Login"]
