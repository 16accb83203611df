"""Who a command acts as: the person of `ORGWARDEN_TOKEN`, or whoever sits at this host.

- With `ORGWARDEN_TOKEN` set, a command that changes something, or asks events in SQL, runs as
  that token's person, with that person's rights and the token's scopes, and is refused otherwise.
- Without it, a person with a shell here and access to ORGWARDEN_HOME is the local operator: the
  audit chain says `command:<user>`. `ORGWARDEN_REQUIRE_TOKEN=1` refuses that for commands that
  change something, so that every change has a named person.
Why there is a local operator: docs/decisions/0011-command-line-and-tokens.md.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import wraps
from typing import TYPE_CHECKING, Any

from orgwarden.cli.output import Usage, start
from orgwarden.core.problems import NeedsPerson, NotAllowed
from orgwarden.core.roles import Right
from orgwarden.core.scopes import Scope, scope_of

if TYPE_CHECKING:
    import typer

    from orgwarden.records.api_tokens import Bearer
    from orgwarden.records.models import Org

TOKEN, REQUIRE = "ORGWARDEN_TOKEN", "ORGWARDEN_REQUIRE_TOKEN"


@dataclass(frozen=True)
class Rule:
    """What a command needs when a token is used. `org`: the argument that names the tenant; a
    command that leaves it out means all of them."""

    right: Right
    org: str = ""
    changes: bool = True


# Commands that look, and those that make or run the installation itself: a token says nothing
# about them, the machine's own file permissions do.
FREE = frozenset(
    {
        *("init", "serve", "web", "worker", "version", "status", "survey"),
        *("org list", "org show", "org package", "org receipts"),
        *("apps list", "apps show"),
        *("events sources", "lake usage", "lake verify", "token list"),
        *("notify list", "notify incidents"),
        *("backups", "restore"),  # whoever puts a backup back decides who is who
    }
)
RULES: dict[str, Rule] = {
    "apps classify": Rule(Right.CLASSIFY_APPS, "org"),
    "backup": Rule(Right.MANAGE_SETTINGS),
    "collect": Rule(Right.COLLECT, "name"),
    "events query": Rule(Right.QUERY_SQL, "org", changes=False),
    "lake compact": Rule(Right.EDIT_TENANTS, "name"),
    "lake prune": Rule(Right.EDIT_TENANTS, "name"),
    "lake rebuild-cache": Rule(Right.EDIT_TENANTS, "name"),
    "notify add": Rule(Right.MANAGE_SETTINGS),
    "notify delete": Rule(Right.MANAGE_SETTINGS),
    "notify test": Rule(Right.MANAGE_SETTINGS),
    "org connect": Rule(Right.ADD_TENANTS),
    "org delete": Rule(Right.DELETE_TENANTS, "name"),
    "org budget": Rule(Right.EDIT_TENANTS, "name"),
    "org edit": Rule(Right.EDIT_TENANTS, "name"),
    "org pause": Rule(Right.EDIT_TENANTS, "name"),
    "org reconnect": Rule(Right.EDIT_TENANTS, "name"),
    "org resume": Rule(Right.EDIT_TENANTS, "name"),
    "support-bundle": Rule(Right.EDIT_TENANTS, "name", changes=False),
    "org test": Rule(Right.TEST, "name"),
    "audit export": Rule(Right.READ_AUDIT, changes=False),
    "audit tip": Rule(Right.READ_AUDIT, changes=False),
    "audit verify": Rule(Right.READ_AUDIT, changes=False),
    "people add": Rule(Right.MANAGE_PEOPLE),
    "people change": Rule(Right.MANAGE_PEOPLE),
    "people list": Rule(Right.MANAGE_PEOPLE, changes=False),
    "people off": Rule(Right.MANAGE_PEOPLE),
    "people on": Rule(Right.MANAGE_PEOPLE),
    "people password": Rule(Right.MANAGE_PEOPLE),
    "people remove": Rule(Right.MANAGE_PEOPLE),
    "people reset-factor": Rule(Right.MANAGE_PEOPLE),
    "token create": Rule(Right.MANAGE_TOKENS),
    "token revoke": Rule(Right.MANAGE_TOKENS),
}
_AS: list[Bearer] = []  # who this process acts as, once a rule was checked
_until_exit = ExitStack()


def me() -> str:
    """Who runs the command, for the audit chain."""
    import getpass

    return _AS[0].name if _AS else f"command:{getpass.getuser()}"


def guard(app: typer.Typer) -> None:
    """Put every command below `app` under its rule. One without a rule is refused when a token is
    set or required; a test sees to it that there is none."""
    for path, info in commands(app):
        info.callback = _guarded(path, info.callback)


def commands(app: typer.Typer, above: str = "") -> list[tuple[str, Any]]:
    """Every command with its words: `org connect` …"""
    found = []
    for info in app.registered_commands:
        name = info.name or info.callback.__name__.replace("_", "-")  # type: ignore[union-attr]
        found.append((f"{above}{name}", info))
    for group in app.registered_groups:
        assert group.typer_instance is not None
        found += commands(group.typer_instance, f"{above}{group.name} ")
    return found


def _guarded(path: str, command: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(command)
    def run(*args: Any, **given: Any) -> Any:
        check(path, given)
        return command(*args, **given)

    return run


def check(path: str, given: dict[str, Any]) -> None:
    """Refuse the command unless its rule lets it pass. Raises NotAllowed or NeedsPerson."""
    token = os.environ.pop(TOKEN, "").strip()  # what a command starts does not inherit it
    required = os.environ.get(REQUIRE, "") not in ("", "0")
    if path in FREE or not (token or required):
        return
    rule = RULES.get(path)
    if rule is None:
        raise NotAllowed(
            f"orgwarden {path} does not say what right it needs, so no token opens it.",
            fix=f"Run it without {TOKEN} and {REQUIRE}.",
            code="NO_RULE",
        )
    if not token:
        if not rule.changes:
            return
        raise NeedsPerson(
            f"Commands that change something need an API token here ({REQUIRE} is set).",
            fix=f"Make one on the page Settings, API tokens, and set {TOKEN} to it.",
            code="TOKEN_NEEDED",
        )
    start()
    _act(token, rule, given.get(rule.org) if rule.org else None)


def _act(token: str, rule: Rule, name: str | None) -> None:
    from orgwarden.records import api_tokens, audit

    bearer = api_tokens.bearer_of(token, address="command line")
    if rule.right not in bearer.rights:
        raise NotAllowed(
            f"This API token has no scope {scope_of(rule.right)}.",
            fix=f"Use one that has it; this one has {', '.join(bearer.row.scopes)}.",
            code="SCOPE",
        )
    for org in _meant(rule, name):
        if not bearer.may(rule.right, org):
            where = f" for {org.name}" if org else ""
            asked = {"right": rule.right.value, "by": "command"}
            with audit.via(bearer.via):
                audit.record(
                    bearer.name, audit.Action.ACCESS_DENIED, org.name if org else "", asked
                )
            raise NotAllowed(
                f"{bearer.name} may not do this{where}.",
                fix="Name a tenant that this person may, or ask an administrator for a role.",
                code="NOT_ALLOWED",
            )
    _until_exit.enter_context(audit.via(bearer.via))
    _AS[:] = [bearer]


def _meant(rule: Rule, name: str | None) -> list[Org | None]:
    """The tenants a command is about; [None] is the installation. A name that nobody has is the
    command's own to refuse."""
    from orgwarden.records.models import Org

    if not rule.org:
        return [None]
    if name:
        return list(Org.objects.filter(name__iexact=name))
    return list(Org.objects.all())


def scopes_given(words: list[str] | None) -> list[str]:
    """`--scope read --scope collect`, or `read,collect`, as a list."""
    found = [part.strip() for word in words or [] for part in word.split(",") if part.strip()]
    if not found:
        raise Usage("The token needs a scope.", fix=f"Add --scope with one of {', '.join(Scope)}.")
    return found
