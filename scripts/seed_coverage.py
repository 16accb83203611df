"""`docs/seed-coverage.md`: every row of the seeds, how it is met, and the tests that show it.

The sentences are written by hand in `docs/seed-rows.toml`. The tests are found by reading their
files: `@pytest.mark.seed("Z6", "Z7")` on a test says that it shows these rows.
"""

from __future__ import annotations

import tomllib
from pathlib import Path

from scripts import marks
from scripts.marks import ROOT, Misplaced, Shown

ROWS = ROOT / "docs/seed-rows.toml"
LAST = {"Z": 34, "L": 20, "M": 25, "D": 18, "C": 27}  # the seeds' sections and their last rows
LATER = "not yet"  # how the sentence of a row of later work begins
HEAD = """\
# What the seeds ask for, and where it is

Written by `make docs` from `docs/seed-rows.toml` and the marks on the tests; do not edit.

The seeds are five published pages on connecting Salesforce to a security product. Each behaviour
they describe is a row. A row of later work says `not yet` and where.
"""
TABLE = ("| row | how it is met | shown by |", "|---|---|---|")


def all_rows() -> list[str]:
    """`Z1` to `C27`."""
    return [f"{letter}{n}" for letter, last in LAST.items() for n in range(1, last + 1)]


def sentences() -> dict[str, str]:
    """Row to sentence, in the seeds' order."""
    held = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    found = {row: str(held[row[0]].get(row, "")) for row in all_rows()}
    unknown = {row for section in held.values() for row in section} - {"title"} - found.keys()
    if unknown or not all(found.values()) or "|" in "".join(found.values()):
        missing = [row for row, sentence in found.items() if not sentence]
        raise Misplaced(
            f"{ROWS.name}: unknown {sorted(unknown)}, without a sentence {missing}; no | is allowed"
        )
    return found


def shown(tests: Path = ROOT / "tests") -> list[Shown]:
    """Every test that carries the mark."""
    return marks.shown("seed", set(all_rows()), "the seeds", tests)


def page() -> str:
    """The page as Markdown."""
    titles = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    held = marks.by_row(shown())
    lines = [*HEAD.splitlines(), ""]
    lines += [f"- {letter}: {section['title']}" for letter, section in titles.items()]
    lines += ["", *TABLE]
    for row, sentence in sentences().items():
        tests = marks.links(held.get(row, []))
        lines.append(f"| {row} | {sentence} | {tests} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"
