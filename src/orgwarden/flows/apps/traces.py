"""What each source says of apps, read from an org's events: rows grouped by app and not one by one.

Every query groups by what Salesforce says about the app, so that few rows reach Python however many
grants, sign-ins or calls there are.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from orgwarden.core.apps import Identity, Known, Mark, Trace
from orgwarden.core.ids import to_18
from orgwarden.lake.reading import Reader

Row = Mapping[str, Any]


def traces_of(reader: Reader) -> Iterator[Trace]:
    """All traces of one org's apps. A source without rows leaves none."""
    there = set(reader.sources())
    for view, (sql, told) in SOURCES.items():
        if view in there:
            for row in reader.run(sql).to_pylist():
                yield told(view, row)


def menu_of(trace: Trace) -> str:
    """The menu entry that a grant names, as the org writes it; "" for none."""
    return next((i.value for i in trace.identities if i.known is Known.MENU_ITEM), "")


def _grant(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.GRANTED}, (Known.MENU_ITEM, row["menu"]))


def _installed(view: str, row: Row) -> Trace:
    marks = {Mark.INSTALLED}
    if row.get("restricted"):
        marks.add(Mark.RESTRICTED)
    if (never := row.get("never_ends")) is not None:
        marks.add(Mark.NEVER_ENDS if never else Mark.ENDS)
    return _trace(view, row, marks, (Known.APP, row["app"]))


def _menu_item(view: str, row: Row) -> Trace:
    return _trace(view, row, set(), (Known.APP, row["app"]), (Known.MENU_ITEM, row["menu"]))


def _blocked(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.BLOCKED}, (Known.CONSUMER_KEY, row["consumer"]))


def _sign_in(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.SEEN})


def _call(view: str, row: Row) -> Trace:
    return _trace(view, row, {Mark.SEEN}, (Known.APP, row["app"]))


def _trace(view: str, row: Row, marks: set[Mark], *ids: tuple[Known, str | None]) -> Trace:
    identities = frozenset(Identity(known, _long(known, value)) for known, value in ids if value)
    return Trace(
        view,
        (row.get("name") or "").replace("\x00", ""),  # which no database keeps
        identities,
        frozenset(marks),
        row.get("rows", 1),
        row.get("first"),
        row.get("last"),
    )


def _long(known: Known, value: str) -> str:
    """Log files write ids in fifteen characters, queries in eighteen."""
    if known is Known.CONSUMER_KEY:
        return value
    try:
        return to_18(value)
    except ValueError:
        return value  # an id in no form we know is still one, and equal to itself


# By view: what is asked, and what a row of it says. "N/A" and "Browser" is what Salesforce writes
# where a sign-in was by no app.
SOURCES: dict[str, tuple[str, Callable[[str, Row], Trace]]] = {
    "oauth_tokens": (
        """SELECT AppName AS name, AppMenuItemId AS menu, count(*) AS rows,
            min(try_cast(CreatedDate AS TIMESTAMPTZ)) AS first,
            max(try_cast(LastUsedDate AS TIMESTAMPTZ)) AS last
        FROM oauth_tokens GROUP BY ALL""",
        _grant,
    ),
    "connected_applications": (
        """SELECT Name AS name, Id AS app,
            OptionsAllowAdminApprovedUsersOnly = 'true' AS restricted,
            coalesce(RefreshTokenValidityPeriod, '') = '' AS never_ends
        FROM connected_applications""",
        _installed,
    ),
    "external_client_apps": (
        "SELECT MasterLabel AS name, Id AS app FROM external_client_apps",
        _installed,
    ),
    "external_client_app_policies": (
        """SELECT ExternalClientApplicationId AS app,
            PermittedUsersPolicyType = 'AdminApprovedPreAuthorized' AS restricted,
            RefreshTokenPolicyType = 'Infinite' AS never_ends
        FROM external_client_app_policies
        WHERE coalesce(ExternalClientApplicationId, '') <> ''""",
        _installed,
    ),
    "app_menu_items": (
        """SELECT Label AS name, Id AS menu, ApplicationId AS app FROM app_menu_items
        WHERE Type IN ('ConnectedApplication', 'ExternalClientApplication')""",
        _menu_item,
    ),
    "blocked_apps": (
        """SELECT coalesce(ConsumerName, MasterLabel) AS name, ConsumerKey AS consumer
        FROM blocked_apps""",
        _blocked,
    ),
    "login_history": (
        """SELECT Application AS name, count(*) AS rows, min(n_time) AS first, max(n_time) AS last
        FROM login_history
        WHERE coalesce(Application, '') NOT IN ('', 'N/A', 'Browser') GROUP BY ALL""",
        _sign_in,
    ),
    "event_log_apitotalusage": (
        """SELECT CONNECTED_APP_ID AS app, CONNECTED_APP_NAME AS name, count(*) AS rows,
            min(n_time) AS first, max(n_time) AS last
        FROM event_log_apitotalusage
        WHERE coalesce(CONNECTED_APP_ID, '') <> ''
            OR coalesce(CONNECTED_APP_NAME, '') NOT IN ('', 'N/A', 'Browser') GROUP BY ALL""",
        _call,
    ),
}
