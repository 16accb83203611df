"""`orgwarden org budget`: the three limits of a tenant and its protected lane."""

from __future__ import annotations

from dataclasses import asdict, replace
from enum import StrEnum
from typing import Annotated, Any

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.output import AsJson, say, show, start, table


class Counting(StrEnum):
    ORG = "org"
    OWN = "own"


Percent = int | None


def budget(
    name: Annotated[str, typer.Argument(help="The tenant's name.", show_default=False)],
    floor: Annotated[
        Percent, typer.Option(help="Per cent of the org's daily calls never taken. 0: off.")
    ] = None,
    stop: Annotated[
        Percent, typer.Option(help="Per cent used by anyone at which collecting stops. 100: off.")
    ] = None,
    resume: Annotated[
        Percent,
        typer.Option(help="Per cent below which it resumes, not before the next UTC day."),
    ] = None,
    own: Annotated[
        Percent, typer.Option(help="Per cent that Orgwarden itself takes at most. 100: off.")
    ] = None,
    protected: Annotated[
        int | None,
        typer.Option(help="Calls a day for the protected lane while stopped. 0: none."),
    ] = None,
    count: Annotated[
        Counting | None,
        typer.Option(help="Whose calls the limits count: the whole org's, or our own only."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Show the limits of a tenant's API calls; with options, change them first.

    Example: orgwarden org budget prod --own 10 --protected 0
    """
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.core.budget import Rules
    from orgwarden.flows.budget_rules import set_rules

    org = find(name)
    given: dict[str, Any] = {"floor": floor, "stop": stop, "resume": resume, "own": own}
    given["protected_calls"] = protected
    given["only_own"] = None if count is None else count is Counting.OWN
    chosen = {field: value for field, value in given.items() if value is not None}
    wanted = replace(Rules.of(org.budget), **chosen)
    changed = set_rules(org, wanted, actor=me())
    if as_json:
        show({"name": org.name, "changed": changed, "rules": asdict(wanted)})
        return
    if changed:
        say(f"{org.name}: changed {', '.join(changed)}.")
    table(org.name, ("limit", "is"), told(wanted))


def told(rules: object) -> list[tuple[str, str]]:
    """The rules in words, one line each."""
    from orgwarden.core.budget import Rules

    assert isinstance(rules, Rules)
    return [
        ("never taken", f"the last {rules.floor} %" if rules.floor else "off"),
        (
            "collecting stops",
            f"at {rules.stop} %, resumes below {rules.resume} % and not before the next UTC day"
            if rules.stop < 100
            else "never (off)",
        ),
        ("our own share", f"at most {rules.own} %" if rules.own < 100 else "off"),
        ("protected lane", f"{rules.protected_calls} calls a day while stopped"),
        ("counted", "our own calls only" if rules.only_own else "the calls of all apps"),
    ]
