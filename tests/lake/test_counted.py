"""What was counted of a file never changes an answer, and is not believed when it might."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from orgwarden.catalog.sources import event_log_file
from orgwarden.lake import counted, retention, upkeep
from orgwarden.lake.activity import FAILED, NONE, Question, newest
from orgwarden.lake.days import DaysReader
from orgwarden.lake.overview import histogram, overview
from orgwarden.lake.place import Place
from orgwarden.lake.reading import Reader, open_reader
from orgwarden.lake.table import LakeFile, OrgLake
from tests.lake.ground import DAY, LOGOUT, csv_bytes, land, row

LOGIN = event_log_file.of_type("Login")
HEADER = ("EVENT_TYPE", "TIMESTAMP_DERIVED", "REQUEST_ID", "USER_NAME", "SOURCE_IP", "LOGIN_STATUS")
MIDNIGHT = datetime(2026, 3, 18, tzinfo=UTC)
AFTER = date(2026, 4, 30)
ROWS = 900
PEOPLE = (
    "ada@acme.example",
    "Bob",
    "",
    "' OR 1=1 --",
    "\u202egpj",
    "<script>",
    "\u00c4gir",
    "(none)",
)
NARROWED: tuple[dict[str, Any], ...] = (
    {},
    {"source": ("event_log_login",)},
    {"source": ("event_log_logout", NONE)},
    {"source": (NONE,)},
    {"without": ("event_log_logout",)},
    {"outcome": (FAILED,)},
    {"outcome": ("success", NONE), "without": ("event_log_logout",)},
    {"actor": "\u00e4gir"},
    {"actor": "' OR"},
    {"actor": "nobody at all"},
    {"actor": NONE},
    {"ip": "203.0.113.1"},
    {"ip": "10."},
    {"ip": NONE, "outcome": (NONE,)},
    {"country": (NONE,), "app": (NONE,)},
    {"app": ("nothing",)},
    {"action": "o"},
    {"text": "script"},
)


def sign_ins(day: date, *, seed: int = 0, moved: timedelta = timedelta()) -> list[tuple[str, ...]]:
    """A day of sign-ins, some failed, some by nobody, and three without a time."""
    rng, start = Random(f"{day}/{seed}"), datetime(day.year, day.month, day.day, tzinfo=UTC)
    rows = []
    for n in range(ROWS):
        at = start + moved + timedelta(seconds=rng.randrange(86_400))
        stamp = f"{at:%Y-%m-%dT%H:%M:%S}.000Z" if n > 2 else ""
        status = rng.choice(("LOGIN_NO_ERROR", "LOGIN_NO_ERROR", "LOGIN_ERROR_INVALID_PASSWORD"))
        ip = f"203.0.113.{rng.randrange(20)}" if rng.random() < 0.9 else ""
        rows.append(("Login", stamp, f"R{seed}-{n}", rng.choice(PEOPLE), ip, status))
    return rows


def land_days(lake: OrgLake, days: range) -> None:
    for n in days:
        day = DAY + timedelta(days=n)
        land(lake, [csv_bytes(sign_ins(day), HEADER)], source=LOGIN, day=day)
        outs = csv_bytes([row(i % 60, kind="Logout", day=day) for i in range(40)])
        land(lake, [outs + b'"Logout","too short"\n'], source=LOGOUT, day=day)


@pytest.fixture
def held(lake: OrgLake) -> OrgLake:
    """Six days: one in two files, one of three that were merged, one whose events came a day late,
    one that was removed; rows in quarantine; the last two days not counted yet."""
    land_days(lake, range(6))
    for n, moved in ((1, timedelta()), (2, timedelta()), (2, timedelta()), (3, timedelta(days=1))):
        day = DAY + timedelta(days=n)
        rows = sign_ins(day, seed=len(lake.files()), moved=moved)
        land(lake, [csv_bytes(rows, HEADER)], source=LOGIN, day=day)
    keep(lake)
    upkeep.compact(lake, 1, today=AFTER, least=3)
    first = {LOGIN.id: DAY + timedelta(days=1)}
    retention.remove(lake, 1, first, versioned=(), change=lambda ledger: ledger)
    keep(lake)
    land_days(lake, range(6, 8))
    return lake


def keep(lake: OrgLake, **more: Any) -> int:
    lake.refresh()
    return counted.keep(lake, today=AFTER, least=1, **more)


def days_reader(root: Place, key: str, question: Question) -> DaysReader:
    return DaysReader(root, [key], since=question.since, until=question.until)


def windows() -> Iterator[tuple[datetime, datetime]]:
    """Whole days, days and a bit, a week and more, all, nothing; the same ones every time."""
    rng = Random(4)
    yield MIDNIGHT - timedelta(days=40), MIDNIGHT + timedelta(days=40)
    yield MIDNIGHT + timedelta(days=2), MIDNIGHT + timedelta(days=5)
    yield MIDNIGHT + timedelta(days=90), MIDNIGHT + timedelta(days=99)
    yield MIDNIGHT + timedelta(days=1), MIDNIGHT + timedelta(days=2)
    for hours in (0.5, 30, 60, 100, 170):
        since = MIDNIGHT + timedelta(minutes=rng.randrange(8 * 1440))
        yield since, since + timedelta(hours=hours)


def test_counts_never_change_an_answer(held: OrgLake) -> None:
    rng = Random(1)
    used = 0
    root, key = held.place.parent, held.place.name
    with open_reader(root, [key]) as scanning:
        for at, (since, until) in enumerate(windows()):
            with DaysReader(root, [key], since=since, until=until) as reader:
                picked = NARROWED if at < 1 else rng.sample(NARROWED, 4)
                for narrow in picked:
                    question = Question(since, until, **narrow)
                    said = overview(reader, question)
                    assert said == scan(scanning, question), (since, until, narrow)
                    assert histogram(reader, question) == said.bars
                    used += bool(reader.split(question).counted)
    assert used > 8


def scan(reader: Reader, question: Question) -> Any:
    assert not isinstance(reader, DaysReader)
    return overview(reader, question)


def test_the_newest_rows_are_the_same_however_little_is_looked_at(held: OrgLake) -> None:
    root, key = held.place.parent, held.place.name
    with open_reader(root, [key]) as scanning:
        for since, until in list(windows())[::2]:
            with DaysReader(root, [key], since=since, until=until) as reader:
                for narrow in ({}, {"ip": "203.0.113.1"}, {"actor": "nobody at all"}):
                    question = Question(since, until, **narrow)
                    bars = overview(reader, question).bars
                    after = None
                    for _ in range(2):
                        expected = newest(scanning, question, after=after, limit=3)
                        assert newest(reader, question, after=after, limit=3, bars=bars) == expected
                        after = expected[1]


def test_two_orgs_are_counted_side_by_side(held: OrgLake) -> None:
    root = held.place.parent
    other = OrgLake.open_or_create(root / "ba9876543210")
    other.take(1)
    land_days(other, range(3))
    keep(other)
    keys = [held.place.name, other.place.name, "never-collected"]
    whole = Question(MIDNIGHT - timedelta(days=1), MIDNIGHT + timedelta(days=20))
    with (
        open_reader(root, keys) as scanning,
        DaysReader(root, keys, since=whole.since, until=whole.until) as reader,
    ):
        for narrow in ({}, {"actor": "bob"}, {"outcome": (FAILED,)}):
            question = replace(whole, **narrow)
            assert overview(reader, question) == scan(scanning, question)


@pytest.mark.anywhere
def test_counts_answer_for_files_that_cannot_be_opened_any_more(lake: OrgLake) -> None:
    """That is how it is seen that they were not scanned; one that has to be is missed."""
    land_days(lake, range(2))
    assert keep(lake) == 4
    whole = Question(MIDNIGHT, MIDNIGHT + timedelta(days=2))
    with open_reader(lake.place.parent, [lake.place.name]) as scanning:
        expected = scan(scanning, whole)
    assert sum(b.events for b in expected.bars) == 2 * (ROWS - 3 + 40)
    for file in lake.files():
        lake.place.remove(lake.place.relative(file.path))
    with days_reader(lake.place.parent, lake.place.name, whole) as reader:
        assert overview(reader, whole) == expected


def test_what_is_damaged_or_of_another_file_is_not_believed(lake: OrgLake) -> None:
    land_days(lake, range(1))
    keep(lake)
    files = [f for f in lake.files() if f.source == LOGIN.id]
    assert len(counted.read(lake.place, files)) == 1
    longer = replace(files[0], rows=files[0].rows + 1)  # as if the log said so
    assert counted.read(lake.place, [longer]) == {}
    kept = {f.path: Path(f.path).read_bytes() for f in lake.place.files(counted.FOLDER)}
    for path, sound in kept.items():
        [other] = [p for p in kept if p != path]
        for bad in (b"", sound[:20], sound[:-1], sound[:200] + b"\x00" + sound[201:], kept[other]):
            Path(path).write_bytes(bad)
            assert counted.read(lake.place, [f for f in lake.files() if named(f, path)]) == {}
        Path(path).write_bytes(sound)
    assert len(counted.read(lake.place, lake.files())) == 2


def test_counts_that_are_not_sound_are_made_again(lake: OrgLake) -> None:
    land_days(lake, range(1))
    keep(lake)
    sound = {f.path: Path(f.path).read_bytes() for f in lake.place.files(counted.FOLDER)}
    damaged, empty = (Path(p) for p in sound)
    damaged.write_bytes(sound[str(damaged)][:-1])
    empty.write_bytes(b"")
    older = Path(empty.parent, "0" * 32)  # as versions without a format named them
    older.write_bytes(b"")
    assert keep(lake) == 2
    assert not older.exists()
    assert len(counted.read(lake.place, lake.files())) == 2


def test_counts_that_are_not_understood_are_done_without(
    lake: OrgLake, caplog: pytest.LogCaptureFixture
) -> None:
    land_days(lake, range(1))
    [file] = (f for f in lake.files() if f.source == LOGIN.id)
    name = counted._name(lake.place, file)
    other = counted.Counts(file.rows, None, None, pa.table({"facet": [1], "other": ["x"]}))
    told = counted._written(lake.place, file, other)
    for bad in (told, signed(told.replace(b'"rows"', b'"sowr"')), signed(told[:32] + b"{}")):
        lake.place.write(name, bad)
        assert counted.read(lake.place, [file]) == {}
    assert "other columns" in caplog.text


def signed(told: bytes) -> bytes:
    return hashlib.sha256(told[32:]).digest() + told[32:]


def test_a_table_that_is_not_needed_is_not_taken_into_memory(lake: OrgLake) -> None:
    land_days(lake, range(1))
    keep(lake)
    [kept] = counted.read(
        lake.place,
        [f for f in lake.files() if f.source == LOGIN.id],
        lambda first, last: first is not None and first >= MIDNIGHT + timedelta(days=1),
    ).values()
    assert kept.table is None
    assert kept.first is not None


def named(file: LakeFile, path: str) -> bool:
    place = OrgLake.open(Path(path).parents[1]).place
    return bool(path.endswith(counted._name(place, file)))


def test_a_file_that_has_other_rows_than_the_log_says_is_not_counted(
    lake: OrgLake, caplog: pytest.LogCaptureFixture
) -> None:
    land_days(lake, range(2))
    one, two = (f for f in lake.files() if f.source == LOGIN.id)
    Path(two.path).write_bytes(Path(one.path).read_bytes()[:-9])  # an error, and the others go on
    [out, _] = (f for f in lake.files() if f.source == LOGOUT.id)
    Path(out.path).write_bytes(Path(one.path).read_bytes())
    assert keep(lake) == 2
    assert set(counted.read(lake.place, lake.files())) == {
        f.path
        for f in lake.files()
        if f.path not in (out.path, two.path) and "quar" not in f.source
    }
    assert "not 40" in caplog.text


def test_a_file_with_as_many_values_as_rows_is_scanned(lake: OrgLake) -> None:
    rows = [(*r[:3], f"person{n}@x", *r[4:]) for n, r in enumerate(sign_ins(DAY))]
    land(lake, [csv_bytes(rows, HEADER)], source=LOGIN)
    keep(lake)
    [counts] = counted.read(lake.place, lake.files()).values()
    assert counts.table is None
    assert keep(lake) == 0  # and is not counted again
    whole = Question(MIDNIGHT, MIDNIGHT + timedelta(days=1))
    with days_reader(lake.place.parent, lake.place.name, whole) as reader:
        assert sum(b.events for b in overview(reader, whole).bars) == ROWS - 3


@pytest.mark.anywhere
def test_counts_go_with_their_file(lake: OrgLake) -> None:
    land_days(lake, range(3))
    assert keep(lake, rows=1) == 1  # the latest day's first, one piece at a time
    assert keep(lake) == 5
    lake.place.write(f"{counted.FOLDER}/draft-of-a-killed-process", b"half")
    retention.remove(lake, 1, {LOGIN.id: DAY + timedelta(days=2)}, versioned=(), change=lambda x: x)
    lake.refresh()
    counted.forget(lake)
    assert len(list(lake.place.files(counted.FOLDER))) == 4
    assert keep(lake) == 0
    lake.place.remove_all()
    assert list(lake.place.files()) == []


def test_today_and_small_files_are_not_counted(lake: OrgLake) -> None:
    land_days(lake, range(1))
    assert counted.keep(lake, today=DAY, least=1) == 0
    assert counted.keep(lake, today=AFTER) == 0
