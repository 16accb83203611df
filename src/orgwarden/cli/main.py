"""`orgwarden`: the commands, and how every one of them ends.

Results go to standard output, progress and words to standard error. Problems are one sentence with
the fix. Exit codes: 0 done, 75 stopped by the budget or by another worker, 2 usage, 1 the rest.
"""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orgwarden import __version__
from orgwarden.cli import events, installation, lake, orgs, serving, work
from orgwarden.cli.output import fail, show
from orgwarden.core.problems import Problem

app = typer.Typer(
    help="Orgwarden: the self-hosted security console for Salesforce.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
)
app.command()(installation.init)
app.command()(serving.serve)
app.command()(serving.web)
app.command()(serving.worker)
app.command()(work.collect)
app.command()(work.status)
app.add_typer(orgs.app, name="org")
app.add_typer(events.app, name="events")
app.add_typer(lake.app, name="lake")


@app.command()
def version(
    as_json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """The version.

    Example: orgwarden version
    """
    if as_json:
        show({"version": __version__})
    else:
        print(__version__)


def main() -> None:
    """The entry point. A `Problem` anywhere below becomes its sentence on standard error."""
    try:
        app()
    except Problem as problem:
        fail(problem)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        sys.stderr.close()
        sys.exit(1)
