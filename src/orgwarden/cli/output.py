"""What commands print: one JSON document, or tables for people."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Annotated, Any, NoReturn

import typer

from orgwarden.core.problems import OverBudget, Problem
from orgwarden.core.spans import text_of

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
STOPPED = 75  # EX_TEMPFAIL: nothing is broken, come back later


def start() -> None:
    """Make Django ready. Imported here so that `version` and `--help` do not wait for it."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orgwarden.site.settings")
    import django

    django.setup()


def show(value: Any) -> None:
    """One JSON document and a newline."""
    json.dump(value, sys.stdout, default=_plain, ensure_ascii=False, indent=2)
    sys.stdout.write("\n")


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return text_of(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, bytes):
        return value.hex()
    return str(value)


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on standard output; strings from Salesforce are shown as text, never as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    made = Table(title=title or None, title_justify="left", header_style="bold")
    for column in columns:
        made.add_column(column, overflow="fold")
    for row in rows:
        made.add_row(*(Text(_words(v)) for v in row))
    Console().print(made)


def _words(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return text_of(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value)
    return "".join(
        c if c.isprintable() or c in "\n\t" else "?" for c in text
    )


def say(text: str) -> None:
    """A word for people, on standard error."""
    print(text, file=sys.stderr, flush=True)


def fail(problem: Problem) -> NoReturn:
    """One sentence with the fix, and the exit code that tells scripts what to do."""
    say(f"orgwarden: {problem.sentence()}")
    later = isinstance(problem, OverBudget) or problem.code == "LEASE_HELD"
    sys.exit(STOPPED if later else 1)
