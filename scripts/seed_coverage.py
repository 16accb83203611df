"""`docs/seed-coverage.md`: every row of the seeds, how it is met, and the tests that show it.

The sentences are written by hand in `docs/seed-rows.toml`. The tests are found by reading their
files: `@pytest.mark.seed("Z6", "Z7")` on a test says that it shows these rows.
"""

from __future__ import annotations

import ast
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
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


class Misplaced(ValueError):
    """A mark that names no row, or stands where no test would be named by it."""


@dataclass(frozen=True)
class Shown:
    """A test that shows rows of the seeds."""

    test: str
    file: str  # from the root of the checkout
    rows: tuple[str, ...]


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


def is_mark(node: ast.AST) -> bool:
    """`pytest.mark.seed(…)`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) in (
        "pytest.mark.seed",
        "mark.seed",
    )


def marks_in(text: str, file: str) -> Iterator[Shown]:
    """The tests of one file that carry the mark, in the file's order."""
    known = set(all_rows())
    tree = ast.parse(text, file)
    placed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        rows: list[str] = []
        for decorator in node.decorator_list:
            for mark in ast.walk(decorator):
                if is_mark(mark):
                    assert isinstance(mark, ast.Call)
                    placed.add(mark)
                    rows += [str(ast.literal_eval(argument)) for argument in mark.args]
        if unknown := [row for row in rows if row not in known]:
            raise Misplaced(f"{file}: {node.name} names {', '.join(unknown)}, no row of the seeds")
        if rows and not node.name.startswith("test_"):
            raise Misplaced(f"{file}: {node.name} is no test")
        if rows:
            yield Shown(node.name, file, tuple(dict.fromkeys(rows)))
    for node in ast.walk(tree):
        if is_mark(node) and node not in placed:
            raise Misplaced(f"{file}: a seed mark stands on something else than a test")


def shown(tests: Path = ROOT / "tests") -> list[Shown]:
    """Every test that carries the mark."""
    found: list[Shown] = []
    for path in sorted(tests.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if "mark.seed" in text:
            found += marks_in(text, path.relative_to(tests.parent).as_posix())
    return found


def page() -> str:
    """The page as Markdown."""
    titles = tomllib.loads(ROWS.read_text(encoding="utf-8"))
    by_row: dict[str, list[Shown]] = {}
    for test in shown():
        for row in test.rows:
            by_row.setdefault(row, []).append(test)
    lines = [*HEAD.splitlines(), ""]
    lines += [f"- {letter}: {section['title']}" for letter, section in titles.items()]
    lines += ["", *TABLE]
    for row, sentence in sentences().items():
        tests = ", ".join(f"[`{t.test}`](../{t.file})" for t in by_row.get(row, ()))
        lines.append(f"| {row} | {sentence} | {tests} |".replace("|  |", "| |"))
    return "\n".join(lines) + "\n"
