"""The portable subset: SQL that DuckDB and Apache Spark answer alike, and its text for Spark.

What is listed here may be used, everything else is refused by name: a translator that passes on
what it does not understand would answer another question than was asked. Each rule below names a
difference between the two engines that was met, and keeps it out.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlglot import ErrorLevel, exp, parse
from sqlglot.dialects.spark import Spark
from sqlglot.errors import ParseError, TokenError, UnsupportedError
from sqlglot.generators.spark import SparkGenerator

from orgwarden.lake.portable_subset import FOREIGN, SUBSET, word
from orgwarden.lake.sql_check import Refused

TIMES = frozenset({"time", "n_time"})
NUMBERS = frozenset({"rows", "bytes", "arrived_seq", "n_rows", "n_bytes", "n_arrived_seq"})
TRUNCATED_TO = frozenset({"MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"})
EXTRACTED = frozenset({"YEAR", "MONTH", "DAY", "HOUR", "MINUTE"})
SPANS = frozenset({"SECOND", "MINUTE", "HOUR", "DAY", "WEEK", "MONTH", "YEAR"})
SIDES = frozenset({"", "LEFT", "RIGHT", "FULL"})
JOINS = frozenset({"", "INNER", "OUTER", "CROSS"})
NAMED = frozenset({"now"})  # functions without a class of their own at the parser

# A text that both engines read as a number; DuckDB reads more (`1_000`), Spark reads `1d`.
_NUMBER = r"^\s*[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?\s*$"

_WORDS = {
    "method": "{value} JOIN",
    "recursive": "WITH RECURSIVE",
    "sample": "USING SAMPLE",
    "except_": "SELECT * EXCLUDE",
    "replace": "SELECT * REPLACE",
    "by_name": "UNION BY NAME",
    "materialized": "WITH … AS MATERIALIZED",
    "decimals": "round() to a number of decimals",
    "limit_options": "LIMIT in per cent",
    "all": "GROUP BY ALL",
    "on": "DISTINCT ON",
    "db": "a name with a dot before it",
}


def for_spark(sql: str) -> str:
    """The same question in Spark's SQL. Raises Refused, naming what is not in the subset.

    Times are compared and shown in UTC: the session's time zone must be UTC in both engines.
    """
    try:
        trees = parse(sql, read="duckdb")
    except (ParseError, TokenError) as error:
        raise Refused(str(error).split("\n")[0], fix="Correct the SQL.") from None
    tree = trees[0]
    if len(trees) != 1 or tree is None:
        raise Refused("One statement at a time.", fix="Remove the semicolon and what follows it.")
    for node in list(tree.walk()):
        _look(node)
    for node in list(tree.walk()):
        tree = _changed(tree, node)
    try:
        return tree.sql(_Spark, unsupported_level=ErrorLevel.RAISE)
    except UnsupportedError as error:
        raise _outside(str(error).split("\n")[0]) from None


class _Spark(Spark):
    """Spark's SQL as it is since 4.0: QUALIFY stays what it is, nothing is rewritten around it."""

    class Generator(SparkGenerator):
        TRANSFORMS = {k: v for k, v in SparkGenerator.TRANSFORMS.items() if k is not exp.Select}


def _outside(construct: str) -> Refused:
    return Refused(
        f"{construct} is not in the portable subset.",
        fix="Leave --engine out to ask DuckDB, or write it with what docs/fleet-history.md lists.",
    )


def _look(node: exp.Expr) -> None:
    kind = type(node)
    if kind not in SUBSET:
        raise _outside(_as_written(node))
    known = SUBSET[kind]
    for part, value in node.args.items():
        if part not in known and value not in (None, False, [], ""):
            said = _WORDS.get(part, f"{word(kind)} … {part.strip('_').upper()}")
            raise _outside(said.format(value=str(value).upper()))
    if kind in _RULES:
        _RULES[kind](node)


def _as_written(node: exp.Expr) -> str:
    """A function by the name DuckDB knows it by, anything else by its keyword."""
    if isinstance(node, exp.IgnoreNulls):
        return _as_written(node.this)
    if type(node) in FOREIGN:
        return FOREIGN[type(node)]
    if isinstance(node, exp.Func):
        return node.sql("duckdb").split("(")[0].lower() + "()"
    return word(type(node))


# --- where the two engines differ


def _named(node: exp.Expr) -> None:
    if str(node.this).lower() not in NAMED:
        raise _outside(f"{str(node.this).lower()}()")


def _table(node: exp.Expr) -> None:
    if not isinstance(node.this, exp.Identifier):
        raise _outside(_as_written(node.this))


def _join(node: exp.Expr) -> None:
    side, kind = str(node.args.get("side") or ""), str(node.args.get("kind") or "")
    if side.upper() not in SIDES or kind.upper() not in JOINS:
        raise _outside(f"{side} {kind} JOIN".strip())


def _divided(node: exp.Expr) -> None:
    """By zero DuckDB answers infinity or nothing, Spark stops."""
    by = node.expression
    if isinstance(by, exp.Nullif) and str(by.expression) == "0":
        return
    if not (isinstance(by, exp.Literal) and not by.is_string and float(by.this) != 0):
        raise _outside("Division by what may be zero")


def _pattern(node: exp.Expr) -> None:
    """A backslash escapes in Spark's patterns and stands for itself in DuckDB's."""
    pattern = node.expression
    if not (isinstance(pattern, exp.Literal) and "\\" not in pattern.this):
        raise _outside(f"{type(node).__name__.upper()} with a pattern that is no plain constant")


def _unit(word: str, allowed: frozenset[str]) -> Callable[[exp.Expr], None]:
    def rule(node: exp.Expr) -> None:
        unit = node.this if isinstance(node, exp.Extract) else node.args.get("unit")
        name = str(unit.this if unit is not None else "").upper()
        if name not in allowed and name.removesuffix("S") not in allowed:
            raise _outside(f"{word} of {name.lower() or 'nothing'}")
        if not isinstance(node, exp.Interval):
            of = node.expression if isinstance(node, exp.Extract) else node.this
            _time(of, word)

    return rule


def _time(of: exp.Expr, word: str) -> None:
    if not _is(of, TIMES):
        raise _outside(f"{word} of anything but a view's time")


def _is(node: exp.Expr, names: frozenset[str]) -> bool:
    """Is it one of these columns, perhaps the least or most of it, or cut to a unit?"""
    if isinstance(node, exp.Column):
        return node.name.lower() in names
    if isinstance(node, exp.Min | exp.Max | exp.TimestampTrunc | exp.Paren | exp.Sum):
        return _is(node.this, names)
    return False


def _cast(node: exp.Expr) -> None:
    """Spark cuts where DuckDB rounds, and each writes texts of its own."""
    of, to = node.this.unnest(), node.args["to"].this
    kind = exp.DataType.Type
    constant = isinstance(of, exp.Null) or (isinstance(of, exp.Literal) and of.is_string)
    fits = {
        kind.DATE: constant or _is(of, TIMES),
        kind.TIMESTAMPTZ: constant,
        kind.BIGINT: isinstance(of, exp.Floor | exp.Ceil | exp.Round | exp.Count | exp.Null),
        kind.DOUBLE: isinstance(of, exp.Count | exp.Null) or _is(of, NUMBERS),
    }
    if not fits.get(to, False):
        raise _outside(f"CAST(… AS {to.value}) of this")


def _try_cast(node: exp.Expr) -> None:
    if node.args["to"].this is not exp.DataType.Type.DOUBLE:
        raise _outside(f"TRY_CAST(… AS {node.args['to'].this.value})")


def _whole(node: exp.Expr | None, least: int, what: str) -> None:
    if not (isinstance(node, exp.Literal) and not node.is_string and node.this.isdigit()):
        raise _outside(f"{what} that is no whole constant")
    if int(node.this) < least:
        raise _outside(f"{what} below {least}")


def _substring(node: exp.Expr) -> None:
    _whole(node.args.get("start"), 1, "substr() from a place")
    if node.args.get("length") is not None:
        _whole(node.args["length"], 0, "substr() of a length")


def _split(node: exp.Expr) -> None:
    _whole(node.args.get("part_index"), 1, "split_part() with a number")
    delimiter = node.args.get("delimiter")
    if not (isinstance(delimiter, exp.Literal) and delimiter.this):
        raise _outside("split_part() by what may be empty")


def _var(node: exp.Expr) -> None:
    if isinstance(node.parent, exp.Ordered):
        raise _outside(f"ORDER BY {node.name.upper()}")


def _span(node: exp.Expr) -> None:
    if not isinstance(node.this, exp.Literal):
        raise _outside("INTERVAL of what is no constant")
    _unit("INTERVAL", SPANS)(node)


def _frame(node: exp.Expr) -> None:
    if str(node.args.get("kind") or "ROWS").upper() != "ROWS":
        raise _outside(f"A window's {node.args['kind']} frame")


_RULES: Mapping[type[exp.Expr], Callable[[exp.Expr], None]] = {
    exp.Anonymous: _named,
    exp.Table: _table,
    exp.Join: _join,
    exp.Div: _divided,
    exp.Mod: _divided,
    exp.Like: _pattern,
    exp.ILike: _pattern,
    exp.Interval: _span,
    exp.Var: _var,
    exp.Extract: _unit("extract()", EXTRACTED),
    exp.TimestampTrunc: _unit("date_trunc()", TRUNCATED_TO),
    exp.TimeToUnix: lambda node: _time(node.this, "epoch()"),
    exp.Cast: _cast,
    exp.TryCast: _try_cast,
    exp.Substring: _substring,
    exp.SplitPart: _split,
    exp.WindowSpec: _frame,
}


def _changed(tree: exp.Expr, node: exp.Expr) -> exp.Expr:
    """What the translator would change into something else is put into Spark's words here."""
    new: exp.Expr
    match node:
        case exp.Grouping():
            new = exp.Anonymous(this="GROUPING_ID", expressions=node.expressions)
        case exp.TimeToUnix():
            micros = exp.Anonymous(this="UNIX_MICROS", expressions=[node.this])
            million = exp.Literal.number("1000000.0D")
            new = exp.Paren(this=exp.Div(this=micros, expression=million))
        case exp.TryCast():
            matches = exp.Anonymous(
                this="REGEXP_LIKE", expressions=[node.this.copy(), exp.Literal.string(_NUMBER)]
            )
            number = exp.Cast(this=node.this.copy(), to=node.args["to"].copy())
            new = exp.Case(ifs=[exp.If(this=matches, true=number)])
        case _:
            return tree
    if node is tree:
        return new
    node.replace(new)
    return tree
