"""Marks are found where they name a test and a row, and refused elsewhere."""

from __future__ import annotations

import pytest

from scripts.marks import Misplaced, marks_in

SEED = ("seed", {"Z1", "L1", "C19"}, "the seeds")


def test_a_mark_that_names_no_row_is_refused() -> None:
    with pytest.raises(Misplaced, match="test_it names Z35"):
        list(marks_in('@pytest.mark.seed("Z1", "Z35")\ndef test_it(): ...\n', "t.py", *SEED))


def test_a_mark_that_names_no_test_is_refused() -> None:
    with pytest.raises(Misplaced, match="something else than a test"):
        list(marks_in('pytestmark = pytest.mark.seed("Z1")\n', "t.py", *SEED))
    with pytest.raises(Misplaced, match="is no test"):
        list(marks_in('@pytest.mark.seed("Z1")\ndef look(): ...\n', "t.py", *SEED))


def test_marks_are_found_on_tests_and_on_their_parameters() -> None:
    text = (
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.seed("C19"))])\n'
        '@pytest.mark.seed("Z1", "L1")\n'
        "async def test_it(x): ...\n"
    )
    [found] = marks_in(text, "tests/test_it.py", *SEED)
    assert (found.test, found.rows) == ("test_it", ("C19", "Z1", "L1"))
