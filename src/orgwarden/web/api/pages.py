"""Lists in pages: a cursor is signed and says nothing, and an id of ours cannot be guessed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any, TypeVar

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils.crypto import constant_time_compare, salted_hmac

from orgwarden.web.api.problems import Invalid
from orgwarden.web.api.shapes import PageAsked

T = TypeVar("T")


def newest_first(
    rows: QuerySet[Any], field: str, asked: PageAsked, tell: Callable[[Any], T]
) -> dict[str, Any]:
    """A page of `rows` by `field` (a time), then by row id, newest first."""
    if asked.cursor:
        at, pk = read_cursor(field, asked.cursor)
        before = datetime.fromisoformat(at)
        rows = rows.filter(Q(**{f"{field}__lt": before}) | Q(**{field: before, "pk__lt": pk}))
    found = list(rows.order_by(f"-{field}", "-pk")[: asked.limit + 1])
    following = None
    if len(found) > asked.limit:
        last = found[asked.limit - 1]
        following = cursor(field, [getattr(last, field).isoformat(), last.pk])
    return {"items": [tell(row) for row in found[: asked.limit]], "next": following}


def cursor(kind: str, place: Sequence[Any]) -> str:
    """Where the next page begins, as text."""
    return signing.dumps(list(place), salt=f"api-cursor-{kind}", compress=False)


def read_cursor(kind: str, text: str) -> list[Any]:
    """What `cursor` was given. Raises Invalid for any other text."""
    try:
        place: list[Any] = signing.loads(text, salt=f"api-cursor-{kind}")
    except (signing.BadSignature, ValueError):
        raise Invalid(
            "This cursor is not one of this list.",
            fix="Give `next` of the page before, whole, or leave cursor out.",
            code="CURSOR",
        ) from None
    return place


def opaque(kind: str, pk: int) -> str:
    """A row's id for addresses; nobody can make one up."""
    return f"{pk:x}-{_mark(kind, pk)}"


def row_of(kind: str, text: str) -> int | None:
    """The row's id behind an `opaque` one; None for anything else."""
    number, _, mark = text.partition("-")
    if len(number) > 15 or not number or set(number) - set("0123456789abcdef"):
        return None
    pk = int(number, 16)
    return pk if constant_time_compare(mark, _mark(kind, pk)) else None


def _mark(kind: str, pk: int) -> str:
    return salted_hmac(f"api-id-{kind}", str(pk), algorithm="sha256").hexdigest()[:20]
