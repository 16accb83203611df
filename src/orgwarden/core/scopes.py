"""What an API token may be used for: six coarse scopes, each a set of the rights of `core.roles`.

A scope narrows, it never gives: a token can do what its scopes name and its person may do now.
Every right belongs to exactly one scope; a test says so.
"""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from orgwarden.core.roles import Right


class Scope(StrEnum):
    """The scopes, in the order pages list them."""

    READ = "read"
    QUERY = "query"
    COLLECT = "collect"
    MANAGE = "manage"
    AUDIT = "audit"
    ADMINISTER = "administer"


RIGHTS: dict[Scope, frozenset[Right]] = {
    Scope.READ: frozenset(
        {Right.SEE_TENANTS, Right.SEE_EVENTS, Right.EXPORT_EVENTS, Right.HOLD_TOKENS}
    ),
    Scope.QUERY: frozenset({Right.QUERY_SQL}),
    Scope.COLLECT: frozenset({Right.COLLECT, Right.TEST}),
    Scope.MANAGE: frozenset(
        {Right.ADD_TENANTS, Right.EDIT_TENANTS, Right.DELETE_TENANTS, Right.CLASSIFY_APPS}
    ),
    Scope.AUDIT: frozenset({Right.READ_AUDIT}),
    Scope.ADMINISTER: frozenset({Right.MANAGE_PEOPLE, Right.MANAGE_SETTINGS, Right.MANAGE_TOKENS}),
}

WORDS: dict[Scope, str] = {
    Scope.READ: "Look at tenants, coverage, runs, incidents and events.",
    Scope.QUERY: "Ask the events in SQL.",
    Scope.COLLECT: "Collect now and test connectivity.",
    Scope.MANAGE: "Connect, edit, pause, resume and delete tenants; classify apps.",
    Scope.AUDIT: "Read the audit trail.",
    Scope.ADMINISTER: "People, settings and destinations of messages.",
}


def scope_of(right: Right) -> Scope:
    """The scope a right belongs to."""
    return next(scope for scope, rights in RIGHTS.items() if right in rights)


def rights_of(scopes: Iterable[str]) -> frozenset[Right]:
    """The rights these scopes name; a scope nobody knows (any more) names none."""
    known = {scope.value: rights for scope, rights in RIGHTS.items()}
    return frozenset().union(*(known.get(str(scope), frozenset()) for scope in scopes))
