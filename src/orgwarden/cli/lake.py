"""`orgwarden lake …`: prove what is stored, rebuild what is cached."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from orgwarden.cli.amounts import Amounts
from orgwarden.cli.output import AsJson, say, show, start, table

app = typer.Typer(help="The event tables.", no_args_is_help=True)
Tenant = Annotated[str | None, typer.Argument(help="Without a name: all tenants.")]


@app.command()
def verify(
    name: Tenant = None,
    deep: Annotated[bool, typer.Option("--deep", help="Also decode every stored value.")] = False,
    as_json: AsJson = False,
) -> None:
    """Prove that files, hashes, counts and identities are as the log says. Exit 1 if not.

    Every file is read and compared with the SHA-256 it was stored with. It may run beside a
    collection.

    Example: orgwarden lake verify
    """
    start()
    from orgwarden.flows.upkeep import verify as verify_org

    with Amounts("verify") as progress:
        found = [verify_org(org, deep=deep, tell=progress.step(org.name)) for org in _orgs(name)]
    if as_json:
        show(found)
    else:
        table(
            "",
            ("tenant", "files", "with a seal", "rows", "commits", "wrong"),
            ((f["name"], f["files"], f["sealed"], f["rows"], f["version"],
              "\n".join(f["wrong"]) or "nothing")
             for f in found),
        )  # fmt: skip
    if fixes := [f["fix"] for f in found if f["wrong"]]:
        say(f"orgwarden: Not all that is stored could be proven. {fixes[0]}")
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


@app.command()
def usage(name: Tenant = None, as_json: AsJson = False) -> None:
    """How much each source takes, its oldest day, and for how long it is kept.

    Example: orgwarden lake usage prod --json
    """
    start()
    from orgwarden.flows.usage import usage as usage_of

    found = [usage_of(org) for org in _orgs(name)]
    if as_json:
        show(found)
        return
    for f in found:
        table(
            f"{f['name']}: {f['bytes'] / 1e6:,.1f} MB",
            ("source", "events", "files", "MB", "oldest day", "newest day", "kept"),
            ((s["source"], s["rows"], s["files"], f"{s['bytes'] / 1e6:,.1f}", s["oldest"],
              s["newest"], f"{s['keep_days']:,} days" if s["keep_days"] else "for ever")
             for s in f["sources"]),
        )  # fmt: skip


@app.command()
def prune(name: Tenant = None, as_json: AsJson = False) -> None:
    """Remove now what is older than it is to be kept. A worker does it once a day.

    How long that is: orgwarden org edit NAME --keep SOURCE=DAYS.

    Example: orgwarden lake prune prod
    """
    start()
    from orgwarden.cli.acting import me
    from orgwarden.flows.prune import prune as prune_org
    from orgwarden.records.leases import LENGTH

    found = [prune_org(org, actor=me(), wait=LENGTH) for org in _orgs(name)]
    if as_json:
        show(found)
    else:
        for f in found:
            say(f"{f['name']}: {f['rows']:,} events of {f['days']:,} days removed.")


def _orgs(name: str | None) -> list:  # type: ignore[type-arg]
    from orgwarden.cli.orgs import find
    from orgwarden.records.models import Org

    return [find(name)] if name else list(Org.objects.all())
