"""Layouts: a header's order and spelling survive, and no two columns meet in one."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from orgwarden.lake.layouts import Layout, columns_of, load_all, stored_name

NAMES = st.lists(st.text("Aa_2.é ", max_size=5), max_size=8)


@given(NAMES)
def test_every_column_of_a_header_has_a_place_of_its_own(header: list[str]) -> None:
    stored = Layout("s", "S", tuple(header)).stored
    assert len(set(stored)) == len(header)
    assert all(s == s.lower() and s.startswith("sf_") for s in stored)


@given(st.lists(NAMES, max_size=3))
def test_every_stored_column_is_shown_once_under_a_name_sql_can_tell_apart(
    headers: list[list[str]],
) -> None:
    layouts = [Layout("s", "S", tuple(h)) for h in headers]
    columns = columns_of(layouts)
    assert sorted(columns.values()) == sorted({s for x in layouts for s in x.stored})
    assert all(columns)
    assert len({c.lower() for c in columns}) == len(columns)


def test_names_of_sql_s_own_columns_are_told_apart() -> None:
    shown = columns_of([Layout("s", "S", ("N_TIME", "row_sha256", "TIME"))])
    assert list(shown) == ["N_TIME__2", "row_sha256__2", "TIME"]


def test_a_layout_is_named_by_its_content_and_read_back(tmp_path: Path) -> None:
    one = Layout("event_log_api", "API", ("B", "a", "é"))
    two = Layout("event_log_api", "API", ("a", "B", "é"))
    for layout in (one, two, one):
        layout.save(tmp_path)
    assert one.id != two.id
    assert set(load_all(tmp_path)["event_log_api"]) == {one, two}
    assert load_all(tmp_path / "nothing") == {}


def test_a_stored_name_is_one_that_delta_takes() -> None:
    assert stored_name("LoginGeo.City") == "sf_logingeo_city"
    assert stored_name("A;B{C}=\n\t,D") == "sf_a_b_c_____d"


def test_threads_that_save_one_layout_at_once_do_not_meet(tmp_path: Path) -> None:
    layout, together = Layout("one", "One", ("Id",)), threading.Barrier(8)

    def save(number: int) -> None:
        together.wait()
        for n in range(40):
            layout.save(tmp_path / str(n))

    for n in range(40):
        (tmp_path / str(n)).mkdir()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(save, range(8)))
    assert all(load_all(tmp_path / str(n)) == {"one": [layout]} for n in range(40))
