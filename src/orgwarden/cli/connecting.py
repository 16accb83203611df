"""`orgwarden org connect`: all three ways from the command line.

The command is the consent: what Salesforce answers is compared with what was asked for, printed,
and stored in one go.
"""

from __future__ import annotations

import shlex
import sys
import time
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orgwarden.catalog.app_steps import CC, WEB
from orgwarden.cli.acting import me
from orgwarden.cli.asking import Features, Tiers, check_flow, chosen, refuse_unknown
from orgwarden.cli.output import AsJson, Usage, say, show, start

if TYPE_CHECKING:
    from orgwarden.records.models import Org


def connect(
    name: Annotated[str, typer.Argument(help="The tenant's name.", show_default=False)],
    url: Annotated[str, typer.Option(help="The org's My Domain address.")],
    client_id: Annotated[str, typer.Option(help="The app's consumer key.")],
    client_secret_stdin: Annotated[
        bool,
        typer.Option(
            "--client-secret-stdin",
            help="Read the consumer secret (or PEM key) from standard input.",
        ),
    ] = False,
    secret_from: Annotated[
        str,
        typer.Option(
            help="Where the secret or key lies: file:/path, env:NAME or command:… It is read each"
            " time it is used, and not stored."
        ),
    ] = "",
    flow: Annotated[str, typer.Option(help="client-credentials, web-server or jwt-bearer.")] = CC,
    username: Annotated[
        str, typer.Option(help="jwt-bearer: the user to act as. Else the user that must answer.")
    ] = "",
    environment: Annotated[
        str, typer.Option(help="production or sandbox: refuse the other kind.")
    ] = "",
    feature: Features = None,
    tier: Tiers = None,
    backfill_days: Annotated[int, typer.Option(min=1, max=180)] = 60,
    tell: Annotated[
        list[str] | None, typer.Option(help="An e-mail address for messages; may be repeated.")
    ] = None,
    administrator: Annotated[
        bool,
        typer.Option("--administrator", help="Accept an administrator as the collecting user."),
    ] = False,
    web_scope: Annotated[
        bool, typer.Option("--web-scope", help="web-server: ask for the scope web too.")
    ] = False,
    wait: Annotated[
        bool,
        typer.Option(
            "--wait",
            help="Try again for up to ten minutes what a change of the app would end: Salesforce"
            " needs that long.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Connect an org; nothing is stored unless Salesforce says who we are.

    With web-server an address is printed; open it in a browser on this machine and press Allow.

    Example: orgwarden org connect prod --url https://acme.my.salesforce.com --client-id 3MVG9…
    --client-secret-stdin < secret.txt
    """
    features, tiers = chosen(feature, tier)
    check_flow(flow, username)
    if environment:
        refuse_unknown("environment", [environment], ("production", "sandbox"))
    secret = _secret(flow, client_secret_stdin, secret_from)
    given: dict[str, Any] = {
        "name": name,
        "url": url,
        "client_id": client_id,
        "flow": flow,
        "actor": me(),
        "environment": environment,
        "features": tuple(features),
        "tiers": tuple(tiers),
        "backfill_days": backfill_days,
        "username": username,
        "web_scope": web_scope,
        "told_addresses": tuple(tell or ()),
        "administrator": administrator,
        "egress_confirmed": True,
    }
    start()
    _tell_egress()
    org = _connected(given, secret, wait=wait)
    if as_json:
        from orgwarden.flows.status import of_org

        show(of_org(org))
        return
    say(facts(org))
    from orgwarden.catalog.features import left_out

    off = left_out(features, tiers)
    if off:
        needed = dict.fromkeys((*tiers, *(s.tier for s in off)))
        say(
            f"Off, because their tier was not opted in to: {', '.join(s.id for s in off)}."
            f" To collect them too: orgwarden org edit {shlex.quote(org.name)}"
            + "".join(f" --tier {tier}" for tier in needed)
        )


def _secret(flow: str, from_stdin: bool, reference: str) -> str:
    from orgwarden.records.references import is_reference

    if reference:
        if from_stdin:
            raise Usage("The secret is given twice.", fix="Leave one of the two out.")
        if not is_reference(reference):
            # Not repeated: it may be the secret itself.
            raise Usage("--secret-from takes file:/path, env:NAME or command:…", fix="Use one.")
        return reference
    if not from_stdin:
        if flow == WEB:
            return ""
        raise Usage(
            "The secret is read from standard input only, so that no process list shows it.",
            fix="Add --client-secret-stdin and pipe the secret in, or name with --secret-from"
            " where it lies.",
        )
    secret = sys.stdin.read().strip()
    if not secret:
        raise Usage("Standard input was empty.", fix="Pipe the consumer secret in.")
    return secret


def _tell_egress() -> None:
    from django.conf import settings

    addresses = ", ".join(settings.ORGWARDEN_EGRESS_ADDRESSES)
    say(
        f"Salesforce will see calls from {addresses or 'this network'}. By connecting you confirm"
        " that these addresses are fixed and no VPN or proxy: Salesforce freezes a user seen from"
        " one."
    )


def _connected(given: dict[str, Any], secret: str, *, wait: bool) -> Org:
    from orgwarden.core.problems import Problem
    from orgwarden.flows.connecting import attempts
    from orgwarden.flows.connecting.connect import connect_org

    if given["flow"] == WEB:
        from orgwarden.cli.consent import connect_by_browser

        return connect_by_browser(given, secret)
    until = time.monotonic() + attempts.AN_APP_CHANGE.total_seconds()
    tries = 0
    while True:
        tries += 1
        try:
            return connect_org(**given, client_secret=secret)
        except Problem as problem:
            pause = attempts.pause(tries).total_seconds()
            if not wait or not attempts.may_pass(problem) or time.monotonic() + pause > until:
                raise
            say(f"{problem.what} Trying again in {pause:.0f} seconds.")
            time.sleep(pause)


def facts(org: Org) -> str:
    """What Salesforce answered, as the pages show it before they store it."""
    kind = {True: "sandbox", False: "production", None: "kind not told"}[org.is_sandbox]
    edition = org.edition or "edition not told"
    return (
        f"{org.name} is connected as {org.connected_user} to org {org.salesforce_id}"
        f" ({org.organization_name or 'name not told'}, {edition}, {kind}) at {org.url}."
    )
