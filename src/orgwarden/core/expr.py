"""What a normalised column is made of: small expressions over a source's columns.

They are values. `lake.render` turns them into SQL; nothing else does. Every expression yields
text, except `Instant` (a UTC timestamp) and `Whole` (a 64-bit integer).
An empty text counts as missing everywhere.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the source, by Salesforce's name. A column a row lacks is missing."""

    name: str


@dataclass(frozen=True, slots=True)
class Text:
    """A constant."""

    value: str


@dataclass(frozen=True, slots=True)
class First:
    """The first of the parts that is not missing."""

    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Id18:
    """A record id in its 18-character form; anything else is missing."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Instant:
    """A time: `yyyyMMddHHmmss[.SSS]` of log files, or ISO 8601 with Z or +0000."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Whole:
    """A number, rounded to a whole one; anything else is missing."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Bare:
    """Without the one pair of quotes that an EscapedString column still carries."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Address:
    """An IP address; Salesforce's literal `Salesforce.com IP` and other words are missing."""

    of: Expr


@dataclass(frozen=True, slots=True)
class Join:
    """The parts that are not missing, with `by` between them; missing if all are."""

    by: str
    parts: tuple[Expr, ...]


@dataclass(frozen=True, slots=True)
class Match:
    """`result` of the first case whose pattern (SQL LIKE, case ignored) `of` matches."""

    of: Expr
    cases: tuple[tuple[str, Expr], ...]
    otherwise: Expr | None = None


Expr = Column | Text | First | Id18 | Instant | Whole | Bare | Address | Join | Match


def first(*parts: Expr | str) -> First:
    """`First`, with plain strings standing for columns."""
    return First(tuple(Column(p) if isinstance(p, str) else p for p in parts))


def columns_of(expr: Expr | None) -> frozenset[str]:
    """The names of all columns an expression reads."""
    match expr:
        case None | Text():
            return frozenset()
        case Column(name):
            return frozenset({name})
        case First(parts) | Join(_, parts):
            return frozenset().union(*(columns_of(p) for p in parts))
        case Match(of, cases, otherwise):
            return frozenset().union(
                columns_of(of), columns_of(otherwise), *(columns_of(r) for _, r in cases)
            )
        case Id18(of) | Instant(of) | Whole(of) | Bare(of) | Address(of):
            return columns_of(of)
