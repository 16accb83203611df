"""Open query cursors: at most ten per user, the oldest dropped; each lives two days."""

from __future__ import annotations

from dataclasses import dataclass

from orgsim.org import Org
from orgsim.soql.run import Result
from orgsim.wire import ApiError

PER_USER = 10
LIFE_MS = 48 * 3_600_000


@dataclass(frozen=True, slots=True)
class Cursor:
    user_id: str
    result: Result
    page: int
    cap: int  # rows after which the answer stops silently
    created_ms: int


class Cursors:
    def __init__(self, org: Org) -> None:
        self.org = org
        self._open: dict[str, Cursor] = {}

    def open(self, user_id: str, result: Result, page: int, cap: int) -> str:
        """Keep a result; answers its locator without the offset."""
        mine = [key for key, c in self._open.items() if c.user_id == user_id]
        for key in mine[: max(0, len(mine) - PER_USER + 1)]:
            del self._open[key]
        locator = self.org.new_id("01g")
        self._open[locator] = Cursor(user_id, result, page, cap, self.org.clock.now())
        return locator

    def find(self, user_id: str, text: str) -> tuple[str, Cursor, int]:
        """Locator, cursor and offset of `01g…-2000`; INVALID_QUERY_LOCATOR when it is gone."""
        locator, _, offset = text.partition("-")
        cursor = self._open.get(locator)
        if (
            cursor is None
            or cursor.user_id != user_id
            or not offset.isdigit()
            or int(offset) > len(cursor.result.rows)
            or self.org.clock.now() - cursor.created_ms > LIFE_MS
        ):
            raise ApiError(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        return locator, cursor, int(offset)

    def drop_all(self) -> None:
        self._open.clear()
