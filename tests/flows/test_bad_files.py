"""Log files that come cut, short, long, ragged or not at all: never half a file, never a lost row.

The file's rows and how often each must land are known, because the tests publish it.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from orgwarden.records.models import Org, Run
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.orgsim import OrgsimServer

HEADER = ["EVENT_TYPE", "TIMESTAMP", "REQUEST_ID", "USER_ID", "URI", "QUERY"]


@pytest.fixture
def sim(orgsim_server: StartOrgsim) -> OrgsimServer:
    """An org of the test's own: it gets files."""
    return orgsim_server(users=5, days=2, speed=0, event_monitoring="none")


@pytest.fixture
def org(house: House, sim: OrgsimServer) -> Org:
    house.admit(sim)
    return house.connect(sim)


def rows_of(kind: str, number: int, when: datetime) -> list[list[str]]:
    made = []
    for n in range(number):
        at = when + timedelta(seconds=n)
        text = 'say "ü" €,\nand\r\nmore' if n % 7 == 0 else f"SELECT {n} FROM Account"
        stamp = f"{at:%Y%m%d%H%M%S}.{n % 1000:03d}"
        made.append([kind, stamp, f"TID:{n // 3:06d}", "0055g000001gQwa", "/x/y", text])
    return made


def csv_of(rows: list[list[str]], header: list[str] | None = None) -> bytes:
    out = io.StringIO(newline="")
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([header or HEADER, *rows])
    return out.getvalue().encode()


def publish(sim: OrgsimServer, kind: str, body: bytes, **more: str) -> str:
    day = f"{yesterday():%Y-%m-%dT00:00:00Z}"
    made: dict[str, str] = sim.control("logfile", body, params={"type": kind, "date": day, **more})
    return made["id"]


def yesterday() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today - timedelta(days=1)


def hashes(rows: list[list[str]]) -> Counter[str]:
    return Counter(hashlib.sha256("\x1f".join(r).encode()).hexdigest() for r in rows)


def landed(house: House, kind: str) -> Counter[str]:
    view = f"event_log_{kind.lower()}"
    return Counter(r["row_sha256"] for r in house.ask(f"SELECT row_sha256 FROM {view}"))


@pytest.mark.fault("D8")
def test_a_file_cut_at_any_place_is_fetched_again_and_lands_whole(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    length = len(csv_of(rows_of("Cut0", 400, yesterday())))
    places = [0, 1, 40, length // 3, length // 2, length - 2, length - 1]
    for n, place in enumerate(places):
        kind = f"Cut{n}"
        rows = rows_of(kind, 400, yesterday())
        file = publish(sim, kind, csv_of(rows))
        sim.control("faults", {"endpoint": f"{file}/LogFile", "nth": [1, 2], "cut": place})
        found = house.outcome(org, "event_log_file")
        assert found.outcome == Run.Outcome.DONE, (place, found.reason)
        assert sim.control("faults")[0]["struck"] == 2, place
        sim.control("faults", method="DELETE")
        assert landed(house, kind) == hashes(rows), place
    assert not list((house.home / "spool").rglob("*.csv"))


@pytest.mark.fault("D6")
@pytest.mark.parametrize("fault", [{"cut": 900}, {"truncate": 900}, {"replace": {"TID": "TID!"}}])
def test_a_file_that_stays_short_or_long_is_not_landed_in_part(
    house: House, sim: OrgsimServer, org: Org, fault: dict[str, Any]
) -> None:
    rows = rows_of("RestApi", 300, yesterday())
    file = publish(sim, "RestApi", csv_of(rows))
    sim.control("faults", {"endpoint": f"{file}/LogFile", **fault})
    found = house.outcome(org, "event_log_file")
    assert found.outcome == Run.Outcome.FAILED
    assert found.reason
    assert found.fix
    assert sim.control("faults")[0]["struck"] == 3  # a gigabyte is not fetched for ever
    assert "event_log_restapi" not in {s["id"] for s in house.sources(org) if s["rows"]}
    assert house.state(org, "event_log_file").coverage.get("complete", []) == []
    sim.control("faults", method="DELETE")
    assert house.outcome(org, "event_log_file").outcome == Run.Outcome.DONE
    assert landed(house, "RestApi") == hashes(rows)
    house.collect(org)
    assert_everything_landed(sim, house.ask, house.sources(org))


@pytest.mark.fault("D17")
def test_ragged_rows_are_kept_apart_and_the_count_balances(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    rows = rows_of("RestApi", 50, yesterday())
    short, long = rows[10][:3], [*rows[20], "one too many"]
    ragged = [*rows[:10], short, *rows[11:20], long, *rows[21:]]
    whole = [r for r in ragged if len(r) == len(HEADER)]
    publish(sim, "RestApi", csv_of(ragged))
    found = house.outcome(org, "event_log_file")
    assert found.outcome == Run.Outcome.DONE
    run = Run.objects.filter(org=org, source="event_log_file").latest("started_at")
    assert run.rows_read == run.rows_stored + run.rows_duplicate + run.rows_quarantined
    assert run.rows_quarantined == 2
    assert landed(house, "RestApi") == hashes(whole)
    kept = house.ask('SELECT "Source", "Reason", "Raw" FROM quarantine')
    assert [k["Source"] for k in kept] == ["event_log_restapi"] * 2
    assert any("one too many" in k["Raw"] for k in kept)
    house.outcome(org, "event_log_file")
    assert len(house.ask("SELECT 1 FROM quarantine")) == 2


@pytest.mark.fault("D6", "D11")
def test_files_that_are_empty_header_only_or_odd_do_no_harm(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    rows = rows_of("Odd", 30, yesterday())
    publish(sim, "Empty", b"")
    publish(sim, "HeaderOnly", csv_of([]))
    publish(sim, "Bom", b"\xef\xbb\xbf" + csv_of(rows_of("Bom", 30, yesterday())))
    publish(sim, "NotUtf8", csv_of(rows).replace("ü".encode(), b"\xfc"))
    publish(sim, "Nul", csv_of([[*rows[0][:5], "a\0b"]]))
    publish(sim, "Repeated", csv_of([rows[1]] * 5))
    publish(sim, "Wide", csv_of([[*r, "x"] for r in rows], [*HEADER, "NEW_COLUMN"]))
    publish(sim, "Huge", csv_of([[*rows[0][:5], "x" * 3_000_000], rows[1]]))
    found = house.outcome(org, "event_log_file")
    assert (found.outcome, found.reason) == (Run.Outcome.DONE, "")
    assert landed(house, "Repeated") == Counter({next(iter(hashes([rows[1]]))): 5})
    assert landed(house, "Wide") == hashes([[*r, "x"] for r in rows])
    assert house.count("event_log_bom") == house.count("event_log_notutf8") == 30
    assert house.count("event_log_nul") == 1
    assert house.count("event_log_huge") == 2
    assert house.ask("SELECT DISTINCT NEW_COLUMN AS c FROM event_log_wide") == [{"c": "x"}]
    assert house.outcome(org, "event_log_file").stored == 0


@pytest.mark.fault("D7")
def test_a_file_listed_and_gone_is_missing_and_not_complete(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    rows = rows_of("RestApi", 20, yesterday())
    file = publish(sim, "RestApi", csv_of(rows))
    gone = {"error": "NOT_FOUND", "message": "The requested resource does not exist"}
    sim.control("faults", {"endpoint": f"{file}/LogFile", **gone})
    found = house.outcome(org, "event_log_file")
    assert found.outcome == Run.Outcome.DONE
    missing = house.state(org, "event_log_file").coverage["missing"]
    assert [(a, b) for a, b, _ in missing] == [
        (f"{yesterday():%Y-%m-%dT%H:%M:%SZ}",
         f"{yesterday() + timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}")
    ]  # fmt: skip
    assert "RestApi" in missing[0][2]
    sim.control("faults", method="DELETE")
    house.outcome(org, "event_log_file")
    assert landed(house, "RestApi") == hashes(rows)
    assert house.state(org, "event_log_file").coverage["missing"] == []


@pytest.mark.fault("C9")
def test_an_org_without_hourly_files_has_no_interval_column_and_collects(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    refused = {"error": "INVALID_FIELD", "message": "No such column 'Interval' on entity"}
    sim.control("faults", {"endpoint": "Interval.*FROM.{1,3}EventLogFile", **refused})
    hidden = {'"name":"Interval"': '"name":"Hidden"'}
    sim.control("faults", {"endpoint": "EventLogFile/describe", "replace": hidden})
    found = house.outcome(org, "event_log_file")
    assert found.outcome == Run.Outcome.DONE
    assert "Interval" in found.reason
    sim.control("faults", method="DELETE")
    house.collect(org)
    assert_everything_landed(sim, house.ask, house.sources(org))


@pytest.mark.fault("C3")
def test_a_query_whose_cursor_goes_is_read_again_from_its_start(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    me = sim.app()["run_as"]
    began = datetime.now(UTC) - timedelta(hours=6)  # all in the fresh window: two pages and more
    made = [
        {"CreatedDate": f"{began + timedelta(seconds=n):%Y-%m-%dT%H:%M:%S.000+0000}",
         "Action": "changedEmail", "Section": "Manage Users", "Display": f"change {n}",
         "CreatedById": me}
        for n in range(4500)
    ]  # fmt: skip
    sim.control("rows", {"object": "SetupAuditTrail", "rows": made})
    for nth in (1, 2):
        more = {"endpoint": "/query/01g", "nth": nth, "expired_cursors": True}
        sim.control("faults", more)
        name = Org.objects.count()
        other = house.connect(sim, f"again {name}")
        found = house.outcome(other, "setup_audit_trail")
        assert found.outcome == Run.Outcome.DONE
        assert sim.control("faults")[0]["struck"] == 1
        sim.control("faults", method="DELETE")
        ids = house.ask(
            f'SELECT count(*) AS n, count(DISTINCT "Id") AS d FROM setup_audit_trail'
            f" WHERE n_org = '{other.key}' AND \"Action\" = 'changedEmail'"
        )
        assert ids[0]["n"] == ids[0]["d"] >= 4500


def test_a_list_that_names_another_folder_is_refused_and_nothing_is_written_there(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    file = publish(sim, "RestApi", csv_of(rows_of("RestApi", 3, yesterday())))
    moved = {f'"{file}"': '"../../../moved"'}
    sim.control("faults", {"endpoint": "FROM.{1,3}EventLogFile", "replace": moved})
    found = house.outcome(org, "event_log_file")
    assert (found.outcome, found.code) == (Run.Outcome.FAILED, "ODD_ID")
    assert not list(house.home.rglob("moved*"))


def test_a_type_named_like_a_path_lands_in_a_folder_of_its_own(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    publish(sim, "RestApi", csv_of(rows_of("RestApi", 3, yesterday())))
    renamed = {'"EventType":"RestApi"': '"EventType":"x/../../../Moved"'}
    sim.control("faults", {"endpoint": "FROM.{1,3}EventLogFile", "replace": renamed})
    assert house.outcome(org, "event_log_file").outcome == Run.Outcome.DONE
    assert house.count("event_log_x__________moved") == 3
    assert not [p for p in house.home.rglob("*oved*") if "event_log_x___" not in p.name]
