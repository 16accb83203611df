"""API calls made in an unusual way.

Source: Platform Events Developer Guide, ApiAnomalyEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Whole, first

SOURCE = stored_event(
    "api_anomaly_events",
    "Unusual API calls found",
    "API calls unlike the user's own habit: more rows, other objects, another client.",
    "ApiAnomalyEventStore",
    {
        "ApiAnomalyEventNumber": "Number of the finding.",
        "Score": "How sure Salesforce is, 0 to 1.",
        "Summary": "What was found, in words.",
        "SecurityEventData": "What the finding rests on, as JSON.",
        "Operation": "Query, QueryMore …",
        "QueriedEntities": "The objects asked for.",
        "RequestIdentifier": "The transaction.",
        "RowsProcessed": "Rows read.",
        "Uri": "The address called.",
        "UserAgent": "The user agent.",
    },
    big=False,
    client=Column("UserAgent"),
    object=Column("QueriedEntities"),
    target=first("Uri", "Summary"),
    rows=Whole(Column("RowsProcessed")),
)
