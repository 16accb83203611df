"""Every time somebody opened or took a file through a public link.

Source: Object Reference, ContentDistributionView. Salesforce does not say who or from where.
"""

from datetime import timedelta

from orgwarden.core.expr import Column, Id18, Instant, Match, Text
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="content_distribution_views",
    title="Visits of public links",
    about="Every time somebody opened or took a file through a public link.",
    kind=Kind.ROWS,
    object="ContentDistributionView",
    fields=(
        Field("Id", "Id of the visit."),
        Field("CreatedDate", "When.", time=True),
        Field("CreatedById", "Who, if that was a user of the org."),
        Field("DistributionId", "The public link."),
        Field("IsDownload", "The file was taken."),
        Field("IsInternal", "By a user of the org."),
        Field("ParentViewId", "The visit it belongs to."),
    ),
    normalised={
        "time": Instant(Column("CreatedDate")),
        "actor_id": Id18(Column("CreatedById")),
        "action": Match(
            Column("IsDownload"),
            (("true", Text("public_link.downloaded")),),
            Text("public_link.opened"),
        ),
        "object": Text("ContentDistribution"),
        "target": Column("DistributionId"),
    },
    lane="audit_trail",
    cadence=timedelta(hours=3),
    cost="1 call a run, 1 more per 2,000 rows; a long backlog by Bulk, 1 call per 100,000 rows.",
    time_field="CreatedDate",
    backfill=timedelta(days=60),
    kept="as long as the link",
    needs=(Need("QueryAllFiles", "visits of other people's links are dark", silent=True),),
    tier="files",
)
