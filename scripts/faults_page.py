"""`docs/faults.md`: every fault of collecting, what is done about it, and the tests that show it.

The sentences are written by hand in `docs/fault-rows.toml`. The tests are found by reading their
files: `@pytest.mark.fault("A1", "A2")` on a test says that it shows these rows.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from typing import Any

from scripts import marks
from scripts.marks import ROOT, Misplaced, Shown

ROWS = ROOT / "docs/fault-rows.toml"
LAST = {"A": 14, "B": 7, "C": 12, "D": 18, "E": 13, "F": 13}  # the sections and their last rows
MOST_LATER = 5
NOT_YET = "not applicable yet"
HEAD = """\
# Faults, and what is done about them

Written by `make docs` from `docs/fault-rows.toml` and the marks on the tests; do not edit.

Each row is something that went wrong with a collector of Salesforce's logs somewhere. It is made to
happen in a test, by the emulated org or by what the test does to the host. A row that cannot happen
yet says so; there are at most five of those.
"""
TABLE = (
    "| row | what happens | what Orgwarden does | made by | shown by |",
    "|---|---|---|---|---|",
)


@dataclass(frozen=True)
class Row:
    """A fault: what is seen, what is done about it, how it is made; `later` says why not yet."""

    id: str
    happens: str
    answer: str
    made: str
    later: str = ""


def all_rows() -> list[str]:
    """`A1` to `F13`."""
    return [f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)]


def held() -> dict[str, Any]:
    return tomllib.loads(ROWS.read_text(encoding="utf-8"))


def rows() -> list[Row]:
    """The rows in their order. Raises Misplaced when one is missing or has no words."""
    given = held()
    later = given.pop("later")
    found = {row: given[row[0]].get(row, []) for row in all_rows()}
    unknown = {row for section in given.values() for row in section} - {"title"} - found.keys()
    unknown |= later.keys() - found.keys()
    wordless = [row for row, words in found.items() if len(words) != 3 or not all(words)]
    if unknown or wordless or "|" in str(given):
        raise Misplaced(
            f"{ROWS.name}: unknown {sorted(unknown)}, without words {wordless}; no | is allowed"
        )
    return [
        Row(row, happens, answer, made, later.get(row, ""))
        for row, (happens, answer, made) in found.items()
    ]


def shown() -> list[Shown]:
    """Every test that carries the mark."""
    return marks.shown("fault", set(all_rows()), "the faults")


def without_a_test() -> list[str]:
    """The rows that no test shows and that are not put off."""
    tested = {row for test in shown() for row in test.rows}
    return [row.id for row in rows() if not row.later and row.id not in tested]


def page() -> str:
    """The page as Markdown."""
    titles = {letter: given["title"] for letter, given in held().items() if letter != "later"}
    tests = marks.by_row(shown())
    lines = HEAD.splitlines()
    section = ""
    for row in rows():
        if row.id[0] != section:
            section = row.id[0]
            lines += ["", f"## {section}. {titles[section]}", "", *TABLE]
        told = f"{NOT_YET}: {row.later}" if row.later else marks.links(tests.get(row.id, []))
        cells = (row.id, row.happens, row.answer, row.made, told)
        lines.append(f"| {' | '.join(cells)} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"
