"""What the data API answers, as types: pages, limits, fields, composite results."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Generic, TypeVar

import msgspec

from orgwarden.core.problems import Problem, TryLater
from orgwarden.salesforce.errors import problem_from

log = logging.getLogger("orgwarden.salesforce")

T = TypeVar("T")


@dataclass(frozen=True)
class Page:
    """One page of a query: `body` is Salesforce's JSON as it came."""

    body: bytes
    count: int  # records in this page
    total_size: int  # records in the whole result
    done: bool


@dataclass(frozen=True)
class Limit:
    """One entry of the limits resource. `by_app`: calls used by connected apps that have a limit of
    their own, by name."""

    max: int
    remaining: int
    by_app: Mapping[str, int] = field(default_factory=dict)

    @property
    def used(self) -> int:
        return self.max - self.remaining


class Field(msgspec.Struct, frozen=True, rename="camel"):
    """One field of an object, as `describe` shows it to the connected user."""

    name: str
    type: str
    filterable: bool = False
    nillable: bool = False
    length: int = 0


class QueryAnswer(msgspec.Struct, rename="camel"):
    total_size: int
    done: bool
    records: list[msgspec.Raw]
    next_records_url: str | None = None


class Records(msgspec.Struct, Generic[T]):
    records: list[T]


class Described(msgspec.Struct):
    fields: list[Field]


class CompositeItem(msgspec.Struct, rename="camel"):
    body: msgspec.Raw
    http_status_code: int
    reference_id: str


class CompositeAnswer(msgspec.Struct, rename="camel"):
    composite_response: list[CompositeItem]


class LimitEntry(msgspec.Struct, rename="pascal"):
    max: int
    remaining: int


def decoded(body: bytes, type: type[T]) -> T:
    try:
        return msgspec.json.decode(body, type=type)
    except msgspec.ValidationError as error:
        # Its text names the path and the types, never a value.
        raise Problem(
            f"Salesforce answered in a shape we do not know ({error}).",
            fix="This is a fault in Orgwarden: please report it with this sentence.",
            code="UNKNOWN_SHAPE",
        ) from error
    except (msgspec.DecodeError, UnicodeDecodeError):
        raise TryLater("An answer of Salesforce is not JSON.", code="NOT_JSON") from None


def limits_from(entries: dict[str, msgspec.Raw]) -> dict[str, Limit]:
    """The limits in the shape we know. Salesforce adds, renames and nests them."""
    found: dict[str, Limit] = {}
    for key, raw in entries.items():
        try:
            entry = msgspec.json.decode(raw, type=LimitEntry)
        except msgspec.ValidationError:
            log.debug("a limit in an unknown shape: %r", key[:80])
            continue
        found[key] = Limit(entry.max, entry.remaining, _by_app(raw))
    return found


def _by_app(raw: msgspec.Raw) -> dict[str, int]:
    """Calls by app, where a limit nests apps: `{"Max": …, "Remaining": …, "App": {"Max": …}}`."""
    nested = msgspec.json.decode(raw, type=dict[str, msgspec.Raw])
    found = {}
    for name, one in nested.items():
        if name not in ("Max", "Remaining"):
            try:
                entry = msgspec.json.decode(one, type=LimitEntry)
            except msgspec.ValidationError:
                continue
            found[name[:255]] = entry.max - entry.remaining
    return found


def composite_result(item: CompositeItem | None, *, first: bool) -> Page | Problem:
    """The page of one query of a composite call; with `first` others may follow it."""
    if item is None:
        return TryLater("Salesforce left a query of a composite call unanswered.", code="NO_ANSWER")
    body = bytes(item.body)
    if not 200 <= item.http_status_code < 300:
        return problem_from(item.http_status_code, {}, body, endpoint="a composite query")
    try:
        page = decoded(body, QueryAnswer)
    except Problem as problem:
        return problem
    if first:
        more = not page.done and page.next_records_url is not None
        return Page(body, len(page.records), page.total_size, done=not more)
    if not page.done or len(page.records) != page.total_size:
        return Problem(
            f"A query of a composite call has {page.total_size:,} records, more than one page.",
            fix="This is a fault in Orgwarden: please report it with this sentence.",
            code="TOO_MANY_RECORDS",
        )
    return Page(body, len(page.records), page.total_size, done=True)
