"""Whether a user is frozen or locked out. Source: Object Reference, UserLogin."""

from datetime import timedelta

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "user_logins",
    "Frozen and locked users",
    "Who is frozen or locked out after wrong passwords.",
    "UserLogin",
    (
        Field("UserId", "The user."),
        Field("IsFrozen", "An administrator froze the user."),
        Field("IsPasswordLocked", "Locked out after wrong passwords."),
    ),
    stamped=stamps("LastModifiedDate", "LastModifiedById"),
    label=("UserId",),
    cadence=timedelta(hours=1),
    needs=(Need("ManageUsers", "who is frozen or locked is dark"),),
    tier="sign_ins",
)
