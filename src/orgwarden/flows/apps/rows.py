"""A row that a source's question about apps is answered with, as a trace."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from orgwarden.core.apps import Identity, Known, Mark, Trace
from orgwarden.core.ids import to_18

Row = Mapping[str, Any]


def menu_of(trace: Trace) -> str:
    """The menu entry that a grant names, as the org writes it; "" for none."""
    return next((i.value for i in trace.identities if i.known is Known.MENU_ITEM), "")


def grant(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.GRANTED}, (Known.MENU_ITEM, row["menu"]))


def installed(view: str, row: Row) -> Trace:
    marks = {Mark.INSTALLED}
    if (restricted := row.get("restricted")) is not None:
        marks.add(Mark.RESTRICTED if restricted else Mark.OPEN)
    if (never := row.get("never_ends")) is not None:
        marks.add(Mark.NEVER_ENDS if never else Mark.ENDS)
    return _trace(view, row, marks, (Known.APP, row["app"]))


def menu_item(view: str, row: Row) -> Trace:
    return _trace(view, row, set(), (Known.APP, row["app"]), (Known.MENU_ITEM, row["menu"]))


def blocked(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.BLOCKED}, (Known.CONSUMER_KEY, row["consumer"]))


def sign_in(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.SEEN})


def call(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.SEEN}, (Known.APP, row["app"]))


def _trace(view: str, row: Row, marks: set[Mark], *ids: tuple[Known, str | None]) -> Trace:
    identities = frozenset(Identity(known, _long(known, value)) for known, value in ids if value)
    return Trace(
        view,
        _kept(row.get("name")),
        identities,
        frozenset(marks),
        row.get("rows", 1),
        row.get("first"),
        row.get("last"),
    )


def _kept(text: str | None) -> str:
    """Without what no database keeps."""
    return (text or "").replace("\x00", "")


def _long(known: Known, value: str) -> str:
    """Log files write ids in fifteen characters, queries in eighteen."""
    if known is Known.CONSUMER_KEY:
        return _kept(value)
    try:
        return to_18(value)
    except ValueError:
        return _kept(value)  # an id in no form we know is still one, and equal to itself
