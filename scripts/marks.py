"""Which tests carry a mark such as `@pytest.mark.seed("Z6")`, found by reading their files."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


class Misplaced(ValueError):
    """A mark that names no row, or stands where no test would be named by it."""


@dataclass(frozen=True)
class Shown:
    """A test that shows rows."""

    test: str
    file: str  # from the root of the checkout
    rows: tuple[str, ...]


def is_mark(node: ast.AST, mark: str) -> bool:
    """`pytest.mark.seed(…)`, for the mark `seed`."""
    return isinstance(node, ast.Call) and ast.unparse(node.func) in (
        f"pytest.mark.{mark}",
        f"mark.{mark}",
    )


def marks_in(text: str, file: str, mark: str, known: set[str], of: str) -> Iterator[Shown]:
    """The tests of one file that carry the mark, in the file's order; `of` says what has rows."""
    tree = ast.parse(text, file)
    placed: set[ast.AST] = set()
    for node in ast.walk(tree):
        if not isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            continue
        rows: list[str] = []
        for decorator in node.decorator_list:
            for found in ast.walk(decorator):
                if is_mark(found, mark):
                    assert isinstance(found, ast.Call)
                    placed.add(found)
                    rows += [str(ast.literal_eval(argument)) for argument in found.args]
        if unknown := [row for row in rows if row not in known]:
            raise Misplaced(f"{file}: {node.name} names {', '.join(unknown)}, no row of {of}")
        if rows and not node.name.startswith("test_"):
            raise Misplaced(f"{file}: {node.name} is no test")
        if rows:
            yield Shown(node.name, file, tuple(dict.fromkeys(rows)))
    for node in ast.walk(tree):
        if is_mark(node, mark) and node not in placed:
            raise Misplaced(f"{file}: a {mark} mark stands on something else than a test")


def shown(mark: str, known: set[str], of: str, tests: Path = ROOT / "tests") -> list[Shown]:
    """Every test that carries the mark."""
    found: list[Shown] = []
    for path in sorted(tests.rglob("test_*.py")):
        text = path.read_text(encoding="utf-8")
        if f"mark.{mark}" in text:
            found += marks_in(text, path.relative_to(tests.parent).as_posix(), mark, known, of)
    return found


def by_row(tests: list[Shown]) -> dict[str, list[Shown]]:
    """The tests of each row that has one."""
    held: dict[str, list[Shown]] = {}
    for test in tests:
        for row in test.rows:
            held.setdefault(row, []).append(test)
    return held


def links(tests: list[Shown]) -> str:
    """Tests as a cell of a page in docs/."""
    return ", ".join(f"[`{t.test}`](../{t.file})" for t in tests)
