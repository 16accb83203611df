"""`orgwarden notify …`: destinations of messages, and what is wrong now."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

if TYPE_CHECKING:
    from orgwarden.records.models import Destination

app = typer.Typer(help="Where messages go, and what is wrong now.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The destination's name.", show_default=False)]
KINDS = ("email", "webhook", "slack", "teams", "heartbeat")


@app.command()
def add(
    name: Name,
    kind: Annotated[str, typer.Option(help=f"{', '.join(KINDS)}.")],
    address: Annotated[str, typer.Option(help="The e-mail address, for email.")] = "",
    address_stdin: Annotated[
        bool,
        typer.Option(
            "--address-stdin",
            help="Read the web address from standard input: it is often a secret.",
        ),
    ] = False,
    method: Annotated[str, typer.Option(help="heartbeat: GET or POST.")] = "GET",
    as_json: AsJson = False,
) -> None:
    """Add a destination. A webhook's signing secret is printed once.

    Example: orgwarden notify add team --kind slack --address-stdin < slack-address.txt
    """
    if kind not in KINDS:
        raise Usage(f"There is no kind {kind}.", fix=f"Choose {', '.join(KINDS)}.", code="KIND")
    if kind != "email" and not address_stdin:
        raise Usage(
            "A web address is read from standard input only, so that no process list shows it.",
            fix="Add --address-stdin and pipe the address in.",
        )
    if kind == "email" and not address:
        raise Usage("No address was given.", fix="Give one with --address.")
    typed = sys.stdin.read().strip() if address_stdin else address
    start()
    from orgwarden.flows.tell.destinations import Asked, keep

    kept = keep(Asked(name, kind, typed, method=method), actor=me())
    told = {**_told(kept.destination), "signing_secret": kept.secret or None}
    if as_json:
        show(told)
        return
    say(f"{kept.destination.name} gets messages at {kept.destination.address}.")
    if kept.secret:
        say("Its signing secret is shown once:")
        print(kept.secret)


@app.command("list")
def list_destinations(as_json: AsJson = False) -> None:
    """The destinations: last delivery, last problem. Web addresses are shown by their host.

    Example: orgwarden notify list
    """
    start()
    from orgwarden.records.models import Destination

    told = [_told(row) for row in Destination.objects.order_by("name")]
    if as_json:
        show(told)
        return
    if not told:
        say("There is no destination yet. Start with: orgwarden notify add --help")
        return
    table(
        "",
        ("name", "kind", "goes to", "on", "last delivery", "last problem"),
        (
            (t["name"], t["kind"], t["to"], t["enabled"], t["last_delivery"] or "never",
             t["last_problem"] or "")
            for t in told
        ),
    )  # fmt: skip


@app.command()
def test(name: Name) -> None:
    """Send a test to a destination now. Exit 1 when it did not arrive.

    Example: orgwarden notify test team
    """
    start()
    from orgwarden.flows.tell.try_out import try_out

    say(try_out(_find(name), actor=me()))


@app.command()
def delete(name: Name) -> None:
    """Remove a destination with the messages that wait for it.

    Example: orgwarden notify delete team
    """
    start()
    from orgwarden.flows.tell.destinations import delete as delete_destination

    delete_destination(_find(name), actor=me())
    say(f"{name} is deleted.")


@app.command()
def incidents(as_json: AsJson = False) -> None:
    """What is wrong now, as it was or will be told. Exit 1 when an incident is open.

    Example: orgwarden notify incidents
    """
    start()
    from orgwarden.flows.tell.content import headline
    from orgwarden.records.models import Incident

    rows = Incident.objects.filter(ended_at=None).select_related("org")
    told: list[dict[str, Any]] = [
        {
            "tenant": row.org.name if row.org else None,
            "kind": row.kind,
            "subject": row.subject or None,
            "what": headline(row),
            "words": row.words,
            "fix": row.fix or None,
            "since": row.opened_at,
            "told": row.told_at,
        }
        for row in rows
    ]
    if as_json:
        show(told)
    elif told:
        columns = ("what", "words", "fix", "since")
        table("", columns, ([t[c] for c in columns] for t in told))
    else:
        say("No incident is open.")
    if told:
        sys.exit(1)


def _find(name: str) -> Destination:
    from orgwarden.records.models import Destination

    found = Destination.objects.filter(name__iexact=name).first()
    if found is None:
        names = ", ".join(Destination.objects.values_list("name", flat=True)) or "none yet"
        raise Usage(f"There is no destination {name}.", fix=f"There are: {names}.", code="NAME")
    return found


def _told(row: Destination) -> dict[str, Any]:
    return {
        "name": row.name,
        "kind": row.kind,
        "to": row.address,
        "enabled": row.enabled,
        "last_delivery": row.last_ok_at,
        "last_problem": row.last_problem or None,
        "last_problem_at": row.last_problem_at,
    }
