"""`orgwarden token …`: API tokens of named people."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orgwarden.cli.acting import me, scopes_given
from orgwarden.cli.output import AsJson, Usage, say, show, start, table

if TYPE_CHECKING:
    from orgwarden.records.models import ApiToken

app = typer.Typer(help="API tokens of named people.", no_args_is_help=True)


@app.command()
def create(
    person: Annotated[str, typer.Argument(help="Whose token it is.", show_default=False)],
    name: Annotated[str, typer.Option(help="What uses it.")],
    scope: Annotated[
        list[str] | None,
        typer.Option(help="read, query, collect, manage, audit or administer; may be repeated."),
    ] = None,
    days: Annotated[int, typer.Option(min=1, max=365, help="How long it lasts.")] = 90,
    as_json: AsJson = False,
) -> None:
    """Make a token and print it, once. It can do what its scopes name and its person may.

    Example: orgwarden token create ann --name nightly-report --scope read --days 90
    """
    wanted = scopes_given(scope)
    start()
    from django.contrib.auth import get_user_model

    from orgwarden.records import api_tokens

    found = get_user_model().objects.filter(username=person).first()
    if found is None:
        raise Usage(f"There is no person {person}.", fix="Check the spelling.", code="NO_PERSON")
    row, text = api_tokens.create(
        found, name=name, scopes=wanted, lasts=timedelta(days=days), by=me()
    )
    if as_json:
        show({**_told(row), "token": text})
        return
    say(f"This token of {person} is shown once; it expires on {row.expires_at:%Y-%m-%d}:")
    print(text)


@app.command("list")
def list_tokens(
    person: Annotated[str | None, typer.Argument(help="Without a name: everybody's.")] = None,
    as_json: AsJson = False,
) -> None:
    """The tokens there are: scopes, end, last use. Their texts are kept nowhere.

    Example: orgwarden token list
    """
    start()
    from orgwarden.records.models import ApiToken

    rows = ApiToken.objects.select_related("person").order_by("person__username", "-created_at")
    told = [_told(row) for row in rows if person in (None, row.person.get_username())]
    if as_json:
        show(told)
        return
    if not told:
        say("There is no token yet. Start with: orgwarden token create --help")
        return
    table(
        "",
        ("token", "person", "name", "scopes", "state", "expires", "last used", "from"),
        (
            (f"{t['start']}…", t["person"], t["name"], ", ".join(t["scopes"]), t["state"],
             t["expires_at"], t["last_used_at"] or "never", t["last_used_from"])
            for t in told
        ),
    )  # fmt: skip


@app.command()
def revoke(
    token: Annotated[str, typer.Argument(help="Its first nine characters.", show_default=False)],
    as_json: AsJson = False,
) -> None:
    """End a token at once.

    Example: orgwarden token revoke ow_Ab12Cd
    """
    start()
    from orgwarden.core.token_text import start_of
    from orgwarden.records import api_tokens

    row = api_tokens.find(start_of(token.rstrip("…")))
    api_tokens.revoke(row, by=me())
    if as_json:
        show(_told(row))
    else:
        say(f"The token {row.name} of {row.person.get_username()} is revoked.")


def _told(row: ApiToken) -> dict[str, Any]:
    """A token as scripts see it, without its text."""
    from orgwarden.records.api_tokens import state_of

    return {
        "start": row.start,
        "person": row.person.get_username(),
        "name": row.name,
        "scopes": row.scopes,
        "state": state_of(row, datetime.now(UTC)),
        "created_at": row.created_at,
        "created_by": row.created_by,
        "expires_at": row.expires_at,
        "last_used_at": row.last_used_at,
        "last_used_from": row.last_used_from,
        "revoked_at": row.revoked_at,
    }
