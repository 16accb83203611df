"""Every row of the faults has a test that shows it, or is one of few that cannot happen yet."""

from __future__ import annotations

from scripts import faults_page
from scripts.faults_page import MOST_LATER, all_rows, rows, shown, without_a_test


def test_the_faults_have_77_rows_and_each_has_its_words() -> None:
    assert len(all_rows()) == 77
    assert [row.id for row in rows()] == all_rows()


OPEN = {"D18", "F6"}  # no test carries these yet; this set only shrinks


def test_every_row_has_a_test_but_those_that_are_named_open() -> None:
    assert set(without_a_test()) <= OPEN


def test_few_rows_cannot_happen_yet_and_each_says_why() -> None:
    later = {row.id for row in rows() if row.later}
    assert len(later) <= MOST_LATER
    assert later.isdisjoint(row for test in shown() for row in test.rows)


def test_the_page_has_one_line_a_row_with_the_id_alone_in_its_first_cell() -> None:
    lines = faults_page.page().splitlines()
    cells = [line.split("|")[1].strip() for line in lines if line.startswith("|")]
    assert [cell for cell in cells if cell not in ("row", "---")] == all_rows()
