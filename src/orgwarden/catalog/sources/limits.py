"""What of the org's limits is left, read every hour.

The limits resource is accurate to five minutes and names come and go between releases, so each
limit is an event of its own. Source: REST API Developer Guide, Limits.
"""

from datetime import timedelta

from orgwarden.core.expr import Column, Instant, Text, Whole
from orgwarden.core.source import Field, Kind, Need, Source

SOURCE = Source(
    id="limits",
    title="Limits",
    about="How much of each limit is used: API calls, storage, bulk jobs, e-mails.",
    kind=Kind.LIMITS,
    object="limits",
    fields=(
        Field("Name", "The limit, such as DailyApiRequests."),
        Field("Max", "Its size."),
        Field("Remaining", "What is left."),
        Field("ReadAt", "When it was read, by the org's clock.", time=True),
    ),
    normalised={
        "time": Instant(Column("ReadAt")),
        "action": Text("limit.read"),
        "object": Text("Limit"),
        "target": Column("Name"),
        "rows": Whole(Column("Remaining")),
    },
    key=("Name", "ReadAt"),
    lane="inventory",
    cadence=timedelta(hours=1),
    cost="1 call a run.",
    time_field="ReadAt",
    kept="not at all",
    needs=(Need("ViewSetup", "the use of limits is known only from response headers"),),
)
