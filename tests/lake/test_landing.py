"""What an event is: however rows are cut into files, re-sent and ordered, each is stored once."""

from __future__ import annotations

import csv
import hashlib
import io
import itertools
import tempfile
import uuid
from collections import Counter
from collections.abc import Sequence
from datetime import date
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from orgwarden.catalog.sources import event_log_file, login_history
from orgwarden.core.problems import Problem
from orgwarden.lake import proof, wire
from orgwarden.lake.landing import Counts
from orgwarden.lake.layouts import Layout
from orgwarden.lake.table import OrgLake
from orgwarden.lake.together import SmallFile, land_together
from tests.lake.ground import (
    DAY,
    commit,
    csv_bytes,
    land,
    landing,
    new_lake,
    query,
    row,
)

Rows = list[tuple[str, ...]]
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "elf"
REFERENCE = settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def land_small(lake: OrgLake, bodies: Sequence[bytes]) -> list[Counts]:
    """The same as `land`, by the way that shapes all files as one table."""
    lake.refresh()
    made = landing(lake)
    files = []
    for n, body in enumerate(bodies):
        path = lake.folder.parent / f"{uuid.uuid4().hex}.csv"
        path.write_bytes(body)
        files.append(SmallFile(path, f"0AT{n:015}", DAY))
    counts = land_together(made, "API", files)
    commit(lake, made, 1)
    return counts


def multiset(files: Sequence[Rows]) -> Counter[tuple[str, ...]]:
    """The largest multiplicity any single file shows, per row."""
    most: Counter[tuple[str, ...]] = Counter()
    for file in files:
        most |= Counter(file)
    return most


def stored(lake: OrgLake) -> Counter[tuple[object, ...]]:
    return Counter(query(lake, 'SELECT "EVENT_TYPE", "TIMESTAMP", "REQUEST_ID" FROM event_log_api'))


@st.composite
def days(draw: st.DrawFn) -> tuple[list[Rows], list[int], bool]:
    """Hourly files, perhaps a daily superset, perhaps re-issued with overlap; the commits they are
    grouped into; and which of the two ways lands them."""
    pool = [row(n) for n in range(6)]
    hourly = draw(st.lists(st.lists(st.sampled_from(pool), max_size=8), min_size=1, max_size=5))
    files = [*hourly]
    whole = [r for file in hourly for r in file]
    if draw(st.booleans()):
        files.append(whole + draw(st.lists(st.sampled_from(pool), max_size=3)))
    share = draw(st.sampled_from((0, 50, 100)))
    again = whole[: len(whole) * share // 100] + [row(30 + n) for n in range(share // 50)]
    if draw(st.booleans()):
        files.append(again)
    files = draw(st.permutations(files))
    cuts = draw(st.lists(st.integers(0, len(files)), max_size=3))
    return files, sorted({0, *cuts, len(files)}), draw(st.booleans())


@pytest.mark.fault("D5")
@given(days())
@REFERENCE
def test_a_day_in_any_cut_order_and_grouping_is_stored_with_its_largest_multiplicity(
    world: tuple[list[Rows], list[int], bool],
) -> None:
    files, cuts, together = world
    with tempfile.TemporaryDirectory() as folder:
        lake = new_lake(Path(folder))
        total = Counts()
        for a, b in itertools.pairwise(cuts):
            bodies = [csv_bytes(f) for f in files[a:b]]
            for counts in land_small(lake, bodies) if together else land(lake, bodies):
                total += counts
        expected = multiset(files)
        if expected:
            assert stored(lake) == expected
        assert total.read == sum(len(f) for f in files)
        assert total.read == total.stored + total.duplicate + total.quarantined
        assert total.stored == expected.total() == lake.ledger().of("event_log_api").stored
        assert proof.verify(lake).wrong == ()


@given(days())
@REFERENCE
def test_landing_together_is_landing_one_after_another(
    world: tuple[list[Rows], list[int], bool],
) -> None:
    files = [*world[0], [row(50)]]
    bodies = [csv_bytes(f) + b'"API","torn"\n' for f in files]
    with tempfile.TemporaryDirectory() as folder:
        lake = new_lake(Path(folder))
        found = []
        for way in (land, land_small):
            other = OrgLake.open_or_create(Path(folder) / way.__name__.replace("_", ""))
            other.take(1)
            counts = way(other, bodies)
            sql = """SELECT "REQUEST_ID", n_event_uid LIKE '%-%', log_file_id, row_sha256
                     FROM event_log_api ORDER BY ALL"""
            found.append((counts[-1].read, Counter(query(other, sql))))
            kept = query(other, "SELECT count(*) FROM quarantine")
            assert kept == [(1,)]
        assert found[0][1] == found[1][1]
        assert lake.epoch == 1


@pytest.mark.anywhere
def test_rows_stored_keep_their_identity_and_arrival_when_sent_again(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(1), row(1), row(2)])])
    sql = "SELECT event_uid, arrived_seq, log_file_id FROM event_log_api ORDER BY 1"
    before = query(lake, sql)
    land(lake, [csv_bytes([row(3), row(2), row(1), row(1), row(1)])])
    after = query(lake, sql)
    assert set(before) <= set(after)
    assert len(after) == 5
    assert {seq for _, seq, _ in set(after) - set(before)} == {2}


@pytest.mark.fault("D17")
@pytest.mark.parametrize("together", [False, True])
def test_ragged_rows_are_kept_once_with_their_raw_text(lake: OrgLake, together: bool) -> None:
    ragged = b'"API","short"\n"API","20260318120000.000","x","one, too ""many"""\n"API","short"\n'
    ways = land_small if together else land
    for _ in range(2):
        counts = ways(lake, [csv_bytes([row(1)]) + ragged, csv_bytes([row(1), row(2)]) + ragged])
    assert lake.ledger().of("event_log_api").quarantined == 3
    assert sum(c.read for c in counts) == 3 + 6 or together
    raw = query(lake, 'SELECT "Raw", "Source", "Reason" FROM quarantine ORDER BY 1')
    assert [r for r, _, _ in raw] == [
        '"API","20260318120000.000","x","one, too ""many"""', '"API","short"', '"API","short"'
    ]  # fmt: skip
    assert {s for _, s, _ in raw} == {"event_log_api"}
    assert all(reason for _, _, reason in raw)
    assert stored(lake).total() == 2
    assert proof.verify(lake).wrong == ()


def test_the_same_bad_row_on_another_day_is_another_row(lake: OrgLake) -> None:
    body = csv_bytes([row(1)]) + b'"API","short"\n'
    for day in (DAY, date(2026, 3, 19)):
        land(lake, [body], day=day)
    assert query(lake, "SELECT count(*) FROM quarantine") == [(2,)]
    assert proof.verify(lake).wrong == ()


def test_ordinals_count_across_the_edges_of_batches(lake: OrgLake) -> None:
    """Equal rows far apart: the file is read in blocks of a few hundred bytes."""
    rows = [row(n % 7) if n % 3 else (*row(0)[:2], f"filler {n}") for n in range(600)]
    land(lake, [csv_bytes(rows)], block=512)
    assert stored(lake) == Counter(rows)
    land(lake, [csv_bytes(rows[::-1])], block=700)
    assert stored(lake) == Counter(rows)
    assert query(lake, "SELECT count(DISTINCT event_uid) FROM event_log_api") == [(600,)]


def test_rows_without_a_readable_time_lie_under_the_file_s_day(lake: OrgLake) -> None:
    rows: Rows = [("API", "when?", "R1"), ("API", "", "R2"), row(3, day=date(2026, 3, 1))]
    for _ in range(2):
        land(lake, [csv_bytes(rows)])
    assert sorted(str(f.date) for f in lake.files("event_log_api")) == ["2026-03-01", "2026-03-18"]
    assert stored(lake).total() == 3
    assert query(lake, "SELECT count(*) FROM event_log_api WHERE n_time IS NULL") == [(2,)]


ODD = {
    "empty": b"",
    "only a newline": b"\n",
    "header only": csv_bytes([]),
    "header without a newline": csv_bytes([]).rstrip(b"\n"),
}


@pytest.mark.parametrize("name", ODD)
@pytest.mark.parametrize("together", [False, True])
def test_a_file_without_rows_stores_nothing(lake: OrgLake, name: str, together: bool) -> None:
    (counts,) = land_small(lake, [ODD[name]]) if together else land(lake, [ODD[name]])
    assert (counts.read, counts.stored) == (0, 0)
    assert lake.files() == []


NASTY = st.text(
    st.one_of(
        st.sampled_from("a\"',;\n\r\t\x00\x1f\ufeff\u2028\u00e9\U0001f600 "),
        st.characters(codec="utf-8"),
    ),
    max_size=12,
)


@pytest.mark.fault("D12", "D14")
@given(st.lists(st.tuples(NASTY, NASTY, NASTY), min_size=1, max_size=6))
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_every_text_comes_back_unchanged_and_empty_is_null(rows: Rows) -> None:
    with tempfile.TemporaryDirectory() as folder:
        lake = new_lake(Path(folder))
        (counts,) = land(lake, [csv_bytes(rows)])
        assert counts.quarantined == 0
        assert stored(lake) == Counter(tuple(v or None for v in r) for r in rows)


def test_a_field_of_a_mebibyte_and_line_ends_of_windows_are_read(lake: OrgLake) -> None:
    long = "x" * (1 << 20)
    body = csv_bytes([("API", "20260318120000.000", long), row(2)]).replace(b"\n", b"\r\n")
    land(lake, [body])
    assert stored(lake) == Counter([("API", "20260318120000.000", long), row(2)])


def test_a_byte_order_mark_is_no_part_of_the_first_column(lake: OrgLake) -> None:
    land(lake, [b"\xef\xbb\xbf" + csv_bytes([row(1)])])
    assert stored(lake) == Counter([row(1)])


def test_columns_of_one_name_or_nearly_one_are_all_kept(lake: OrgLake) -> None:
    header = (
        "EVENT_TYPE",
        "Foo",
        "FOO",
        "foo",
        "Foo",
        "foo__2",
        "with space",
        "",
        "time",
        "N_TIME",
        "\u00e9",
    )
    values = ("API", "1", "2", "3", "4", "5", "6", "7", "8", "9", "x")
    land(lake, [csv_bytes([values], header)])
    land(lake, [csv_bytes([("API", "10", "11")], ("EVENT_TYPE", "fOO", "Foo"))])
    plain = pa.concat_tables(
        [pa.parquet.read_table(f.path, partitioning=None) for f in lake.files()],
        promote_options="permissive",
    )
    found = {v for c in plain.column_names if c.startswith("sf_") for v in plain[c].to_pylist()}
    assert found >= {*values, "10", "11"}
    shown = {str(v) for r in query(lake, "SELECT * FROM event_log_api") for v in r}
    assert shown >= {*values, "10", "11"}


def test_a_file_that_is_not_utf_8_is_named_and_its_spelled_copy_lands(lake: OrgLake) -> None:
    path = lake.folder.parent / "cp1252.csv"
    path.write_bytes(csv_bytes([row(1)]).replace(b"R1", b"caf\xe9"))
    made = landing(lake)
    with pytest.raises(wire.NotUtf8):
        made.land_csv(path, "API", day=DAY)
    made.abandon()
    assert not list(lake.folder.glob("source=*/date=*/*.parquet"))
    wire.to_utf8(path, path.with_suffix(".utf8"))
    land(lake, [path.with_suffix(".utf8").read_bytes()])
    assert query(lake, 'SELECT "REQUEST_ID" FROM event_log_api') == [("caf\\xe9",)]


def test_rows_with_an_id_are_stored_once_however_often_a_page_repeats_them(lake: OrgLake) -> None:
    source = login_history.SOURCE
    layout = Layout(source.id, "LoginHistory", ("Id", "LoginTime"))
    for _ in range(2):
        made = landing(lake, source)
        table = pa.table(
            {"sf_id": ["a", "b", "a"], "sf_logintime": ["2026-03-18T12:00:00.000+0000"] * 3}
        )
        made.land_rows(table, layout, day=DAY, key=source.key, collected=False)
        made.land_rows(table, layout, day=DAY, key=source.key, collected=False)
        commit(lake, made, 1, source)
    assert query(lake, 'SELECT "Id" FROM login_history ORDER BY 1') == [("a",), ("b",)]
    assert lake.ledger().of(source.id).duplicate == 10


SIGN_INS = Layout(login_history.SOURCE.id, "LoginHistory", ("Id", "LoginTime"))


def sign_ins(*ids: str) -> pa.Table:
    return pa.table({"sf_id": ids, "sf_logintime": ["2026-03-18T12:00:00.000+0000"] * len(ids)})


@pytest.mark.anywhere
def test_a_successor_knows_the_rows_before_it_and_is_the_next_commit(lake: OrgLake) -> None:
    source = login_history.SOURCE
    first = landing(lake, source)
    first.land_rows(sign_ins("a", "b"), SIGN_INS, day=DAY, key=source.key, collected=False)
    second = first.successor()
    second.land_rows(sign_ins("b", "c"), SIGN_INS, day=DAY, key=source.key, collected=False)
    third = second.successor()
    commit(lake, first, 1, source)
    third.land_rows(sign_ins("a", "c", "d"), SIGN_INS, day=DAY, key=source.key, collected=False)
    commit(lake, second, 1, source)
    commit(lake, third, 1, source)
    stored = query(lake, 'SELECT "Id", arrived_seq FROM login_history ORDER BY 1')
    start = first.seq
    assert stored == [("a", start), ("b", start), ("c", start + 1), ("d", start + 2)]
    assert lake.ledger().of(source.id).duplicate == 3


def data_files(lake: OrgLake) -> list[str]:
    return [f.path for f in lake.place.files() if f.path.endswith(".parquet")]


@pytest.mark.anywhere
def test_giving_up_a_chain_of_landings_leaves_no_file(lake: OrgLake) -> None:
    source = login_history.SOURCE
    first = landing(lake, source)
    first.land_rows(sign_ins("a"), SIGN_INS, day=DAY, key=source.key, collected=False)
    second = first.successor()
    second.land_rows(sign_ins("b"), SIGN_INS, day=DAY, key=source.key, collected=False)
    second.abandon()
    first.abandon()
    assert not data_files(lake)


def test_a_column_is_a_dictionary_in_the_file_when_its_values_repeat(lake: OrgLake) -> None:
    land(lake, [csv_bytes([row(n) for n in range(1000)])])
    [file] = lake.files("event_log_api")
    group = pq.ParquetFile(file.path).metadata.row_group(0)
    told = {group.column(n).path_in_schema: group.column(n) for n in range(group.num_columns)}
    assert "RLE_DICTIONARY" in told["sf_timestamp"].encodings  # sixty of a thousand
    assert "RLE_DICTIONARY" not in told["sf_request_id"].encodings


def test_rows_of_several_days_in_any_order_lie_under_their_days(lake: OrgLake) -> None:
    other = date(2026, 3, 19)
    mixed = [row(1), row(2, day=other), row(3), row(4, day=other)]
    ordered = [row(5), row(6), row(7, day=other), row(8, day=other)]
    land(lake, [csv_bytes(mixed), csv_bytes(ordered)])
    assert sorted((f.date, f.rows) for f in lake.files("event_log_api")) == [(DAY, 4), (other, 4)]
    asked = """SELECT "REQUEST_ID" FROM event_log_api WHERE time >= '2026-03-19' ORDER BY 1"""
    assert query(lake, asked) == [("R2",), ("R4",), ("R7",), ("R8",)]


@pytest.mark.anywhere
def test_giving_up_leaves_no_file(lake: OrgLake, tmp_path: Path) -> None:
    made = landing(lake)
    path = tmp_path / "x.csv"
    path.write_bytes(csv_bytes([row(1)]))
    made.land_csv(path, "API", day=DAY)
    made.abandon()
    assert not data_files(lake)
    path.write_bytes(b'"A","B"\n"1",\x00"2\n')
    made = landing(lake)
    try:
        made.land_csv(path, "API", day=DAY)
    except Problem:
        pass
    made.abandon()


def samples() -> list[Path]:
    return sorted(FIXTURES.glob("*.csv"))


@pytest.mark.skipif(not samples(), reason="the samples of real orgs are not beside this checkout")
@pytest.mark.parametrize("sample", samples(), ids=lambda p: p.stem)
def test_a_sample_of_a_real_org_lands_with_every_value_unchanged(
    lake: OrgLake, sample: Path
) -> None:
    body = sample.read_bytes()
    header, *lines = csv.reader(io.StringIO(body.decode("utf-8-sig"), newline=""))
    kind = event_log_file.of_type(dict(zip(header, lines[0], strict=True))["EVENT_TYPE"]
                                  if "EVENT_TYPE" in header else sample.stem)  # fmt: skip
    whole = [line for line in lines if len(line) == len(header)]
    (counts,) = land(lake, [body], source=kind)
    view = kind.id
    names = ", ".join('"' + h.replace('"', '""') + '"' for h in header)
    if len({h.lower() for h in header}) == len(header):
        landed = Counter(query(lake, f"SELECT {names} FROM {view}"))
        assert landed == Counter(tuple(v or None for v in line) for line in whole)
    hashes = Counter(hashlib.sha256("\x1f".join(line).encode()).hexdigest() for line in whole)
    assert Counter(h for (h,) in query(lake, f"SELECT row_sha256 FROM {view}")) == hashes
    assert counts.quarantined == len([x for x in lines if x]) - len(whole)
    (again,) = land(lake, [body], source=kind)
    assert again.stored == again.quarantined == 0
    assert again.duplicate == counts.read
