"""`orgwarden`: the commands, and how every one of them ends.

Results go to standard output, progress and words to standard error. Problems are one sentence with
the fix. Exit codes: 0 done, 75 stopped by the budget or by another worker, 2 usage, 1 the rest.
"""

from __future__ import annotations

import inspect
import os
import sys
import traceback
from typing import Annotated

import typer

from orgwarden import __version__
from orgwarden.cli import (
    apps,
    asking,
    audit,
    events,
    installation,
    keeping,
    lake,
    limits,
    managing,
    notifications,
    orgs,
    people,
    serving,
    tokens,
    work,
)
from orgwarden.cli.acting import commands, guard
from orgwarden.cli.output import fail, say, show
from orgwarden.cli.trouble import problem_of
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
app.command()(asking.survey)
app.command()(keeping.backup)
app.command()(keeping.restore)
app.command()(keeping.backups)
app.command("support-bundle")(managing.support_bundle)
orgs.app.command("package")(asking.package)
for command in (
    managing.edit, limits.budget, managing.pause, managing.resume, managing.reconnect,
    managing.receipts,
):  # fmt: skip
    orgs.app.command()(command)
app.add_typer(orgs.app, name="org")
app.add_typer(apps.app, name="apps")
app.add_typer(events.app, name="events")
app.add_typer(lake.app, name="lake")
app.add_typer(notifications.app, name="notify")
app.add_typer(tokens.app, name="token")
app.add_typer(people.app, name="people")
app.add_typer(audit.app, name="audit")


def _print_version(wanted: bool) -> None:
    if wanted:
        print(__version__)
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", help="The version.", is_eager=True, callback=_print_version),
    ] = False,
) -> None: ...


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


guard(app)
for _, info in commands(app):
    # A terminal breaks lines where it ends, not where the source does.
    paragraphs = (inspect.getdoc(info.callback) or "").split("\n\n")
    info.help = "\n\n".join(" ".join(each.split()) for each in paragraphs)


def main() -> None:
    """The entry point. Whatever goes wrong below becomes one sentence on standard error."""
    try:
        app()
        sys.stdout.flush()
    except Problem as problem:
        fail(problem)
    except KeyboardInterrupt:
        sys.exit(130)
    except BrokenPipeError:
        # Whoever read us has gone; Python must not try to flush at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except Exception as error:  # noqa: BLE001  the last net: a person gets a sentence, not a stack
        if (os.environ.get("ORGWARDEN_LOG_LEVEL") or "").upper() == "DEBUG":
            from orgwarden.core.redaction import redacted

            say(redacted(traceback.format_exc()))
        fail(problem_of(error))
