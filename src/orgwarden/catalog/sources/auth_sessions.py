"""Sessions that are open just now: people in a browser, apps with a token.

A reading is a photograph: a session that began and ended between two readings was never seen, and
is told by sign-ins only. Between two readings what opens and ends is told by `entity_changes`.
Source: Object Reference, AuthSession.
"""

from dataclasses import replace
from datetime import timedelta

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.expr import Address, Column, Id18
from orgwarden.core.source import Field, Need

_WHOLE = whole(
    "auth_sessions",
    "Open sessions",
    "Who is signed in just now: from where, how, for how long and how well proven.",
    "AuthSession",
    (
        Field("UsersId", "The user."),
        Field("SessionType", "What kind: UI, API, Oauth2, Aura, SubstituteUser …"),
        Field("SessionSecurityLevel", "STANDARD or HIGH_ASSURANCE."),
        Field("LoginType", "How the user signed in."),
        Field("SourceIp", "The address it came from."),
        Field("NumSecondsValid", "For how many seconds it lives without use."),
        Field("ParentId", "The session it was opened from."),
        Field("LoginHistoryId", "The sign-in it began with."),
        Field("UserType", "Kind of user."),
        Field("IsCurrent", "It is the session that asks: ours."),
    ),
    stamped=stamps("CreatedDate", "LastModifiedDate"),
    label=("UsersId",),
    cadence=timedelta(hours=6),
    needs=(
        Need(
            "ManageUsers",
            "only the connected user's own sessions are visible",
            silent=True,
            instead=("ManageInternalUsers", "ManageCssUsers"),
        ),
    ),
    quiet=("IsCurrent",),
    tier="sign_ins",
)
SOURCE = replace(
    _WHOLE,
    normalised={
        **_WHOLE.normalised,
        "actor_id": Id18(Column("UsersId")),
        "ip": Address(Column("SourceIp")),
        "session": Column("LoginHistoryId"),
    },
    kept="as long as the session lives",
)
