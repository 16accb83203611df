"""WHERE and HAVING as closures: a condition becomes a function of a row that answers yes or no.

Text compares without case, as in SOQL; ids are accepted with 15 or 18 characters.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Any

from orgsim.org import id18
from orgsim.soql import dates, tree
from orgsim.soql.parse import refusal
from orgsim.soql.scope import Asker, Column

Test = Callable[[Any], bool]
Resolve = Callable[[tree.Operand], Column]
SubQuery = Callable[[tree.Query], set[Any]]

ORDERED: dict[str, Callable[[Any, Any], bool]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
TEXT = frozenset(
    "string picklist textarea email phone url combobox multipicklist encryptedstring "
    "address location anyType".split()
)
IDS = frozenset({"id", "reference"})
NUMBERS = frozenset({"int", "double", "currency", "percent", "long"})


def like_pattern(pattern: str) -> re.Pattern[str]:
    """A LIKE pattern (% any text, _ one character, backslash before either) as a regex."""
    out, i = "", 0
    while i < len(pattern):
        letter = pattern[i]
        if letter == "\\" and i + 1 < len(pattern):
            out += re.escape(pattern[i + 1])
            i += 1
        elif letter == "%":
            out += ".*"
        elif letter == "_":
            out += "."
        else:
            out += re.escape(letter)
        i += 1
    return re.compile(out, re.S | re.I)


class Filters:
    """Compiles the conditions of one query. `check` refuses operands that may not be used."""

    def __init__(
        self,
        asker: Asker,
        text: str,
        resolve: Resolve,
        check: Callable[[tree.Operand, Column], None],
        subquery: SubQuery,
    ) -> None:
        self.asker, self.text = asker, text
        self.resolve, self.check, self.subquery = resolve, check, subquery

    def test(self, condition: tree.Condition) -> Test:
        match condition:
            case tree.Both(every, parts):
                tests = [self.test(p) for p in parts]
                return _all(tests) if every else (lambda row: any(t(row) for t in tests))
            case tree.Not(part):
                inner = self.test(part)
                return lambda row: not inner(row)
            case tree.Compare(left, op, literal):
                return self._compare(self._column(left), op, literal)
            case tree.Like(left, pattern):
                column = self._column(left)
                if column.type not in TEXT:
                    raise refusal(
                        "INVALID_QUERY_FILTER_OPERATOR",
                        self.text,
                        left.at,
                        "invalid operator on id field"
                        if column.type in IDS
                        else f"filter criteria must be of type string for field {column.name}",
                    )
                get, match = column.get, like_pattern(pattern).fullmatch
                return lambda row: (v := get(row)) is not None and match(v) is not None
            case tree.InList(left, negated, literals):
                return self._in_list(self._column(left), negated, literals)
            case tree.InQuery(left, negated, query):
                return self._in_query(left, negated, query)
            case tree.Includes(left, negated, wanted):
                get = self._column(left).get
                sets = [set(w.split(";")) for w in wanted]

                def holds(row: Any) -> bool:
                    have = set((get(row) or "").split(";"))
                    return any(s <= have for s in sets) is not negated

                return holds
        raise TypeError(condition)

    def _column(self, what: tree.Operand) -> Column:
        column = self.resolve(what)
        self.check(what, column)
        return column

    def value(self, column: Column, literal: tree.Literal) -> Any:
        """The literal as a value of the column's kind; INVALID_FIELD when it is of another."""
        kind, value, type = literal.kind, literal.value, column.type
        if kind == "null":
            return None
        if kind == "string" and (type in TEXT or type in IDS or type == "base64"):
            return self._id(column, literal) if type in IDS else value.lower()
        if kind == "number" and type in NUMBERS:
            return value
        if kind == "boolean" and type == "boolean":
            return value
        if kind == "datetime" and type == "datetime":
            return value
        if kind == "date" and type == "date":
            return value
        raise refusal(
            "INVALID_FIELD",
            self.text,
            literal.at,
            f"value of filter criterion for field '{column.name}' must be of type "
            f"{'dateTime' if type == 'datetime' else type} and should "
            f"{'be' if kind == 'string' and type in TEXT else 'not be'} enclosed in quotes",
        )

    def _id(self, column: Column, literal: tree.Literal) -> str:
        text: str = literal.value
        if len(text) == 15 and text.isalnum():
            return id18(text)
        if len(text) == 18 and text.isalnum():
            return id18(text[:15])
        if text == "":
            return ""
        raise refusal(
            "INVALID_QUERY_FILTER_OPERATOR",
            self.text,
            literal.at,
            f"invalid ID field: {text}",
        )

    def span(self, column: Column, literal: tree.Literal) -> tuple[Any, Any]:
        """The half-open range a relative date means, in the column's kind."""
        name, n = literal.value
        zone = self.asker.time_zone
        days = dates.span(name, n, dates.today(self.asker.now, zone))
        if days is None:
            raise refusal("MALFORMED_QUERY", self.text, literal.at, f"unexpected token: '{name}'")
        if column.type == "date":
            return days[0].isoformat(), days[1].isoformat()
        if column.type != "datetime":
            raise refusal(
                "INVALID_FIELD",
                self.text,
                literal.at,
                f"value of filter criterion for field '{column.name}' must be of type "
                f"{column.type} and should be enclosed in quotes",
            )
        return dates.midnight(days[0], zone), dates.midnight(days[1], zone)

    def _compare(self, column: Column, op: str, literal: tree.Literal) -> Test:
        get = column.get
        if literal.kind == "relative":
            low, high = self.span(column, literal)
            tests: dict[str, Test] = {
                "=": lambda row: (v := get(row)) is not None and low <= v < high,
                "!=": lambda row: (v := get(row)) is None or not low <= v < high,
                "<": lambda row: (v := get(row)) is not None and v < low,
                "<=": lambda row: (v := get(row)) is not None and v < high,
                ">": lambda row: (v := get(row)) is not None and v >= high,
                ">=": lambda row: (v := get(row)) is not None and v >= low,
            }
            return tests[op]
        wanted = self.value(column, literal)
        text = column.type in TEXT
        if wanted == "" and (text or column.type in IDS):
            wanted = None  # Salesforce stores no empty text: '' means null
        if op in ("=", "!="):
            equal = op == "="
            if wanted is None:
                return lambda row: (get(row) in (None, "")) is equal
            if text:
                return lambda row: ((v := get(row)) is not None and v.lower() == wanted) is equal
            return lambda row: (get(row) == wanted) is equal
        if column.type in ("boolean",) or wanted is None:
            raise refusal(
                "INVALID_QUERY_FILTER_OPERATOR",
                self.text,
                literal.at,
                f"invalid operator on {column.type} field",
            )
        compare = ORDERED[op]
        if text:
            return lambda row: (v := get(row)) is not None and compare(v.lower(), wanted)
        return lambda row: (v := get(row)) is not None and compare(v, wanted)

    def _in_list(self, column: Column, negated: bool, literals: tuple[tree.Literal, ...]) -> Test:
        get = column.get
        if any(item.kind == "relative" for item in literals):
            tests = [self._compare(column, "=", item) for item in literals]
            return lambda row: any(t(row) for t in tests) is not negated
        wanted = {self.value(column, item) for item in literals}
        if column.type in TEXT:
            return lambda row: ((v.lower() if (v := get(row)) else None) in wanted) is not negated
        return lambda row: (get(row) in wanted) is not negated

    def _in_query(self, left: tree.Operand, negated: bool, query: tree.Query) -> Test:
        column = self._column(left)
        if column.type not in IDS:
            raise refusal(
                "INVALID_FIELD",
                self.text,
                left.at,
                f"The left operand field in the where expression for inner query should be an id "
                f"field, cannot use: '{column.name}'",
            )
        found, get = self.subquery(query), column.get
        return lambda row: (get(row) in found) is not negated


def _all(tests: list[Test]) -> Test:
    if len(tests) == 2:
        first, second = tests
        return lambda row: first(row) and second(row)
    return lambda row: all(t(row) for t in tests)
