"""Which apps hold a token of which user. The columns that hold tokens are never read.

Salesforce gives a grant no Id and shows 2,500 rows of a query: it is told by user, app and time,
and read by what was used, once a day whole and in slices. A grant that was revoked is seen at the
next whole reading. Source: Object Reference, OauthToken.
"""

from dataclasses import replace
from datetime import timedelta

from orgwarden.catalog.sources.whole import READ_AT, stamps, whole
from orgwarden.core.expr import Column
from orgwarden.core.source import Field, Need
from orgwarden.core.whole import Swept

_MADE = whole(
    "oauth_tokens",
    "OAuth tokens",
    "Which apps may act for which user, since when and when last; never the tokens themselves.",
    "OauthToken",
    (
        Field("UserId", "For whom the app may act."),
        Field("AppName", "What the app calls itself."),
        Field("AppMenuItemId", "Its entry in the app menu; empty for apps that are not installed."),
        Field("LastUsedDate", "Last use; empty: never.", time=True),
        Field("UseCount", "How often it was used."),
    ),
    stamped=(READ_AT, *stamps("CreatedDate")),
    label=("AppName",),
    lane="tokens",
    cadence=timedelta(hours=1),
    quiet=("LastUsedDate", "UseCount"),
    needs=(Need("CustomizeApplication", "other people's tokens are dark", silent=True),),
    identity=("UserId", "AppName", "CreatedDate"),
    how=Swept(by="UserId", since=("LastUsedDate", "CreatedDate"), most=2500),
    cost=(
        "1 call a run per 500 tokens used since the run before; once a day all of them, 1 call per"
        " 500 and 1 for each slice of at most 2,500."
    ),
    kept="until it is revoked or ends",
    tier="tokens",
)
SOURCE = replace(_MADE, normalised={**_MADE.normalised, "app": Column("AppName")})
