"""An expression tells which columns it reads, whatever it is made of."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.expr import (
    Address,
    Bare,
    Column,
    Expr,
    First,
    Id18,
    Instant,
    Join,
    Match,
    Text,
    Whole,
    columns_of,
    first,
)

names = st.sampled_from(["A", "B", "C", "D"])


def wider(inner: st.SearchStrategy[Expr]) -> st.SearchStrategy[Expr]:
    parts = st.lists(inner, min_size=1, max_size=3).map(tuple)
    cases = st.lists(st.tuples(st.just("x%"), inner), max_size=2).map(tuple)
    return st.one_of(
        st.builds(First, parts),
        st.builds(Join, st.just("/"), parts),
        st.builds(Match, inner, cases, st.none() | inner),
        *(st.builds(kind, inner) for kind in (Id18, Instant, Whole, Bare, Address)),
    )


expressions = st.recursive(st.builds(Column, names) | st.builds(Text, names), wider, max_leaves=12)


@given(expressions)
def test_every_column_named_anywhere_is_told_and_no_other(expr: Expr) -> None:
    shown = repr(expr)
    told = columns_of(expr)
    assert told == {n for n in "ABCD" if f"Column(name='{n}')" in shown}


def test_nothing_and_constants_read_no_column() -> None:
    assert columns_of(None) == columns_of(Text("x")) == frozenset()


def test_plain_strings_stand_for_columns() -> None:
    assert first("A", Text("b")) == First((Column("A"), Text("b")))
