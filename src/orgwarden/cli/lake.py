"""`orgwarden lake …`: prove what is stored, rebuild what is cached."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orgwarden.cli.output import AsJson, say, show, start, table

app = typer.Typer(help="The event tables.", no_args_is_help=True)
Tenant = Annotated[str | None, typer.Argument(help="Without a name: all tenants.")]


@app.command()
def verify(name: Tenant = None, as_json: AsJson = False) -> None:
    """Prove that files, counts and identities are as the log says. Exit 1 if not.

    Example: orgwarden lake verify
    """
    start()
    from orgwarden.flows.upkeep import verify as verify_org

    found = [verify_org(org) for org in _orgs(name)]
    if as_json:
        show(found)
    else:
        table(
            "",
            ("tenant", "files", "rows", "commits", "wrong"),
            ((f["name"], f["files"], f["rows"], f["version"], "; ".join(f["wrong"]) or "nothing")
             for f in found),
        )  # fmt: skip
    if any(f["wrong"] for f in found):
        sys.exit(1)


@app.command("rebuild-cache")
def rebuild_cache(name: Tenant = None, as_json: AsJson = False) -> None:
    """Make cursor, coverage and counts in the records anew from the event tables.

    Example: orgwarden lake rebuild-cache
    """
    start()
    from orgwarden.flows.upkeep import rebuild

    found = [rebuild(org) for org in _orgs(name)]
    if as_json:
        show(found)
    else:
        for f in found:
            say(f"{f['name']}: {f['sources']} sources, {f['rows']:,} rows.")


@app.command()
def compact(name: Tenant = None, as_json: AsJson = False) -> None:
    """Make one file of each closed day and source. Readers are not disturbed.

    Example: orgwarden lake compact
    """
    start()
    from orgwarden.flows.upkeep import compact as compact_org

    found = [compact_org(org) for org in _orgs(name)]
    if as_json:
        show(found)
    else:
        for f in found:
            say(f"{f['name']}: {f['before']:,} files became {f['after']:,}.")


def _orgs(name: str | None) -> list:  # type: ignore[type-arg]
    from orgwarden.cli.orgs import find
    from orgwarden.records.models import Org

    return [find(name)] if name else list(Org.objects.all())
