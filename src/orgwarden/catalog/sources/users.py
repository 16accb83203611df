"""The org's users, and what changes about them. A changed user is a new event.

The view `users` shows every user as last seen; the table keeps each version.
Source: Object Reference, User.
"""

from datetime import timedelta

from orgwarden.core.expr import Column, First, Id18, Instant, Text
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="users",
    title="Users",
    about="Who has an account: name, state, licence, profile, language, last sign-in.",
    kind=Kind.SNAPSHOT,
    object="User",
    fields=(
        Field("Id", "Id of the user."),
        Field("Username", "The name to sign in with."),
        Field("Name", "Full name."),
        Field("Email", "E-mail address."),
        Field("IsActive", "May sign in."),
        Field("UserType", "Standard, Guest, PowerPartner …"),
        Field("ProfileId", "The profile."),
        Field("Profile.Name", "The profile's name."),
        Field("UserRoleId", "The role."),
        Field("ManagerId", "The manager."),
        Field("Department", "Department."),
        Field("Title", "Title."),
        Field("LanguageLocaleKey", "Language of the user's pages."),
        Field("TimeZoneSidKey", "Time zone."),
        Field("FederationIdentifier", "The name single sign-on knows the user by."),
        Field("CreatedDate", "When the account was made.", time=True),
        Field("CreatedById", "Who made it."),
        Field("LastLoginDate", "Last successful sign-in; empty: never.", time=True),
        Field("LastPasswordChangeDate", "Last change of the password.", time=True),
        Field("LastModifiedDate", "Last change.", time=True),
        Field("LastModifiedById", "Who made it."),
        Field("SystemModstamp", "Last change, by anybody or anything.", time=True),
    ),
    normalised={
        "time": Instant(Column("SystemModstamp")),
        "actor_id": Id18(Column("LastModifiedById")),
        "action": Text("user.seen"),
        "object": Text("User"),
        "target": First((Column("Username"), Column("Id"))),
    },
    lane="inventory",
    cadence=timedelta(hours=1),
    cost="1 call a run per 2,000 users.",
    time_field="SystemModstamp",
    kept="for ever",
    needs=(Need("ViewAllUsers", "other people's accounts are dark", silent=True),),
    quiet=("LastLoginDate", "LastModifiedDate", "LastModifiedById", "SystemModstamp"),
    label=("Username", "Name"),
    extras=(("Profile.Name",), ("FederationIdentifier",), ("LastPasswordChangeDate",)),
)
