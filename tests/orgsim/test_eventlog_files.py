"""Event log files: delivery, the daily file against the hourly ones, the ledger, `--files`."""

from __future__ import annotations

import csv
import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from orgsim.eventlog.files import LogFilesError
from orgsim.eventlog.text import escaped, event_time, iso, read_rows, read_time, row_hash
from orgsim.eventlog.types import FREE, columns, field_types
from orgsim.org import Org
from orgsim.world import live
from tests.orgsim.worlds import DAY, HOUR, NOW, make, rows, shared

SAMPLES = Path(__file__).parents[2].parent / "shared" / "fixtures" / "elf"
CSV = b'"EVENT_TYPE","TIMESTAMP","USER_ID"\n"Odd","20261121101112.5","0051"\n'


def licensed() -> Org:
    return shared(users=60, days=40, event_monitoring="licensed")


def body(org: Org, id18: str) -> bytes:
    assert org.log_files is not None
    found = org.log_files.open_body(id18)
    assert found is not None
    content = found[0].read_bytes()
    assert len(content) == found[1]
    return content


def parsed(content: bytes) -> list[list[str]]:
    return list(read_rows(content))


# --- delivery ---


def test_without_event_monitoring_only_free_types_come_daily_and_stay_a_day() -> None:
    files = rows(shared(), "EventLogFile")
    assert {f["EventType"] for f in files} <= set(FREE)
    assert {"Login", "Logout", "ApiTotalUsage"} <= {f["EventType"] for f in files}
    assert {(f["Interval"], f["Sequence"]) for f in files} == {("Daily", 0)}
    assert all(NOW - DAY < f["CreatedDate"] <= NOW for f in files)


def test_with_event_monitoring_many_types_come_hourly_and_daily_for_thirty_days() -> None:
    files = rows(licensed(), "EventLogFile")
    assert len({f["EventType"] for f in files}) >= 20
    assert {f["Interval"] for f in files} == {"Daily", "Hourly"}
    first = min(f["CreatedDate"] for f in files)
    assert (NOW // DAY - 30) * DAY <= first < NOW - 29 * DAY
    assert {f["Sequence"] for f in files if f["Interval"] == "Hourly"} == {1, 2}
    for file in files:
        late = file["CreatedDate"] - file["LogDate"]
        if file["Interval"] == "Daily":
            assert DAY + 3 * HOUR <= late <= DAY + 49 * HOUR  # the longest are second editions
        else:
            assert 4 * HOUR <= late <= 16 * HOUR
    created = Counter(f["CreatedDate"] for f in files)
    assert max(created.values()) > 1  # several files share a second


def test_some_days_are_told_again_with_lines_that_came_late() -> None:
    org = licensed()
    files = org.log_files
    assert files is not None
    again = 0
    for file in files.files.values():
        if file.superseded is None:
            continue
        assert file.path is not None
        first, whole = parsed(file.path.read_bytes()), parsed(body(org, files.current[file.key].id))
        assert not Counter(map(tuple, first)) - Counter(map(tuple, whole))
        assert len(first) < len(whole)
        assert files.current[file.key].created > file.created
        again += 1
    assert again


def test_hours_without_events_have_no_file() -> None:
    org = licensed()
    hours = [f for f in rows(org, "EventLogFile") if f["EventType"] == "ReportExport"]
    assert 0 < len([f for f in hours if f["Interval"] == "Hourly"]) < 24 * 30
    for file in hours[:20]:
        assert len(parsed(body(org, file["Id"]))) > 1


@pytest.mark.parametrize("kind", ["Login", "RestApi", "URI", "ApiTotalUsage"])
def test_the_days_file_holds_what_its_hours_hold(kind: str) -> None:
    org = licensed()
    assert org.log_files is not None
    files = [f for f in rows(org, "EventLogFile") if f["EventType"] == kind]
    days = sorted((f for f in files if f["Interval"] == "Daily"), key=lambda f: f["LogDate"])
    late = 0
    for day in days[4:10]:  # the first few days' hourly files have gone already
        whole = parsed(body(org, day["Id"]))
        hours: list[list[str]] = []
        for file in files:
            if file["Interval"] == "Hourly" and file["LogDate"] // DAY == day["LogDate"] // DAY:
                part = parsed(body(org, file["Id"]))
                assert part[0] == whole[0]
                start = file["LogDate"]
                for values in part[1:]:
                    time = event_time(part[0], values)
                    assert time is not None
                    assert start <= time < start + HOUR
                hours.extend(part[1:])
                late += file["Sequence"] == 2
        assert Counter(map(tuple, hours)) == Counter(map(tuple, whole[1:]))
    assert late


def test_the_row_of_a_file_tells_its_length_and_columns() -> None:
    org = licensed()
    for file in rows(org, "EventLogFile")[::200]:
        content = body(org, file["Id"])
        assert file["LogFileLength"] == float(len(content))
        header = parsed(content)[0]
        assert file["LogFileFieldNames"] == ",".join(header)
        assert file["LogFileFieldTypes"] == field_types(header)
        assert tuple(header) == columns(file["EventType"])
        assert file["LogFileContentType"] == "text/csv"
        assert file["ApiVersion"] == 68.0


def test_every_field_is_quoted_and_lines_end_in_a_line_feed() -> None:
    org = licensed()
    file = next(f for f in rows(org, "EventLogFile") if f["EventType"] == "Login")
    content = body(org, file["Id"]).decode()
    assert "\r" not in content
    assert content.endswith('"\n')
    again = [
        "".join(('"', '","'.join(v.replace('"', '""') for v in r), '"'))
        for r in parsed(content.encode())
    ]
    assert "\n".join(again) + "\n" == content


def test_log_files_come_due_while_the_org_lives_and_go_when_their_time_is_over() -> None:
    org = make(users=30, days=3, speed=1.0)
    assert org.log_files is not None
    table = org.store["EventLogFile"]
    before = [f["Id"] for f in rows(org, "EventLogFile")]
    content = body(org, before[0])
    assert content
    live(org, NOW, NOW + DAY)
    org.clock.advance(DAY)
    kinds = {table.value(at, "EventType") for at in table.seen(org.clock.now())}
    assert {"Login", "ApiTotalUsage"} <= kinds
    assert org.log_files.open_body(before[0]) is None
    assert table.find(before[0]) in table.deleted


# --- what the files say ---


def test_login_files_tell_the_sign_ins_of_login_history() -> None:
    org = licensed()
    file = next(
        f
        for f in rows(org, "EventLogFile")[::-1]
        if f["EventType"] == "Login" and f["Interval"] == "Daily"
    )
    told = parsed(body(org, file["Id"]))
    at_user, at_status = told[0].index("USER_ID_DERIVED"), told[0].index("LOGIN_STATUS")
    history = [
        r for r in rows(org, "LoginHistory") if r["LoginTime"] // DAY == file["LogDate"] // DAY
    ]
    assert Counter(r[at_user] for r in told[1:]) == Counter(r["UserId"] for r in history)
    good = sum(r[at_status] == "LOGIN_NO_ERROR" for r in told[1:])
    assert good == sum(r["Status"] == "Success" for r in history)


def test_api_total_usage_counts_the_calls_of_rest_api() -> None:
    org = licensed()
    daily = {
        f["EventType"]: parsed(body(org, f["Id"]))
        for f in rows(org, "EventLogFile")
        if f["Interval"] == "Daily" and f["LogDate"] == NOW // DAY * DAY - 5 * DAY
    }
    ids = {
        kind: {dict(zip(table[0], r, strict=True))["TIMESTAMP"].rstrip("0") for r in table[1:]}
        for kind, table in daily.items()
    }
    assert ids["RestApi"] <= ids["ApiTotalUsage"]


def test_exceptions_keep_line_feeds_and_quotes_within_a_field() -> None:
    org = licensed()
    told = [
        dict(zip(table[0], r, strict=True))
        for f in rows(org, "EventLogFile")
        if f["EventType"] == "ApexUnexpectedException" and f["Interval"] == "Daily"
        for table in [parsed(body(org, f["Id"]))]
        for r in table[1:]
    ]
    assert any("\n" in r["STACK_TRACE"] for r in told)
    assert all(r["STACK_TRACE"][0] == r["STACK_TRACE"][-1] == '"' for r in told)
    assert all(len(r["USER_ID"]) == 15 and len(r["USER_ID_DERIVED"]) == 18 for r in told)


# --- publishing and the ledger ---


def test_a_body_is_kept_byte_for_byte_and_a_newer_one_takes_its_place() -> None:
    org = make(users=5, days=1, speed=0)
    files = org.log_files
    assert files is not None
    known: dict[str, Any] = {
        "event_type": "Odd",
        "log_date_ms": NOW // DAY * DAY,
        "interval": "Daily",
    }
    first = files.publish(body=CSV, sequence=0, **known)
    assert body(org, first) == CSV
    newer = CSV + b'"Odd","20261121101113.5","0052"\r\n"Odd","","x\ny"'
    second = files.publish(body=newer, sequence=0, **known)
    assert files.open_body(first) is None
    assert body(org, second) == newer
    table = org.store["EventLogFile"]
    seen = [table.value(at, "Id") for at in table.seen(org.clock.now())]
    assert second in seen
    assert first not in seen
    at = table.find(second)
    assert at is not None
    assert table.value(at, "LogFileFieldTypes") == "String,String,Id"


def test_a_body_published_for_later_replaces_the_earlier_only_then() -> None:
    org = make(users=5, days=1, speed=0)
    files = org.log_files
    assert files is not None
    known: dict[str, Any] = {
        "event_type": "Odd",
        "log_date_ms": NOW // DAY * DAY,
        "interval": "Daily",
    }
    first = files.publish(body=CSV, sequence=0, **known)
    later = org.clock.now() + HOUR
    second = files.publish(body=CSV + CSV, sequence=0, visible_from_ms=later, **known)
    assert files.open_body(second) is None
    assert body(org, first) == CSV
    org.clock.advance(HOUR + 1000)
    live(org, NOW, org.clock.now())
    assert files.open_body(first) is None
    assert body(org, second) == CSV + CSV


def test_the_ledger_tells_an_event_of_several_files_once_and_duplicates_as_often_as_they_are() -> (
    None
):
    org = make(users=5, days=1, speed=0)
    files = org.log_files
    assert files is not None
    head, line = CSV.splitlines(keepends=True)
    other = line.replace(b"0051", b"0052")
    at = NOW // DAY * DAY
    files.publish(
        event_type="Odd", body=head + line + line, log_date_ms=at, interval="Hourly", sequence=1
    )
    files.publish(
        event_type="Odd", body=head + line + other, log_date_ms=at, interval="Daily", sequence=0
    )
    soon = org.clock.now() + HOUR
    files.publish(
        event_type="Odd",
        body=head + line * 3,
        log_date_ms=at,
        interval="Hourly",
        sequence=2,
        visible_from_ms=soon,
    )
    told = list(files.ledger("odd", org.clock.now(), False))
    one = row_hash(["Odd", "20261121101112.5", "0051"])
    assert one == hashlib.sha256(b"Odd\x1f20261121101112.5\x1f0051").hexdigest()
    assert Counter(t["hash"] for t in told)[one] == 2
    assert len(told) == 3
    assert told[0]["event_time"] == "2026-11-21T10:11:12.500Z"
    assert Counter(t["hash"] for t in files.ledger("Odd", org.clock.now(), True))[one] == 3
    assert Counter(t["hash"] for t in files.ledger("Odd", soon, False))[one] == 3


def test_the_ledger_of_a_type_equals_the_union_of_its_files() -> None:
    org = licensed()
    assert org.log_files is not None
    told = Counter(t["hash"] for t in org.log_files.ledger("Login", NOW + HOUR, False))
    seen: set[str] = set()
    for file in rows(org, "EventLogFile"):
        if file["EventType"] == "Login":
            seen |= {row_hash(r) for r in parsed(body(org, file["Id"]))[1:]}
    assert told.keys() == seen


# --- --files ---


@pytest.mark.skipif(not SAMPLES.is_dir(), reason="the samples are not beside this checkout")
def test_samples_are_served_byte_for_byte_and_nothing_else_on_their_days() -> None:
    org = make(users=10, days=3, files=SAMPLES, event_monitoring="licensed", speed=0)
    files = {f["Id"]: f for f in rows(org, "EventLogFile")}
    contents = {
        body(org, i): f
        for i, f in files.items()
        if f["CreatedDate"] == (NOW - 600_000) // 1000 * 1000
    }
    for path in SAMPLES.glob("*.csv"):
        file = contents[path.read_bytes()]
        with path.open(newline="") as text:
            table = list(csv.DictReader(text))
        assert file["EventType"] == table[0]["EVENT_TYPE"]
        assert iso(file["LogDate"])[:10].replace("-", "") == table[0]["TIMESTAMP"][:8]
        assert (file["Interval"], file["Sequence"]) == ("Daily", 0)
    assert any(f["LogDate"] < 1_500_000_000_000 for f in contents.values())  # of 2015


def test_a_type_and_day_of_files_has_no_generated_ones(tmp_path: Path) -> None:
    (tmp_path / "Login.csv").write_text('"EVENT_TYPE","TIMESTAMP"\n"Login","20261119000000.1"\n')
    (tmp_path / "Unnamed.csv").write_text('"TIMESTAMP","A"\n"20261119000000.1","b"\n')
    org = make(users=20, days=5, files=tmp_path, event_monitoring="licensed")
    day = read_time("20261119000000") or 0
    mine = [
        f
        for f in rows(org, "EventLogFile")
        if f["EventType"] == "Login" and f["LogDate"] // DAY == day // DAY
    ]
    assert len(mine) == 1
    assert any(f["EventType"] == "Unnamed" for f in rows(org, "EventLogFile"))


def test_two_files_of_one_type_and_day_are_refused(tmp_path: Path) -> None:
    for name in ("one.csv", "two.csv"):
        (tmp_path / name).write_bytes(CSV)
    with pytest.raises(LogFilesError, match=r"two\.csv and one\.csv are both Odd of 2026-11-21"):
        make(users=5, days=1, files=tmp_path)


# --- text ---


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("20211019050707.13", "2021-10-19T05:07:07.130Z"),
        ("20220803011210", "2022-08-03T01:12:10.000Z"),
        ("2024-02-29T23:59:59.999Z", "2024-02-29T23:59:59.999Z"),
    ],
)
def test_times_are_read_at_any_precision(text: str, wanted: str) -> None:
    assert iso(read_time(text) or 0) == wanted


def test_what_is_no_time_is_not_read() -> None:
    assert read_time("") is None
    assert read_time("yesterday") is None


def test_an_escaped_string_keeps_its_quotes_after_parsing() -> None:
    content = f'"A"\n"{escaped("https://x")}"\n"{escaped("")}"\n'.encode()
    assert parsed(content) == [["A"], ['"https://x"'], ['""']]
