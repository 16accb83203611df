"""Every row of the seeds that is built has a test that shows it, and the page says which."""

from __future__ import annotations

import pytest

from scripts import seed_coverage
from scripts.seed_coverage import LATER, Misplaced, all_rows, marks_in, sentences, shown


def span(letter: str, first: int, last: int) -> set[str]:
    return {f"{letter}{n}" for n in range(first, last + 1)}


# Issue 3 names these; each has a test or the build fails.
BUILT = (
    span("Z", 1, 34)
    | span("L", 1, 20)
    | span("M", 1, 14)
    | span("D", 1, 13)
    | span("D", 15, 17)
    | {"C1"}
    | span("C", 5, 27)
)


def test_the_seeds_have_124_rows_and_each_has_a_sentence() -> None:
    assert len(all_rows()) == 124
    assert list(sentences()) == all_rows()


def test_every_row_that_is_built_has_a_test() -> None:
    held = {row for test in shown() for row in test.rows}
    assert sorted(BUILT - held, key=all_rows().index) == []


def test_a_row_without_a_test_is_one_of_later_work_and_says_where() -> None:
    held = {row for test in shown() for row in test.rows}
    for row, sentence in sentences().items():
        if sentence.startswith(LATER):
            assert row not in BUILT | held
            assert sentence.startswith(f"{LATER}: ")
        else:
            assert row in held, f"{row} is said to be met, and no test shows it"


def test_a_mark_that_names_no_row_is_refused() -> None:
    with pytest.raises(Misplaced, match="test_it names Z35"):
        list(marks_in('@pytest.mark.seed("Z1", "Z35")\ndef test_it(): ...\n', "t.py"))


def test_a_mark_that_names_no_test_is_refused() -> None:
    with pytest.raises(Misplaced, match="something else than a test"):
        list(marks_in('pytestmark = pytest.mark.seed("Z1")\n', "t.py"))
    with pytest.raises(Misplaced, match="is no test"):
        list(marks_in('@pytest.mark.seed("Z1")\ndef look(): ...\n', "t.py"))


def test_marks_are_found_on_tests_and_on_their_parameters() -> None:
    text = (
        '@pytest.mark.parametrize("x", [pytest.param(1, marks=pytest.mark.seed("C19"))])\n'
        '@pytest.mark.seed("Z1", "L1")\n'
        "async def test_it(x): ...\n"
    )
    [found] = marks_in(text, "tests/test_it.py")
    assert (found.test, found.rows) == ("test_it", ("C19", "Z1", "L1"))


def test_the_page_has_one_line_a_row_with_the_id_alone_in_its_first_cell() -> None:
    lines = seed_coverage.page().splitlines()
    cells = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    rows = [cell for cell in cells if cell not in ("row", "---")]
    assert rows == all_rows()
