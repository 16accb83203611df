"""`orgwarden people …`: who may use the console, in which roles."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from orgwarden.cli.acting import me
from orgwarden.cli.output import AsJson, Usage, say, show, start, table
from orgwarden.core.roles import Role

if TYPE_CHECKING:
    from orgwarden.records.models import Org

app = typer.Typer(help="People of the console and their roles.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(help="The person's username.", show_default=False)]
Roles = Annotated[
    list[str] | None,
    typer.Option(
        help="viewer, analyst, responder, administrator or auditor, for all tenants; "
        "with a colon and a tenant's name for that one. May be repeated."
    ),
]


@app.command("list")
def list_people(as_json: AsJson = False) -> None:
    """Everybody, with roles, second factor and last sign-in.

    Example: orgwarden people list
    """
    start()
    from orgwarden.records import people

    told = [_told(person) for person in people.everybody()]
    if as_json:
        show(told)
        return
    table(
        "",
        ("person", "e-mail", "roles", "second factor", "last sign-in", "state"),
        (
            (
                t["name"],
                t["email"],
                ", ".join(t["roles"]) or "none",
                ", ".join(t["second_factor"]) or "none",
                t["last_sign_in"] or "never",
                "may sign in" if t["active"] else "switched off",
            )
            for t in told
        ),
    )


@app.command()
def add(
    name: Name,
    role: Roles = None,
    email: Annotated[str, typer.Option(help="Single sign-on finds a person by it.")] = "",
    as_json: AsJson = False,
) -> None:
    """Add a person. The password made for them is printed once.

    Example: orgwarden people add ann --role analyst --role responder:Production
    """
    start()
    from orgwarden.records import people

    person, password = people.add(name, email, _wanted(role), by=me())
    _print_password(person, password, as_json, f"{name} is added.")


@app.command()
def change(name: Name, role: Roles = None, email: str | None = None) -> None:
    """Give a person exactly these roles; without --role, none.

    Example: orgwarden people change ann --role viewer --role administrator:Sandbox
    """
    start()
    from orgwarden.records import people

    person = people.find(name)
    people.change(
        person,
        email=person.email if email is None else email,
        wanted=_wanted(role),
        by=me(),
    )
    say(f"{name}: {', '.join(_told(person)['roles']) or 'no role, so nothing to see'}.")


@app.command()
def off(name: Name) -> None:
    """Switch a person off: sessions and API tokens stop at once.

    Example: orgwarden people off ann
    """
    _switch(name, on=False)


@app.command()
def on(name: Name) -> None:
    """Let a person sign in again.

    Example: orgwarden people on ann
    """
    _switch(name, on=True)


@app.command()
def password(name: Name, as_json: AsJson = False) -> None:
    """Make a new password for a person and print it, once.

    Example: orgwarden people password ann
    """
    start()
    from orgwarden.records import people

    person = people.find(name)
    made = people.new_password(person, by=me())
    _print_password(person, made, as_json, f"{name} has a new password; their sessions end.")


@app.command("reset-factor")
def reset_factor(name: Name) -> None:
    """Remove a person's authenticator app, passkeys and recovery codes. Make sure it is them.

    Example: orgwarden people reset-factor ann
    """
    start()
    from orgwarden.records import people

    count = people.reset_second_factor(people.find(name), by=me())
    say(f"{name} has no second factor any more." if count else f"{name} had none.")


@app.command()
def remove(
    name: Name,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Remove a person with their roles and API tokens. What they did stays in the audit chain.

    Example: orgwarden people remove ann --yes
    """
    start()
    from orgwarden.records import people

    person = people.find(name)
    if not yes and typer.prompt(f"Type {name} to remove them", err=True) != name:
        raise Usage("The name does not match; nothing was removed.", fix="Run it again.")
    people.remove(person, by=me())
    say(f"{name} is removed.")


def _switch(name: str, *, on: bool) -> None:
    start()
    from orgwarden.records import people

    people.switch(people.find(name), on=on, by=me())
    say(f"{name} may sign in." if on else f"{name} is switched off.")


def _wanted(words: list[str] | None) -> list[tuple[Role, Org | None]]:
    from orgwarden.records.models import Org

    found: list[tuple[Role, Org | None]] = []
    for word in words or []:
        role, colon, tenant = word.partition(":")
        if role not in set(Role):
            raise Usage(f"There is no role {role}.", fix=f"Use one of {', '.join(Role)}.")
        org = Org.objects.filter(name__iexact=tenant).first() if colon else None
        if colon and org is None:
            raise Usage(f"There is no tenant {tenant}.", fix="See orgwarden org list.")
        found.append((Role(role), org))
    return found


def _told(person: Any) -> dict[str, Any]:
    from orgwarden.records import memberships

    kinds = {f.type for f in person.authenticator_set.all()} - {"recovery_codes"}
    return {
        "name": person.get_username(),
        "email": person.email,
        "active": person.is_active,
        "roles": memberships.spelled(person.memberships.all()),
        "second_factor": sorted(kinds),
        "last_sign_in": person.last_login,
    }


def _print_password(person: Any, made: str, as_json: bool, words: str) -> None:
    if as_json:
        show({**_told(person), "password": made})
        return
    say(f"{words} This password is shown once:")
    print(made)
