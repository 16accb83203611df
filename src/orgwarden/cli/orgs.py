"""`orgwarden org …`: connect, list, show, test, delete."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.connecting import connect
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

if TYPE_CHECKING:
    from orgwarden.records.models import Org

app = typer.Typer(help="The connected orgs.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The tenant's name.", show_default=False)]


def find(name: str) -> Org:
    """The org of this name. Raises Usage with the names there are."""
    from orgwarden.records.models import Org

    found = Org.objects.filter(name__iexact=name).first()
    if found is None:
        names = ", ".join(Org.objects.values_list("name", flat=True)) or "none yet"
        raise Usage(
            f"There is no tenant named {name}.", fix=f"Connected: {names}.", code="NO_TENANT"
        )
    return found


app.command()(connect)


@app.command("list")
def list_orgs(as_json: AsJson = False) -> None:
    """The connected orgs.

    Example: orgwarden org list --json
    """
    start()
    from orgwarden.flows.status import everything

    orgs = everything()["orgs"]
    if as_json:
        show(orgs)
        return
    if not orgs:
        say("No org is connected yet. Start with: orgwarden org connect --help")
        return
    table(
        "",
        ("name", "status", "org id", "user", "last synced", "address"),
        (
            (o["name"], o["status"], o["organization_id"], o["connected_user"],
             o["last_synced"] or "N/A", o["url"])
            for o in orgs
        ),
    )  # fmt: skip


@app.command("show")
def show_org(name: Name, as_json: AsJson = False) -> None:
    """One org: how it stands, source by source.

    Example: orgwarden org show prod
    """
    start()
    from orgwarden.cli.work import print_org
    from orgwarden.flows.status import of_org

    value = of_org(find(name))
    if as_json:
        show(value)
    else:
        print_org(value)


@app.command("test")
def check(name: Name, as_json: AsJson = False) -> None:
    """Ask Salesforce, thing by thing, whether the connection works. Exit 1 if something fails or
    is dark.

    Example: orgwarden org test prod
    """
    start()
    from orgwarden.flows.preflight.look import check_now
    from orgwarden.flows.preflight.told import entries, headline_of

    test = check_now(find(name), actor=me())
    found = entries(test)
    if as_json:
        show(found)
    else:
        say(headline_of(test))
        table("", ("tested", "result", "says", "fix"),
              ((e["name"], e["verdict"], e["words"], e["fix"]) for e in found))  # fmt: skip
    if any(e["ok"] is False for e in found):
        sys.exit(1)


@app.command()
def delete(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask again.")] = False,
    as_json: AsJson = False,
) -> None:
    """Revoke our grant and remove the org with everything collected from it.

    Example: orgwarden org delete prod --yes
    """
    start()
    from orgwarden.flows.delete_org import delete_org

    org = find(name)
    if not yes:
        if not sys.stdin.isatty():
            raise Usage(f"Deleting {org.name} needs a confirmation.", fix="Add --yes.")
        typed = typer.prompt(f"Type {org.name} to delete it and everything collected from it")
        if typed != org.name:
            raise Usage("The name does not match; nothing was deleted.", fix="Try again.")
    done = delete_org(org, actor=me())
    if as_json:
        show({"deleted": name, "done": done})
    else:
        say("\n".join(done))
