"""What commands print: one JSON document, or tables for people."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, NoReturn

import typer

from orgwarden.core.plain import plain
from orgwarden.core.problems import NeedsPerson, OverBudget, Problem, TryLater
from orgwarden.core.spans import text_of

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document on standard output.")]
STOPPED = 75  # EX_TEMPFAIL: nothing is broken, come back later
USAGE = 2
LATER = frozenset({"OVER_BUDGET", "REQUEST_LIMIT_EXCEEDED", "LEASE_HELD", "LEASE_LOST"})


class Usage(NeedsPerson):
    """What was typed cannot be done: nothing was tried, exit code 2."""


def start(*, anew: bool = False) -> None:
    """Make Django ready. Imported here so that `version` and `--help` do not wait for it.

    Raises NeedsPerson where nobody ran `orgwarden init` yet, unless it is being run (`anew`).
    """
    from orgwarden.site import home

    if not anew:
        _refuse_uninitialised(home.database(), home.path(), home.web_secret())
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orgwarden.site.settings")
    gc.disable()  # the collector costs a third of the time to load, and finds nothing there
    import django

    django.setup()
    gc.freeze()
    gc.enable()


def _refuse_uninitialised(database: Mapping[str, Any], home: object, secret: str) -> None:
    file = database["ENGINE"].endswith("sqlite3") and database["NAME"]
    try:
        there = bool(secret) and (not file or os.stat(file).st_size > 0)
    except FileNotFoundError:
        there = False
    if not there:
        raise NeedsPerson(
            f"Orgwarden is not set up in {home}.",
            fix="Run orgwarden init, or set ORGWARDEN_HOME to where it is.",
            code="NOT_INITIALISED",
        )


def show(value: Any) -> None:
    """One JSON document and a newline."""
    json.dump(plain(value), sys.stdout, ensure_ascii=False, indent=2, allow_nan=False)
    sys.stdout.write("\n")


def table(title: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """A table on standard output; strings from Salesforce are shown as text, never as markup."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    named = Text(safe(title)) if title else None
    made = Table(title=named, title_justify="left", header_style="bold")
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
    return safe(str(value))


def safe(text: str) -> str:
    """Text that may be Salesforce's, without what a terminal would obey."""
    return "".join(c if c.isprintable() or c in "\n\t" else "?" for c in text)


def say(text: str) -> None:
    """A word for people, on standard error."""
    print(text, file=sys.stderr, flush=True)


def fail(problem: Problem) -> NoReturn:
    """One sentence with the fix, and the exit code that tells scripts what to do."""
    again = "" if problem.fix or not isinstance(problem, TryLater) else " Try again in a minute."
    say(f"orgwarden: {problem.sentence()}{again}")
    if isinstance(problem, Usage):
        sys.exit(USAGE)
    sys.exit(STOPPED if is_later(problem) else 1)


def is_later(problem: Problem) -> bool:
    """Whether nothing is broken: the budget or another worker stopped us."""
    return isinstance(problem, OverBudget) or problem.code in LATER
