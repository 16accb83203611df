"""Changes to the org's configuration and who made them.

Salesforce keeps 180 days. Several rows share one second; rows made by Salesforce's own staff or by
automation have no CreatedBy or an odd one; Section is often empty; Display is text in somebody's
language, so nothing is ever decided from it.
Source: Object Reference, SetupAuditTrail.
"""

from datetime import timedelta

from orgwarden.core.expr import Column, First, Id18, Instant, Text, first
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="setup_audit_trail",
    title="Setup audit trail",
    about="Every change in Setup: users, permissions, apps, policies, code, certificates.",
    kind=Kind.ROWS,
    object="SetupAuditTrail",
    fields=(
        Field("Id", "Id of the change."),
        Field("CreatedDate", "When.", time=True),
        Field("CreatedById", "The user who made it; empty for Salesforce itself."),
        Field("CreatedBy.Username", "That user's name."),
        Field("Action", "What was changed, as a code such as PermSetAssign."),
        Field("Section", "The page of Setup; often empty."),
        Field("Display", "The change in words, in the language of the person or of the org."),
        Field("DelegateUser", "Who acted for that user (Login As), if anybody."),
        Field("CreatedByContext", "What acted, such as Einstein, if not a person."),
        Field("CreatedByIssuer", "Who vouched for that."),
        Field("ResponsibleNamespacePrefix", "The package whose code made the change."),
    ),
    normalised={
        "time": Instant(Column("CreatedDate")),
        "actor_id": Id18(Column("CreatedById")),
        "actor": first("DelegateUser", "CreatedBy.Username"),
        "app": First((Column("ResponsibleNamespacePrefix"), Column("CreatedByContext"))),
        "action": Column("Action"),
        "object": Column("Section"),
        "target": Column("Display"),
        "outcome": Text("success"),
    },
    lane="audit_trail",
    cadence=timedelta(minutes=15),
    cost="1 call a run, 1 more per 2,000 rows.",
    time_field="CreatedDate",
    backfill=timedelta(days=60),
    kept="180 days",
    kept_for=timedelta(days=180),
    needs=(Need("ViewSetup", "the whole audit trail is dark"),),
    extras=(("CreatedBy.Username",), ("ResponsibleNamespacePrefix",)),
)
