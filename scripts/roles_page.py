"""`docs/roles.md`: every address of the console and who may reach it, from the views' own rules."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orgwarden.site.settings")

YES, NO, HIDDEN, SIGN_IN = "yes", "no", "not there", "sign in"
HEAD = """\
# Roles

Written by `make docs` from the rules of the views; do not edit.

A role is held for one tenant or for all of them, by membership, and what no role allows nobody may
do. *No* is the page 403 and an entry in the audit chain. *Not there* is the same page 404 that an
address without a tenant gets, so that a stranger does not learn which tenants exist. *Sign in*
leads to the sign-in page. The API's address is open because each of its operations asks the same
rights of a token and its person.

"""


@dataclass(frozen=True)
class Address:
    """One address, and what each kind of caller gets."""

    route: str
    cells: tuple[str, ...]


def callers() -> tuple[str, ...]:
    """The columns: nobody, somebody without a role, each role for all tenants, a stranger."""
    from orgwarden.core.roles import Role

    return ("nobody", "without a role", *Role, "administrator of another tenant")


def addresses() -> list[Address]:
    """Every address of the URL map. Raises ValueError for a view without a rule."""
    import django

    django.setup()
    from django.urls import get_resolver

    from orgwarden.core.roles import Role
    from orgwarden.records.memberships import NOTHING, Held
    from orgwarden.records.models import Org
    from orgwarden.web import access

    here, elsewhere = Org(pk=1), 2
    found: dict[str, Address] = {}
    for pattern in _patterns(get_resolver().url_patterns):
        rule = access.rule_of(pattern.callback)
        route = "/" + str(pattern.pattern)
        if rule is None:
            raise ValueError(f"the view of {route} has no rule: decorate it with web.access")
        keyed = ":key>" in route
        people = [NOTHING, *(Held(frozenset({(role, None)})) for role in Role)]
        stranger = Held(frozenset({(Role.ADMINISTRATOR, elsewhere)}))
        cells = [YES if rule.public else SIGN_IN]
        for person in (*people, stranger):
            org = here if keyed else None
            if keyed and rule.right and not person.may(access.Right.SEE_TENANTS, here):
                cells.append(HIDDEN)
            else:
                cells.append(YES if rule.allows(person, org) else NO)
        found[route] = Address(_short(route), tuple(cells))
    return sorted(found.values(), key=lambda a: a.route)


def _patterns(listed: Iterable[Any]) -> Iterator[Any]:
    for item in listed:
        inner = getattr(item, "url_patterns", None)
        if inner is None:
            yield item
        else:
            yield from _patterns(inner)


def _short(route: str) -> str:
    """`/orgs/<key>/` instead of converters and regular expressions."""
    named = re.sub(r"\(\?P<(\w+)>[^)]*\)", r"<\1>", re.sub(r"\^|\$|\\Z", "", route))
    return re.sub(r"<\w+:(\w+)>", r"<\1>", named)


def page() -> str:
    """The whole page."""
    from orgwarden.core.roles import RIGHTS, WORDS, Right, Role

    lines = [HEAD, "## What each role allows\n"]
    lines.append("| right | " + " | ".join(Role) + " |")
    lines.append("|---" * (len(Role) + 1) + "|")
    for right in Right:
        cells = " | ".join(YES if right in RIGHTS[role] else "" for role in Role)
        lines.append(f"| `{right}` | {cells} |")
    lines.append("")
    lines += [f"- {role.capitalize()}: {WORDS[role]}" for role in Role]
    lines.append("\n## Addresses\n")
    lines.append("| address | " + " | ".join(callers()) + " |")
    lines.append("|---" * (len(callers()) + 1) + "|")
    lines += [f"| `{a.route}` | {' | '.join(a.cells)} |" for a in addresses()]
    return "\n".join(lines) + "\n"
