"""`orgwarden org …`: connect, list, show, test, delete."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

if TYPE_CHECKING:
    from orgwarden.records.models import Org

app = typer.Typer(help="The connected orgs.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The tenant's name.", show_default=False)]
FLOWS = ("client-credentials", "web-server", "jwt-bearer")


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


@app.command()
def connect(
    name: Name,
    url: Annotated[str, typer.Option(help="The org's My Domain address.")],
    client_id: Annotated[str, typer.Option(help="The app's consumer key.")],
    client_secret_stdin: Annotated[
        bool, typer.Option(help="Read the consumer secret (or PEM key) from standard input.")
    ] = False,
    flow: Annotated[
        str, typer.Option(help="client-credentials, web-server or jwt-bearer.")
    ] = "client-credentials",
    username: Annotated[str, typer.Option(help="jwt-bearer: the user to act as.")] = "",
    backfill_days: Annotated[int, typer.Option(min=1, max=180)] = 60,
    tier: Annotated[
        list[str] | None,
        typer.Option(
            help="Opt in to sign_ins, tokens or metadata; may be repeated. Default: what the"
            " sources need. none: the base only.",
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Connect an org; nothing is stored unless Salesforce says who we are.

    With web-server an address is printed; open it in a browser on this machine and press Allow.

    Example: orgwarden org connect prod --url https://acme.my.salesforce.com --client-id 3MVG9…
    --client-secret-stdin < secret.txt
    """
    from orgwarden.catalog.features import NEEDED_TIERS
    from orgwarden.catalog.tiers import TIER_IDS

    tiers = [t for t in tier if t != "none"] if tier else list(NEEDED_TIERS)
    if unknown := [t for t in tiers if t not in TIER_IDS]:
        raise Usage(
            f"There is no tier {unknown[0]}.",
            fix=f"Choose {', '.join(TIER_IDS)} or none.",
            code="TIER",
        )
    if flow not in FLOWS:
        raise Usage(f"There is no flow {flow}.", fix=f"Choose {', '.join(FLOWS)}.", code="FLOW")
    if flow == "jwt-bearer" and not username:
        raise Usage("The flow jwt-bearer acts as a user.", fix="Name it with --username.")
    if not client_secret_stdin and flow != "web-server":
        raise Usage(
            "The secret is read from standard input only, so that no process list shows it.",
            fix="Add --client-secret-stdin and pipe the secret in.",
        )
    secret = sys.stdin.read().strip() if client_secret_stdin else ""
    if client_secret_stdin and not secret:
        raise Usage("Standard input was empty.", fix="Pipe the consumer secret in.")
    start()
    if flow == "web-server":
        from orgwarden.cli.consent import connect_by_browser

        org = connect_by_browser(
            name=name, url=url, client_id=client_id, client_secret=secret, actor=me()
        )
    else:
        from orgwarden.flows.connect import connect_org

        org = connect_org(
            name=name,
            url=url,
            client_id=client_id,
            client_secret=secret,
            flow=flow,
            actor=me(),
            backfill_days=backfill_days,
            username=username,
            tiers=tiers,
        )
    if as_json:
        from orgwarden.flows.status import of_org

        show(of_org(org))
    else:
        say(f"{org.name} is connected as {org.connected_user} to org {org.salesforce_id}.")


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
    from orgwarden.flows.preflight import check_now
    from orgwarden.flows.preflight_told import entries, headline_of

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
