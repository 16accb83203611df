"""The org itself: one row, a new event whenever it changes.

Source: Object Reference, Organization.
"""

from datetime import timedelta

from orgwarden.core.expr import Column, Id18, Instant, Text
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="organization",
    title="Organization",
    about="Edition, instance, kind of org and its defaults.",
    kind=Kind.SNAPSHOT,
    object="Organization",
    fields=(
        Field("Id", "Id of the org."),
        Field("Name", "The company's name."),
        Field("OrganizationType", "The edition."),
        Field("InstanceName", "The instance it runs on."),
        Field("IsSandbox", "Is a sandbox."),
        Field("TrialExpirationDate", "End of the trial; empty for orgs that are paid.", time=True),
        Field("LanguageLocaleKey", "Default language."),
        Field("DefaultLocaleSidKey", "Default locale."),
        Field("TimeZoneSidKey", "Default time zone."),
        Field("NamespacePrefix", "Namespace, for packaging orgs."),
        Field("CreatedDate", "When the org was made.", time=True),
        Field("LastModifiedDate", "Last change.", time=True),
        Field("LastModifiedById", "Who made it."),
        Field("SystemModstamp", "Last change, by anybody or anything.", time=True),
    ),
    normalised={
        "time": Instant(Column("SystemModstamp")),
        "actor_id": Id18(Column("LastModifiedById")),
        "action": Text("organization.seen"),
        "object": Text("Organization"),
        "target": Column("Name"),
    },
    lane="inventory",
    cadence=timedelta(hours=1),
    cost="1 call a run.",
    time_field="SystemModstamp",
    kept="for ever",
    quiet=("LastModifiedDate", "LastModifiedById", "SystemModstamp"),
    needs=(Need("ApiEnabled", "nothing can be read at all"),),
)
