"""Before anybody connects: `orgwarden survey` and `orgwarden org package`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any

import typer

from orgwarden.catalog.app_steps import CC, JWT, WEB
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

FLOWS = (CC, JWT, WEB)
Tiers = Annotated[
    list[str] | None,
    typer.Option(
        "--tier",
        help="Opt in to sign_ins, tokens or metadata; may be repeated. Without: the base only,"
        " which reads nobody's sign-ins.",
    ),
]
Features = Annotated[
    list[str] | None,
    typer.Option("--feature", help="app_governance or sspm_scan; may be repeated. Default: both."),
]


def chosen(features: list[str] | None, tiers: list[str] | None) -> tuple[list[str], list[str]]:
    """The features and tiers asked for. Raises Usage for one that does not exist."""
    from orgwarden.catalog.features import FEATURE_IDS
    from orgwarden.catalog.tiers import TIER_IDS

    wanted = features or list(FEATURE_IDS)
    opted = [t for t in tiers or () if t != "none"]
    refuse_unknown("feature", wanted, FEATURE_IDS)
    refuse_unknown("tier", opted, (*TIER_IDS, "none"))
    return wanted, opted


def check_flow(flow: str, username: str, known: Sequence[str] = FLOWS) -> None:
    """Raises Usage for a sign-in way that is not known, or that lacks its user."""
    refuse_unknown("flow", [flow], known)
    if flow == JWT and not username:
        raise Usage("The flow jwt-bearer acts as a user.", fix="Name it with --username.")


def refuse_unknown(what: str, named: Sequence[str], known: Sequence[str]) -> None:
    """Raises Usage, with the choice, for the first that is not known."""
    for one in named:
        if one not in known:
            raise Usage(
                f"There is no {what} {one}.",
                fix=f"Choose {', '.join(known)}.",
                code=what.upper(),
            )


def survey(
    url: Annotated[str, typer.Argument(help="The org's My Domain address.", show_default=False)],
    client_id: Annotated[str, typer.Option(help="The app's consumer key.")],
    client_secret_stdin: Annotated[
        bool,
        typer.Option(
            "--client-secret-stdin",
            help="Read the consumer secret (or PEM key) from standard input.",
        ),
    ] = False,
    flow: Annotated[str, typer.Option(help="client-credentials or jwt-bearer.")] = CC,
    username: Annotated[str, typer.Option(help="jwt-bearer: the user to act as.")] = "",
    feature: Features = None,
    tier: Tiers = None,
    as_json: AsJson = False,
) -> None:
    """A first report on an org, in under 50 calls; nothing is scheduled and nothing stored.

    Example: orgwarden survey https://acme.my.salesforce.com --client-id 3MVG9…
    --client-secret-stdin < secret.txt
    """
    check_flow(flow, username, (CC, JWT))
    secret = sys.stdin.read().strip() if client_secret_stdin else ""
    if not secret:
        raise Usage(
            "The secret is read from standard input only, so that no process list shows it.",
            fix="Add --client-secret-stdin and pipe the secret in.",
        )
    features, tiers = chosen(feature, tier)
    start(anew=True)  # nothing is stored, so nothing need be set up
    from orgwarden.flows.survey import survey as look

    report = look(
        url, client_id=client_id, secret=secret, flow=flow, username=username,
        features=features, tiers=tiers,
    )  # fmt: skip
    if as_json:
        show(report)
    else:
        _print(report)
    if not report["connected"]:
        sys.exit(1)


def _print(report: dict[str, Any]) -> None:
    org = report["organization"] or {}
    print(
        f"{org.get('Name') or report['url']}: {org.get('OrganizationType') or 'edition not known'}"
        f"\n{report['headline']}"
    )
    table("", ("source", "result", "because", "fix"),
          ((s["name"], s["verdict"], s["words"], s["fix"]) for s in report["sources"]))  # fmt: skip
    table("", ("tested", "result", "says", "fix"),
          ((t["name"], t["verdict"], t["words"], t["fix"]) for t in report["tests"]))  # fmt: skip
    if report["licences"] is None:
        print(f"Licences are not known: {report['licences_problem']}")
    else:
        rows = ((r["name"], r["status"], r["used"], r["total"]) for r in report["licences"])
        table("", ("licence", "status", "used", "of"), rows)
    missing = report["permissions_missing"]
    known = "not known" if missing is None else ", ".join(missing) or "none"
    print(f"Permissions missing: {known}.")
    print(f"Collecting would take about {report['calls_a_day']['total']:,} calls a day.")
    say(f"{report['calls_made']} calls were made; nothing was stored.")


def package(
    output: Annotated[Path, typer.Option(help="The zip file to write.")],
    flow: Annotated[str, typer.Option(help=f"{', '.join(FLOWS)}.")] = JWT,
    feature: Features = None,
    tier: Tiers = None,
    egress: Annotated[
        list[str] | None,
        typer.Option(help="An address our calls leave from, single or CIDR; may be repeated."),
    ] = None,
    callback: Annotated[str, typer.Option(help="web-server: the callback address.")] = "",
    certificate: Annotated[
        Path | None, typer.Option(help="jwt-bearer: a file with the certificate, PEM.")
    ] = None,
    run_as: Annotated[str, typer.Option(help="client-credentials: the run-as username.")] = "",
    contact: Annotated[str, typer.Option(help="The contact Salesforce wants of an app.")] = "",
) -> None:
    """Write the app for Salesforce with its policies and permission sets; no secret is in it.

    Example: orgwarden org package --flow jwt-bearer --certificate app.pem --egress 198.51.100.7
    --output orgwarden-app.zip
    """
    from orgwarden.catalog.app_package import app_package
    from orgwarden.catalog.app_steps import steps

    features, tiers = chosen(feature, tier)
    try:
        pem = certificate.read_text() if certificate else ""
        made = app_package(
            flow, features, tiers, egress or (), callback, pem,
            run_as=run_as, **({"contact": contact} if contact else {}),
        )  # fmt: skip
    except (ValueError, OSError) as error:
        raise Usage(f"No package was made: {error}.", fix="Correct it and try again.") from None
    output.write_bytes(made)
    for number, step in enumerate(steps(flow), 1):
        print(f"{number}. {step}")
    say(f"{output} holds the package.")
