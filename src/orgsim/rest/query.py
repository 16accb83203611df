"""Query, queryAll and queryMore, for the data and the Tooling API."""

from __future__ import annotations

import re
from typing import Any

from orgsim.rest.call import Call
from orgsim.soql.run import Result, Run
from orgsim.wire import ApiError, Reply, answer

PAGE = 2000
SMALLEST_PAGE = 200
UNCAPPED = 1 << 62
# By quirk: OauthToken answers at most 500 rows a page and goes silent after 2,500.
SPECIAL_PAGES = {"oauth_token_paging": (500, 2500)}


def query(call: Call, *, all_rows: bool) -> Reply:
    text = call.request.params.get("q")
    if not text:
        raise ApiError(400, "MALFORMED_QUERY", "The q parameter is required")
    asker = call.asker
    if all_rows:
        asker = call.server.asker(call.session, call.version, api=call.api, all_rows=True)
    page, cap = _page_size(call), UNCAPPED
    user_id, cursors = call.session.user_id, call.server.cursors

    def keep(result: Result, offset: int) -> str:
        locator = cursors.open(user_id, result, PAGE, UNCAPPED)
        return f"{call.root}/query/{locator}-{offset}"

    call.server.people.show_access(user_id)
    result = Run(asker, keep).query(text)
    for quirk in result.type.quirks & SPECIAL_PAGES.keys():
        page, cap = SPECIAL_PAGES[quirk]
    locator = None
    if len(result.rows) > page:
        locator = cursors.open(user_id, result, page, cap)
    return _page(call, result, locator, 0, page, cap)


def more(call: Call, text: str) -> Reply:
    locator, cursor, offset = call.server.cursors.find(call.session.user_id, text)
    return _page(call, cursor.result, locator, offset, cursor.page, cursor.cap)


def _page_size(call: Call) -> int:
    match = re.search(r"batchSize=(\d+)", call.request.headers.get("sforce-query-options", ""))
    if match is None:
        return PAGE
    return min(PAGE, max(SMALLEST_PAGE, int(match.group(1))))


def _page(
    call: Call, result: Result, locator: str | None, offset: int, page: int, cap: int
) -> Reply:
    end = min(offset + page, cap)
    done = locator is None or end >= min(len(result.rows), cap)
    render = result.render
    records = [render(row) for row in result.rows[offset:end]]
    made: dict[str, Any] = {"totalSize": result.total, "done": done}
    if call.api == "tooling":
        made = {
            "size": len(records) if result.rows or not result.total else result.total,
            "totalSize": result.total,
            "done": done,
            "queryLocator": None if done else f"{locator}-{end}",
            "entityTypeName": result.type.name,
        }
    if not done:
        made["nextRecordsUrl"] = f"{call.root}/query/{locator}-{end}"
    made["records"] = records
    return answer(made)
