"""Queries through the APIs, with the query and the records it gave.

Source: Platform Events Developer Guide, ApiEvent.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text, Whole, first

SOURCE = stored_event(
    "api_events",
    "API queries in real time",
    "Every query through an API: who, from where, with which program, what text and how many rows.",
    "ApiEvent",
    {
        "AdditionalInfo": "More about the call, as JSON.",
        "ApiType": "REST, SOAP, Bulk …",
        "ApiVersion": "Version of the API.",
        "Application": "The app.",
        "Client": "What the client calls itself.",
        "ConnectedAppId": "The connected app.",
        "ElapsedTime": "How long it took, milliseconds.",
        "LoginHistoryId": "The sign-in it belongs to.",
        "Operation": "Query, QueryMore, QueryAll …",
        "Platform": "Operating system.",
        "QueriedEntities": "The objects asked for.",
        "Query": "The query's text.",
        "Records": "The ids of the records it gave, as JSON.",
        "RequestIdentifier": "The transaction.",
        "RowsProcessed": "Rows of the whole answer.",
        "RowsReturned": "Rows of this page.",
        "UserAgent": "The user agent.",
    },
    app=first("Application", "ConnectedAppId"),
    client=first("UserAgent", "Client"),
    action=first("Operation", Text("Api")),
    object=Column("QueriedEntities"),
    target=Column("Query"),
    rows=Whole(first("RowsReturned", "RowsProcessed")),
)
