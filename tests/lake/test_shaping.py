"""Where the sessions of landings and upkeep put what memory does not hold."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest

from orgwarden.lake.place import Folder
from orgwarden.lake.shaping import has_spilled, may_spill, own_session, session

MANY = "CREATE OR REPLACE TEMP TABLE many AS SELECT md5(n::VARCHAR) FROM range(1_000_000) AS r(n)"


def test_a_session_writes_no_file_unless_it_is_allowed_a_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with session(memory="24MB") as connection, pytest.raises(duckdb.OutOfMemoryException):
        connection.execute(MANY)
    assert not list(tmp_path.iterdir())


def test_what_is_spilled_lies_with_the_org_and_goes_with_the_session(tmp_path: Path) -> None:
    one, other = Folder(tmp_path / "one"), Folder(tmp_path / "other")
    with session(memory="24MB") as connection:
        may_spill(connection, one)
        assert not has_spilled(connection)
        may_spill(connection, other)
        connection.execute(MANY)
        assert list(one.files()) == []
        assert list(other.files()) != []
        assert has_spilled(connection)
    assert list(other.files()) == []


def test_a_thread_s_connection_that_spilled_for_one_org_is_not_lent_to_another(
    tmp_path: Path,
) -> None:
    connection = own_session()
    assert own_session() is connection
    connection.execute("SET memory_limit = '24MB'")
    may_spill(connection, Folder(tmp_path / "one"))
    connection.execute(MANY)
    assert own_session() is not connection
