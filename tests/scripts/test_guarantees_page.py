"""Something is promised of every source, and a test shows each promise."""

from __future__ import annotations

import ast
import re
from functools import cache

import pytest

from orgwarden.catalog.sources import MADE, SOURCES
from orgwarden.core.source import Source
from scripts import guarantees_page
from scripts.faults_page import ROOT, shown
from scripts.guarantees_page import PROMISES, promise_of

EVERY = (*SOURCES, *MADE)
page = cache(guarantees_page.page)


@pytest.mark.parametrize("source", EVERY, ids=lambda s: s.id)
def test_a_source_has_a_promise_and_a_line_of_its_own(source: Source) -> None:
    assert promise_of(source).promise
    lines = page().splitlines()
    assert len([line for line in lines if line.startswith(f"| `{source.id}` |")]) == 1


@pytest.mark.parametrize("name", sorted({s.kind.name for s in EVERY}))
def test_what_is_promised_of_a_kind_is_shown_by_tests(name: str) -> None:
    tested = {row for test in shown() for row in test.rows}
    assert PROMISES[name].rows
    assert set(PROMISES[name].rows) <= tested


def test_every_test_that_is_named_exists() -> None:
    named = re.findall(r"\[`(test_\w+)`\]\(\.\./([\w/.]+)\)", page())
    assert len(named) > 20
    defined: dict[str, set[str]] = {}
    for _, file in named:
        if file not in defined:
            tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
            functions = (ast.FunctionDef, ast.AsyncFunctionDef)
            defined[file] = {n.name for n in ast.walk(tree) if isinstance(n, functions)}
    assert [(test, file) for test, file in named if test not in defined[file]] == []


def test_what_is_not_promised_stands_before_what_is() -> None:
    text = page()
    assert text.index("**Not promised:**") < text.index("**Promised of all:**") < text.index("## ")
