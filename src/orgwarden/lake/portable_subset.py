"""The portable subset as a list: each construct, and the parts of it that are understood.

Names are SQLGlot's, which reads DuckDB's SQL for `lake.portable`. A part that is not listed is
refused with its construct, so that a new version of the reader cannot let anything through.
"""

from __future__ import annotations

from collections.abc import Mapping

from sqlglot import exp

_OF = frozenset({"this", "expression", "expressions"})
CLAUSES: Mapping[type[exp.Expr], frozenset[str]] = {
    exp.Select: frozenset(
        "with_ expressions from_ joins where group having qualify windows order limit offset "
        "distinct".split()
    ),
    exp.Union: frozenset("with_ this expression distinct order limit offset".split()),
    exp.Intersect: frozenset("with_ this expression distinct order limit offset".split()),
    exp.Except: frozenset("with_ this expression distinct order limit offset".split()),
    exp.With: frozenset({"expressions"}),
    exp.CTE: frozenset({"this", "alias"}),
    exp.From: frozenset({"this"}),
    exp.Table: frozenset({"this", "alias"}),
    exp.TableAlias: frozenset({"this", "columns"}),
    exp.Subquery: frozenset({"this", "alias"}),
    exp.Join: frozenset({"this", "side", "kind", "on", "using"}),
    exp.Where: _OF,
    exp.Group: frozenset({"expressions", "grouping_sets"}),
    exp.GroupingSets: _OF,
    exp.Having: _OF,
    exp.Qualify: _OF,
    exp.Order: frozenset({"expressions"}),
    exp.Ordered: frozenset({"this", "desc", "nulls_first"}),
    exp.Limit: frozenset({"expression"}),
    exp.Offset: frozenset({"expression"}),
    exp.Distinct: frozenset({"expressions"}),
    exp.Window: frozenset({"this", "partition_by", "order", "spec", "alias", "over"}),
    exp.WindowSpec: frozenset("kind start end start_side end_side".split()),
    exp.Filter: _OF,
}
VALUES: Mapping[type[exp.Expr], frozenset[str]] = {
    exp.Identifier: frozenset({"this", "quoted"}),
    exp.Column: frozenset({"this", "table"}),
    exp.Star: frozenset(),
    exp.Alias: frozenset({"this", "alias"}),
    exp.Literal: frozenset({"this", "is_string"}),
    exp.Boolean: _OF,
    exp.Null: frozenset(),
    exp.Placeholder: frozenset(),
    exp.Paren: _OF,
    exp.Tuple: _OF,
    exp.Var: _OF,
    exp.Interval: frozenset({"this", "unit"}),
    exp.DataType: frozenset({"this", "nested"}),
    exp.Case: frozenset({"this", "ifs", "default"}),
    exp.If: frozenset({"this", "true", "false"}),
    exp.In: frozenset({"this", "query", "expressions"}),
    exp.Between: frozenset({"this", "low", "high"}),
    exp.Like: _OF | {"negate"},
    exp.ILike: _OF | {"negate"},
    exp.DPipe: _OF | {"safe"},
    exp.Cast: frozenset({"this", "to"}),
    exp.TryCast: frozenset({"this", "to", "safe", "requires_string"}),
    exp.Div: _OF | {"typed", "safe"},
    exp.Interval: frozenset({"this", "unit"}),
    **dict.fromkeys(
        (
            exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.GT, exp.GTE, exp.LT, exp.LTE, exp.Is,
            exp.NullSafeEQ, exp.NullSafeNEQ, exp.Add, exp.Sub, exp.Mul, exp.Mod, exp.Neg,
            exp.Exists,
        ),
        _OF,
    ),
}  # fmt: skip
FUNCTIONS: Mapping[type[exp.Expr], frozenset[str]] = {
    exp.Count: _OF | {"big_int"},
    exp.Round: frozenset({"this"}),
    exp.Ceil: frozenset({"this"}),
    exp.Floor: frozenset({"this"}),
    exp.Coalesce: _OF,
    exp.Greatest: _OF | {"ignore_nulls"},
    exp.Least: _OF | {"ignore_nulls"},
    exp.ConcatWs: _OF | {"safe", "coalesce"},
    exp.Chr: frozenset({"expressions", "charset"}),
    exp.Substring: frozenset({"this", "start", "length"}),
    exp.SplitPart: frozenset({"this", "delimiter", "part_index"}),
    exp.Replace: frozenset({"this", "expression", "replacement"}),
    exp.Lag: frozenset({"this", "offset", "default"}),
    exp.Lead: frozenset({"this", "offset", "default"}),
    exp.TimestampTrunc: frozenset({"this", "unit", "input_type_preserved"}),
    exp.Extract: _OF,
    **dict.fromkeys(
        (
            exp.Sum, exp.Min, exp.Max, exp.Avg, exp.CountIf, exp.RowNumber, exp.Rank,
            exp.DenseRank, exp.Nullif, exp.Abs, exp.Lower, exp.Upper, exp.Length, exp.Trim,
            exp.Contains, exp.StartsWith, exp.EndsWith, exp.TimeToUnix, exp.Grouping,
            exp.CurrentTimestamp,
        ),
        _OF,
    ),
}  # fmt: skip
SUBSET = {**CLAUSES, **VALUES, **FUNCTIONS, exp.Anonymous: _OF}

SILENT = frozenset(
    {exp.Identifier, exp.With, exp.Table, exp.Var, exp.DataType, exp.Paren, exp.Tuple, exp.Ordered,
     exp.TableAlias, exp.WindowSpec, exp.Star, exp.Placeholder, exp.Alias, exp.If, exp.Column}
)  # fmt: skip
NAMES: Mapping[type[exp.Expr], str] = {
    exp.CTE: "WITH", exp.Group: "GROUP BY", exp.Order: "ORDER BY", exp.Window: "OVER (ROWS …)",
    exp.GroupingSets: "GROUPING SETS", exp.Filter: "FILTER (WHERE …)", exp.DPipe: "||",
    exp.NullSafeEQ: "IS NOT DISTINCT FROM", exp.NullSafeNEQ: "IS DISTINCT FROM", exp.EQ: "=",
    exp.NEQ: "<>", exp.GT: ">", exp.GTE: ">=", exp.LT: "<", exp.LTE: "<=", exp.Add: "+",
    exp.Sub: "-", exp.Mul: "*", exp.Div: "/ (by a constant or nullif(…, 0))",
    exp.Mod: "% (by a constant or nullif(…, 0))", exp.Neg: "-x",
    exp.Cast: "CAST (of times to DATE, of whole numbers to BIGINT, of numbers to DOUBLE)",
    exp.TryCast: "TRY_CAST (of texts to DOUBLE)", exp.TimestampTrunc: "date_trunc",
    exp.TimeToUnix: "epoch", exp.Extract: "extract", exp.SplitPart: "split_part",
    exp.StartsWith: "starts_with", exp.EndsWith: "ends_with", exp.ConcatWs: "concat_ws",
    exp.Substring: "substr", exp.RowNumber: "row_number", exp.DenseRank: "dense_rank",
    exp.CurrentTimestamp: "current_timestamp", exp.CountIf: "count_if", exp.Boolean: "TRUE, FALSE",
    exp.Like: "LIKE (a constant pattern)", exp.ILike: "ILIKE (a constant pattern)",
    exp.Literal: "constants",
}  # fmt: skip


def word(kind: type[exp.Expr]) -> str:
    return NAMES.get(kind, kind.__name__.upper())


FOREIGN: Mapping[type[exp.Expr], str] = {
    exp.Array: "[…]", exp.Struct: "{…}", exp.Bracket: "x[…]", exp.ArrayAgg: "list()",
    exp.GroupConcat: "string_agg()", exp.SimilarTo: "SIMILAR TO", exp.IntDiv: "//",
}  # fmt: skip


def listed() -> dict[str, list[str]]:
    """What may be used, in SQL's words, for people: clauses, conditions and values, functions."""
    return {
        "Clauses": sorted(word(kind) for kind in CLAUSES if kind not in SILENT),
        "Values and conditions": sorted(word(kind) for kind in VALUES if kind not in SILENT),
        "Functions": sorted({f"{word(kind).lower()}()" for kind in FUNCTIONS} | {"now()"}),
    }
