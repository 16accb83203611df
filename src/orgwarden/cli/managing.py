"""`orgwarden org edit|pause|resume|reconnect|receipts` and `orgwarden support-bundle`."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, replace
from typing import Annotated, Any

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

Name = Annotated[str, typer.Argument(help="The tenant's name.", show_default=False)]
Several = list[str] | None


def edit(
    name: Name,
    rename: Annotated[str, typer.Option(help="A new name.")] = "",
    feature: Annotated[
        Several, typer.Option(help="A feature that is on; may be repeated, replaces all.")
    ] = None,
    tier: Annotated[
        Several, typer.Option(help="An opt-in tier; may be repeated, replaces all. none: no tier.")
    ] = None,
    backfill_days: Annotated[int | None, typer.Option(help="How far back, 1 to 180.")] = None,
    cadence: Annotated[
        Several, typer.Option(help="SOURCE=MINUTES; may be repeated. SOURCE=0: the usual.")
    ] = None,
    keep: Annotated[
        Several, typer.Option(help="SOURCE=DAYS that events are kept, *=DAYS for all; 0: for ever.")
    ] = None,
    tell: Annotated[
        Several, typer.Option(help="An e-mail address for messages; may be repeated. none: nobody.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Change a tenant's settings. No new consent is needed; the sign-in way is not changed here.

    Example: orgwarden org edit prod --cadence login_history=30 --backfill-days 90
    """
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.flows.edit_org import edit_org
    from orgwarden.flows.tenant_settings import Settings

    org = find(name)
    wanted = Settings.of(org)
    if rename:
        wanted = replace(wanted, name=rename)
    if feature is not None:
        wanted = replace(wanted, features=tuple(feature))
    if tier is not None:
        wanted = replace(wanted, tiers=tuple(t for t in tier if t != "none"))
    if backfill_days is not None:
        wanted = replace(wanted, backfill_days=backfill_days)
    if cadence is not None:
        minutes = _numbers(cadence, "SOURCE=MINUTES")
        kept = {**wanted.cadence_minutes, **minutes}
        wanted = replace(wanted, cadence_minutes={s: m for s, m in kept.items() if m})
    if keep is not None:
        wanted = replace(wanted, keep_days={**wanted.keep_days, **_numbers(keep, "SOURCE=DAYS")})
    if tell is not None:
        wanted = replace(wanted, told_addresses=tuple(t for t in tell if t != "none"))
    changed = edit_org(org, wanted, actor=me())
    if as_json:
        show({"name": org.name, "changed": changed})
    else:
        say(f"{org.name}: changed {', '.join(changed)}." if changed else "Nothing was changed.")


def _numbers(given: list[str], like: str) -> dict[str, int]:
    found = {}
    for one in given:
        source, _, number = one.partition("=")
        if not (number.isascii() and number.isdigit()):
            raise Usage(
                f"{one} is not {like}.", fix="Write it like login_history=30.", code="USAGE"
            )
        found[source] = int(number)
    return found


def pause(name: Name, as_json: AsJson = False) -> None:
    """Stop collecting from a tenant until it is resumed.

    Example: orgwarden org pause prod
    """
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.flows import pause as flow

    org = find(name)
    flow.pause(org, actor=me())
    dies = flow.grant_dies_at(org)
    if as_json:
        show({"name": org.name, "paused_at": org.paused_at, "grant_dies_at": dies})
        return
    say(f"{org.name} is paused. Nothing is collected until it is resumed.")
    if dies is not None:
        say(f"Unless a worker runs and uses it, its grant dies on {dies:%Y-%m-%d %H:%M} UTC.")


def resume(name: Name, as_json: AsJson = False) -> None:
    """Collect from a paused tenant again; what was missed comes first.

    Example: orgwarden org resume prod
    """
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.flows import pause as flow

    org = find(name)
    flow.resume(org, actor=me())
    if as_json:
        show({"name": org.name, "paused_at": org.paused_at})
    else:
        say(f"{org.name} is resumed; a worker collects what was missed.")


def reconnect(
    name: Name,
    client_id: Annotated[str, typer.Option(help="A new consumer key.")] = "",
    client_secret_stdin: Annotated[
        bool,
        typer.Option(
            "--client-secret-stdin",
            help="Read a new consumer secret (or PEM key) from standard input.",
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Put a new grant in the place of the old one; history and settings stay. Another org is
    refused. With consent in the browser an address is printed to open on this machine.

    Example: orgwarden org reconnect prod --client-secret-stdin < secret.txt
    """
    secret = sys.stdin.read().strip() if client_secret_stdin else ""
    if client_secret_stdin and not secret:
        raise Usage("Standard input was empty.", fix="Pipe the consumer secret in.")
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.flows.connecting import asked, reconnect
    from orgwarden.records import credentials
    from orgwarden.records.models import ConsentRequest, Org

    org = find(name)
    if org.flow == Org.Flow.WEB_SERVER:
        from orgwarden.cli.consent import connect_by_browser

        wanted = asked.of_org(org, actor=me(), purpose=ConsentRequest.Purpose.RECONNECT)
        given: dict[str, Any] = asdict(replace(wanted, client_id=client_id or wanted.client_id))
        org = connect_by_browser(given, secret or credentials.as_stored(org, "client_secret"))
    else:
        org = reconnect.check_again(org, actor=me(), secret=secret, client_id=client_id)
    if as_json:
        from orgwarden.flows.status import of_org

        show(of_org(org))
    else:
        say(f"{org.name} is reconnected as {org.connected_user} to org {org.salesforce_id}.")


def receipts(as_json: AsJson = False) -> None:
    """What was deleted: when, by whom, what was purged and what was kept.

    Example: orgwarden org receipts --json
    """
    start()
    from orgwarden.records.models import DeletionReceipt

    names = ("name", "salesforce_id", "at", "by", "done")
    found = list(DeletionReceipt.objects.values(*names))
    if as_json:
        show(found)
    elif not found:
        say("No tenant was deleted yet.")
    else:
        rows = ((r["name"], r["salesforce_id"], r["at"], r["by"], " ".join(r["done"]))
                for r in found)  # fmt: skip
        table("", ("tenant", "org id", "deleted", "by", "what was done"), rows)


def support_bundle(
    name: Annotated[str | None, typer.Argument(help="Without a name: all tenants.")] = None,
    output: Annotated[str, typer.Option(help="The zip file to write; it must not exist.")] = "",
) -> None:
    """Write a file for whoever is asked for help: versions, settings, states, runs, errors. It
    holds no event and no secret.

    Example: orgwarden support-bundle prod --output prod.zip
    """
    if not output:
        raise Usage("The bundle needs a file.", fix="Name it with --output FILE.")
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.flows.support_bundle import support_bundle as flow

    body = flow(find(name) if name else None, actor=me())
    try:
        with open(output, "xb", opener=lambda p, f: os.open(p, f, 0o600)) as file:
            file.write(body)
    except FileExistsError:
        raise Usage(f"{output} is there already.", fix="Choose another name.") from None
    say(f"{output} holds {len(body):,} bytes. Look into it before you send it.")
