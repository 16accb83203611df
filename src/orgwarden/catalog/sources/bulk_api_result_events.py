"""Results of Bulk queries, as they are fetched.

Source: Platform Events Developer Guide, BulkApiResultEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text

SOURCE = stored_event(
    "bulk_api_result_events",
    "Bulk results in real time",
    "Every time the result of a Bulk query was fetched: who, from where, and the query.",
    "BulkApiResultEventStore",
    {
        "LoginHistoryId": "The sign-in it belongs to.",
        "Query": "The query's text.",
    },
    action=Text("BulkResultFetched"),
    target=Column("Query"),
)
