"""Scopes of API tokens: every right in exactly one, none gives what is not named."""

from __future__ import annotations

from orgwarden.core.roles import Right
from orgwarden.core.scopes import RIGHTS, WORDS, Scope, rights_of, scope_of


def test_every_right_belongs_to_exactly_one_scope() -> None:
    for right in Right:
        assert [s for s, rights in RIGHTS.items() if right in rights] == [scope_of(right)]


def test_every_scope_is_explained_and_names_a_right() -> None:
    assert set(WORDS) == set(RIGHTS) == set(Scope)
    assert all(RIGHTS.values())


def test_scopes_name_their_rights_and_an_unknown_one_names_none() -> None:
    assert rights_of([]) == frozenset()
    assert rights_of(["gone", "query"]) == {Right.QUERY_SQL}
    assert rights_of(list(Scope)) == frozenset(Right)
