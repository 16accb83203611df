"""`orgwarden apps …`: which apps can touch the orgs, and what was decided about them."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated, Any

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.output import AsJson, Usage, safe, say, show, start, table
from orgwarden.core.apps import STATES, State

app = typer.Typer(help="The apps that can touch the orgs.", no_args_is_help=True)
Key = Annotated[str, typer.Argument(help="The app's key, from the list.", show_default=False)]
OfOrg = Annotated[str, typer.Option("--org", help="The tenant's name. Default: all of them.")]


class Classification(StrEnum):
    """As records.models.App.Classification; said here so that --help need not load it."""

    UNCLASSIFIED = "unclassified"
    REVIEWING = "reviewing"
    SANCTIONED = "sanctioned"
    UNSANCTIONED = "unsanctioned"


@app.command("list")
def list_apps(
    org: OfOrg = "",
    state: Annotated[State | None, typer.Option(help="Only those in this state.")] = None,
    least: Annotated[int, typer.Option("--risk", help="Only those of at least this risk.")] = 0,
    as_json: AsJson = False,
) -> None:
    """Every app that can touch an org or did, the most dangerous first.

    Example: orgwarden apps list --org prod --risk 40
    """
    start()
    from orgwarden.flows.apps import told

    apps = [told.entry(a) for a in told.inventory(_org(org), state=state or "", least=least)]
    if as_json:
        show(apps)
        return
    if not apps:
        if org or state or least:
            say("No app fits.")
        else:
            say("No app is known yet. Connect an org and collect, with the opt-in for tokens.")
        return
    table(
        "",
        ("risk", "app", "tenant", "state", "classification", "grants", "people", "why", "key"),
        (
            (a["risk"], a["name"] or "(no name)", a["org"], STATES[a["state"]],
             a["classification"], _count(a["grants"]), _count(a["people"]),
             a["reasons"][0]["text"] if a["reasons"] else "", a["key"])
            for a in apps
        ),
    )  # fmt: skip


@app.command("show")
def show_app(key: Key, as_json: AsJson = False) -> None:
    """One app: why it is dangerous, and which traces it is put together from.

    Example: orgwarden apps show 3f2a9c41d0be
    """
    start()
    from orgwarden.flows.apps import decide, told

    one = told.entry(decide.find(key))
    if as_json:
        show(one)
        return
    table(
        f"{one['name'] or '(no name)'} in {one['org']}",
        ("", ""),
        [
            ("state", f"{STATES[one['state']]}, since {one['state_since']:%Y-%m-%d}"),
            ("classification", one["classification"]),
            ("grants", _count(one["grants"])),
            ("people", _count(one["people"])),
            ("privileged people", _count(one["privileged_people"])),
            ("first seen", one["first_seen"] or "not known"),
            ("last seen", one["last_seen"] or "not known"),
            ("as of", one["looked_at"]),
        ],
    )
    reasons = [(r["points"], r["text"]) for r in one["reasons"]]
    reasons += [("?", r["text"]) for r in one["unjudged"]]
    table(f"risk {one['risk']} of 100, {one['level']}", ("points", "why"), reasons)
    table(
        "put together from",
        ("source", "name there", "rows", "first", "last", "how"),
        (
            (e["source"], e["name"], e["rows"], e["first"], e["last"],
             "same name only" if e["hint"] else ", ".join(e["identities"]) or "name, no id")
            for e in one["evidence"]
        ),
    )  # fmt: skip


@app.command()
def classify(
    key: Key,
    classification: Annotated[Classification, typer.Argument(show_default=False)],
    why: Annotated[str, typer.Option(help="The reason, for whoever asks later.")],
    org: OfOrg = "",
    as_json: AsJson = False,
) -> None:
    """Say what an app is, and why. It stays so when the app goes and comes back.

    Example: orgwarden apps classify 3f2a9c41d0be unsanctioned --why "nobody ordered it"
    """
    start()
    from orgwarden.flows.apps import decide, told

    found = decide.find(key)
    wanted = _org(org)
    if wanted is not None and found.org != wanted:
        raise Usage(f"There is no app {key} in {org}.", fix="orgwarden apps list shows all.")
    changed = decide.classify(found, classification, why=why, actor=me())
    one = told.entry(decide.find(key))
    if as_json:
        show({"changed": changed, **one})
    else:
        name = safe(one["name"])
        say(f"{name} in {one['org']} is {one['classification']}; its risk is {one['risk']}.")


def _org(name: str) -> Any:
    from orgwarden.cli.orgs import find

    return find(name) if name else None


def _count(number: int | None) -> int | str:
    return "unknown" if number is None else number
