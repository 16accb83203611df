"""From SOQL text to a tree, by the grammar beside this file. Parsed texts are kept."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from functools import cache, lru_cache
from pathlib import Path as FilePath
from typing import Any

from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import VisitError

from orgsim.soql import tree
from orgsim.wire import ApiError

MAX_LENGTH = 100_000
ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "f": "\f"}


def refusal(code: str, text: str, at: tree.At, message: str) -> ApiError:
    """The error Salesforce gives for a query: the line, a caret, the position, what is wrong."""
    row, column = at
    lines = text.splitlines() or [""]
    line = lines[min(row, len(lines)) - 1]
    start = max(0, column - 1 - 60)
    shown = line[start : column + 60]
    caret = " " * (column - 1 - start) + "^"
    return ApiError(400, code, f"\n{shown}\n{caret}\nERROR at Row:{row}:Column:{column}\n{message}")


def malformed(text: str, at: tree.At, message: str) -> ApiError:
    return refusal("MALFORMED_QUERY", text, at, message)


def unquote(token: str, *, like: bool = False) -> str:
    """The value of a quoted SOQL string. An unknown escape is an error, as at Salesforce.

    A pattern for LIKE keeps its escaped wildcards escaped."""

    def one(match: re.Match[str]) -> str:
        letter = match.group(1)
        if letter == "\\" and like:
            return "\\\\"
        if letter in "'\"\\":
            return letter
        if letter == "u":
            return match.group(0)  # resolved below, where its four digits are in view
        if letter.lower() in ESCAPES:
            return ESCAPES[letter.lower()]
        if letter in "_%":
            return "\\" + letter if like else letter
        raise ValueError(letter)

    text = re.sub(r"\\(.)", one, token[1:-1], flags=re.S)
    return re.sub(r"\\u([0-9A-Fa-f]{4})", lambda m: chr(int(m.group(1), 16)), text)


def instant(text: str) -> int:
    """Epoch ms of a SOQL datetime literal."""
    text = text.upper().replace("Z", "+00:00")
    if re.search(r"[+-]\d{4}$", text):
        text = text[:-2] + ":" + text[-2:]
    moment = datetime.fromisoformat(text).astimezone(UTC)
    return int(moment.timestamp()) * 1000 + moment.microsecond // 1000


def _at(token: Token) -> tree.At:
    return (token.line or 1, token.column or 1)


def _path(token: Token) -> tree.Path:
    return tree.Path(tuple(token.split(".")), _at(token))


@v_args(inline=True)
class _Builder(Transformer[Token, Any]):
    """Grammar rules to tree nodes; clauses travel as (name, value) pairs to their query."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.text = text

    def start(self, query: tree.Query) -> tree.Query:
        return query

    def operand(self, what: Any) -> tree.Operand:
        return _path(what) if isinstance(what, Token) else what

    def call(self, name: Token, argument: Any = None) -> tree.Call:
        if isinstance(argument, Token):
            argument = _path(argument)
        return tree.Call(str(name), argument, _at(name))

    def item(self, what: tree.Operand, alias: Token | None = None) -> tree.Item:
        return tree.Item(what, None if alias is None else str(alias))

    def child(self, query: tree.Query) -> tree.Query:
        return query

    def alias(self, *tokens: Token) -> tuple[str, Any]:
        return ("alias", str(tokens[-1]))

    def using(self, *tokens: Token) -> tuple[str, Any]:
        if tokens[-1].lower() != "everything":
            raise malformed(self.text, _at(tokens[-1]), "Unsupported scope")
        return ("scope", None)

    def with_(self, keyword: Token, what: Token) -> tuple[str, Any]:
        if what.lower() not in ("security_enforced", "user_mode", "system_mode"):
            raise malformed(self.text, _at(what), f"unexpected token: '{what}'")
        return ("scope", None)

    def where(self, keyword: Token, condition: tree.Condition) -> tuple[str, Any]:
        return ("where", condition)

    def having(self, keyword: Token, condition: tree.Condition) -> tuple[str, Any]:
        return ("having", condition)

    def group(self, *parts: Any) -> tuple[str, Any]:
        return ("group", tuple(p for p in parts if not isinstance(p, Token)))

    def order(self, *parts: Any) -> tuple[str, Any]:
        return ("order", tuple(p for p in parts if isinstance(p, tree.Key)))

    def key(self, what: tree.Operand, *rest: Any) -> tree.Key:
        descending, nulls_last = False, None
        for part in rest:
            if isinstance(part, Token):
                descending = part.type == "DESC"
            else:
                nulls_last = part[1]
        return tree.Key(what, descending, bool(nulls_last))  # by default nulls come first

    def nulls(self, keyword: Token, which: Token) -> tuple[str, Any]:
        return ("nulls", which.type == "LAST")

    def limit(self, keyword: Token, number: Token) -> tuple[str, Any]:
        return ("limit", self._whole(number))

    def offset(self, keyword: Token, number: Token) -> tuple[str, Any]:
        n = self._whole(number)
        if n > 2000:
            raise ApiError(
                400,
                "NUMBER_OUTSIDE_VALID_RANGE",
                refusal("", self.text, _at(number), "Maximum SOQL offset allowed is 2000").message,
            )
        return ("offset", n)

    def _whole(self, number: Token) -> int:
        if not number.isdigit():
            raise malformed(self.text, _at(number), f"unexpected token: '{number}'")
        return int(number)

    def forview(self, *tokens: Token) -> tuple[str, Any]:
        return ("scope", None)

    def allrows(self, *tokens: Token) -> tuple[str, Any]:
        return ("all_rows", True)

    def all_of(self, *parts: Any) -> tree.Condition:
        return tree.Both(True, tuple(p for p in parts if not isinstance(p, Token)))

    def any_of(self, *parts: Any) -> tree.Condition:
        return tree.Both(False, tuple(p for p in parts if not isinstance(p, Token)))

    def negation(self, keyword: Token, part: tree.Condition) -> tree.Condition:
        return tree.Not(part)

    def compare(self, left: tree.Operand, operator: Token, value: tree.Literal) -> tree.Condition:
        return tree.Compare(left, "!=" if operator == "<>" else str(operator), value)

    def like(self, left: tree.Operand, keyword: Token, text: Token) -> tree.Condition:
        return tree.Like(left, self._string(text, like=True))

    def in_list(self, left: tree.Operand, *parts: Any) -> tree.Condition:
        negated = any(isinstance(p, Token) and p.type == "NOT" for p in parts)
        values = tuple(p for p in parts if isinstance(p, tree.Literal))
        return tree.InList(left, negated, values)

    def in_query(self, left: tree.Operand, *parts: Any) -> tree.Condition:
        negated = any(isinstance(p, Token) and p.type == "NOT" for p in parts)
        return tree.InQuery(left, negated, parts[-1])

    def includes(self, left: tree.Operand, keyword: Token, *texts: Token) -> tree.Condition:
        values = tuple(self._string(t) for t in texts)
        return tree.Includes(left, keyword.type == "EXCLUDES", values)

    def value(self, token: Token, number: Token | None = None) -> tree.Literal:
        at = _at(token)
        match token.type:
            case "STRING":
                return tree.Literal("string", self._string(token), at)
            case "DATETIME":
                try:
                    return tree.Literal("datetime", instant(token), at)
                except ValueError as error:
                    raise malformed(self.text, at, f"invalid datetime: {token}") from error
            case "DATE":
                return tree.Literal("date", str(token), at)
            case "NUMBER":
                whole = re.fullmatch(r"[+-]?\d+", token)
                return tree.Literal("number", int(token) if whole else float(token), at)
            case "TRUE" | "FALSE":
                return tree.Literal("boolean", token.type == "TRUE", at)
            case "NULL":
                return tree.Literal("null", None, at)
        n = None if number is None else self._whole(number)
        return tree.Literal("relative", (token.upper(), n), at)

    def _string(self, token: Token, *, like: bool = False) -> str:
        try:
            return unquote(token, like=like)
        except ValueError as error:
            raise malformed(
                self.text, _at(token), f"Illegal character sequence '\\{error}' in string literal"
            ) from error

    def query(self, *parts: Any) -> tree.Query:
        items = tuple(p for p in parts if isinstance(p, tree.Item | tree.Query))
        name = next(p for p in parts if isinstance(p, Token) and p.type == "PATH")
        clauses: dict[str, Any] = dict(p for p in parts if isinstance(p, tuple))
        clauses.pop("scope", None)
        return tree.Query(self.text, items, str(name), _at(name), **clauses)


@cache
def _parser() -> Lark:
    grammar = (FilePath(__file__).parent / "grammar.lark").read_text()
    return Lark(grammar, parser="lalr", lexer="contextual", propagate_positions=False)


@lru_cache(maxsize=4096)
def parse(text: str) -> tree.Query:
    """The tree of one SOQL query; ApiError MALFORMED_QUERY where it is not one."""
    if len(text) > MAX_LENGTH:
        raise ApiError(400, "QUERY_TOO_COMPLICATED", "SOQL statements cannot be longer than 100000")
    try:
        made = _parser().parse(text)
        builder = _Builder(text)
        setattr(builder, "with", builder.with_)  # a Python keyword cannot be a method's name
        query: tree.Query = builder.transform(made)
        return query
    except VisitError as error:
        if isinstance(error.orig_exc, ApiError):
            raise error.orig_exc from None
        raise
    except UnexpectedToken as error:
        token = error.token
        if token.type == "$END":
            lines = text.splitlines() or [""]
            raise malformed(
                text, (len(lines), len(lines[-1]) + 1), "unexpected token: '<EOF>'"
            ) from None
        raise malformed(text, _at(token), f"unexpected token: '{token}'") from None
    except UnexpectedInput as error:
        at = (error.line, error.column)
        found = text.splitlines()[error.line - 1][error.column - 1 : error.column]
        raise malformed(text, at, f"unexpected token: '{found}'") from None
