"""Expressions of the catalog as DuckDB SQL. The only place where SQL over events is rendered.

Names and constants are quoted here, so that a hostile column name or value stays a name or value.
"""

from __future__ import annotations

from collections.abc import Mapping

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
)

# One check character per five: bit i is set if character i is upper case.
_CHECK = "substr('ABCDEFGHIJKLMNOPQRSTUVWXYZ012345', 1 + {bits}, 1)"


def _check_characters() -> str:
    parts = []
    for at in (1, 6, 11):
        bits = " + ".join(
            f"CASE WHEN substr(x, {at + i}, 1) BETWEEN 'A' AND 'Z' THEN {1 << i} ELSE 0 END"
            for i in range(5)
        )
        parts.append(_CHECK.format(bits=f"({bits})"))
    return " || ".join(parts)


MACROS = (
    f"""CREATE OR REPLACE TEMP MACRO id_18(x) AS CASE
        WHEN length(x) = 18 AND regexp_full_match(x, '[0-9A-Za-z]{{18}}') THEN x
        WHEN length(x) = 15 AND regexp_full_match(x, '[0-9A-Za-z]{{15}}')
            THEN x || {_check_characters()}
        END""",
    # Years of four digits only: beyond them neither Python nor Delta has a date, and one row of
    # such a file would stop all that follow it. (Compared as text, which costs nothing.)
    """CREATE OR REPLACE TEMP MACRO instant(x) AS CASE
        WHEN NOT (x >= '1' AND x < '9999') THEN NULL
        WHEN contains(x, '-') THEN CASE WHEN x[5] = '-' THEN try_cast(x AS TIMESTAMPTZ) END
        ELSE try_strptime(x, ['%Y%m%d%H%M%S.%f', '%Y%m%d%H%M%S'])::TIMESTAMPTZ
        END""",
    r"""CREATE OR REPLACE TEMP MACRO bare(x) AS CASE
        WHEN length(x) >= 2 AND x[1] = '"' AND x[-1] = '"'
            THEN nullif(substr(x, 2, length(x) - 2), '')
        ELSE x
        END""",
    """CREATE OR REPLACE TEMP MACRO address(x) AS CASE
        WHEN regexp_full_match(x, '[0-9]{1,3}(\\.[0-9]{1,3}){3}') THEN x
        WHEN contains(x, ':') AND regexp_full_match(x, '[0-9A-Fa-f:.]+') THEN lower(x)
        END""",
)


def name(text: str) -> str:
    """A quoted identifier."""
    return '"' + text.replace('"', '""') + '"'


def text(value: str) -> str:
    """A quoted constant."""
    return "'" + value.replace("'", "''") + "'"


def sql(expr: Expr, columns: Mapping[str, str]) -> str:
    """SQL for `expr`. `columns` maps the source's column names to SQL; others are NULL."""
    match expr:
        case Column(column):
            return columns.get(column, "NULL::VARCHAR")
        case Text(value):
            return f"nullif({text(value)}, '')"
        case First(parts):
            known = [s for p in parts if (s := sql(p, columns)) != "NULL::VARCHAR"]
            if not known:
                return "NULL::VARCHAR"
            return known[0] if len(known) == 1 else f"coalesce({', '.join(known)})"
        case Id18(of):
            return _over("id_18", of, columns, "NULL::VARCHAR")
        case Instant(of):
            return _over("instant", of, columns, "NULL::TIMESTAMPTZ")
        case Bare(of):
            return _over("bare", of, columns, "NULL::VARCHAR")
        case Address(of):
            return _over("address", of, columns, "NULL::VARCHAR")
        case Whole(of):
            inner = sql(of, columns)
            if inner == "NULL::VARCHAR":
                return "NULL::BIGINT"
            rounded = f"try_cast(try_cast({inner} AS DOUBLE) AS BIGINT)"
            return f"coalesce(try_cast({inner} AS BIGINT), {rounded})"
        case Join(by, parts):
            known = [s for p in parts if (s := sql(p, columns)) != "NULL::VARCHAR"]
            return (
                f"nullif(concat_ws({text(by)}, {', '.join(known)}), '')"
                if known
                else "NULL::VARCHAR"
            )
        case Match(of, cases, otherwise):
            inner = sql(of, columns)
            rest = sql(otherwise, columns) if otherwise is not None else "NULL"
            if inner == "NULL::VARCHAR":
                return rest if otherwise is not None else "NULL::VARCHAR"
            whens = " ".join(
                f"WHEN {_like(inner, pattern)} THEN {sql(result, columns)}"
                for pattern, result in cases
            )
            last = f"WHEN {inner} IS NULL THEN {rest} " if otherwise is not None else ""
            return f"CASE {last}{whens} ELSE {rest} END"


def _over(macro: str, of: Expr, columns: Mapping[str, str], missing: str) -> str:
    inner = sql(of, columns)
    return missing if inner == "NULL::VARCHAR" else f"{macro}({inner})"


def _like(inner: str, pattern: str) -> str:
    """LIKE without regard to case; a pattern without wildcards is compared, which is faster."""
    if pattern == "_%":
        return f"{inner} <> ''"
    if "%" not in pattern and "_" not in pattern:
        return f"lower({inner}) = {text(pattern.lower())}"
    return f"{inner} ILIKE {text(pattern)}"
