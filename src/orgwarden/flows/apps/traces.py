"""What each source says of apps, read from an org's events: rows grouped by app and not one by one.

Every query groups by what Salesforce says about the app, so that few rows reach Python however many
grants, sign-ins or calls there are.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace

from orgwarden.core.apps import Mark, Trace
from orgwarden.flows.apps import rows
from orgwarden.lake.reading import Reader

POLICIES = frozenset(Mark) - {Mark.GRANTED, Mark.SEEN}


@dataclass(frozen=True)
class Asked:
    """What a view is asked about apps: the columns it must have, and what a row of it says."""

    sql: str
    columns: tuple[str, ...]
    told: Callable[[str, rows.Row], Trace]


def traces_of(reader: Reader, known: Collection[str]) -> tuple[list[Trace], frozenset[str]]:
    """All traces of one org's apps, and the sources that could not be read: their view lacks what
    is asked for. Of a source that is not `known` now, who is there is believed, and nothing that
    it says of a policy."""
    there, traces, unread = set(reader.sources()), [], set()
    for view, asked in SOURCES.items():
        if view not in there:
            continue
        if not {c.lower() for c in asked.columns} <= {c.lower() for c in reader.columns(view)}:
            unread.add(view)
            continue
        found = [asked.told(view, row) for row in reader.run(asked.sql).to_pylist()]
        if view not in known:
            found = [replace(t, marks=t.marks - POLICIES) for t in found]
        traces += found
    return traces, frozenset(unread)


# By view: what is asked, and what a row of it says. "N/A" and "Browser" is what Salesforce writes
# where a sign-in was by no app.
SOURCES: dict[str, Asked] = {
    "oauth_tokens": Asked(
        """SELECT AppName AS name, AppMenuItemId AS menu, count(*) AS rows,
            min(try_cast(CreatedDate AS TIMESTAMPTZ)) AS first,
            max(try_cast(LastUsedDate AS TIMESTAMPTZ)) AS last
        FROM oauth_tokens GROUP BY ALL""",
        ("AppName", "AppMenuItemId", "CreatedDate", "LastUsedDate"),
        rows.grant,
    ),
    "connected_applications": Asked(
        """SELECT Name AS name, Id AS app,
            OptionsAllowAdminApprovedUsersOnly = 'true' AS restricted,
            coalesce(RefreshTokenValidityPeriod, '') = '' AS never_ends
        FROM connected_applications""",
        ("Name", "OptionsAllowAdminApprovedUsersOnly", "RefreshTokenValidityPeriod"),
        rows.installed,
    ),
    "external_client_apps": Asked(
        "SELECT MasterLabel AS name, Id AS app FROM external_client_apps",
        ("MasterLabel",),
        rows.installed,
    ),
    "external_client_app_policies": Asked(
        """SELECT ExternalClientApplicationId AS app,
            PermittedUsersPolicyType = 'AdminApprovedPreAuthorized' AS restricted,
            RefreshTokenPolicyType = 'Infinite' AS never_ends
        FROM external_client_app_policies
        WHERE coalesce(ExternalClientApplicationId, '') <> ''""",
        ("ExternalClientApplicationId", "PermittedUsersPolicyType", "RefreshTokenPolicyType"),
        rows.installed,
    ),
    "app_menu_items": Asked(
        """SELECT Label AS name, Id AS menu, ApplicationId AS app FROM app_menu_items
        WHERE Type IN ('ConnectedApplication', 'ExternalClientApplication')""",
        ("Label", "ApplicationId", "Type"),
        rows.menu_item,
    ),
    "blocked_apps": Asked(
        """SELECT coalesce(ConsumerName, MasterLabel) AS name, ConsumerKey AS consumer
        FROM blocked_apps""",
        ("ConsumerName", "MasterLabel", "ConsumerKey"),
        rows.blocked,
    ),
    "login_history": Asked(
        """SELECT Application AS name, count(*) AS rows, min(n_time) AS first, max(n_time) AS last
        FROM login_history
        WHERE coalesce(Application, '') NOT IN ('', 'N/A', 'Browser') GROUP BY ALL""",
        ("Application",),
        rows.sign_in,
    ),
    "event_log_apitotalusage": Asked(
        """SELECT CONNECTED_APP_ID AS app, CONNECTED_APP_NAME AS name, count(*) AS rows,
            min(n_time) AS first, max(n_time) AS last
        FROM event_log_apitotalusage
        WHERE coalesce(CONNECTED_APP_ID, '') <> ''
            OR coalesce(CONNECTED_APP_NAME, '') NOT IN ('', 'N/A', 'Browser') GROUP BY ALL""",
        ("CONNECTED_APP_ID", "CONNECTED_APP_NAME"),
        rows.call,
    ),
}
