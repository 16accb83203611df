"""Pages opened in Salesforce Classic.

Source: Platform Events Developer Guide, UriEvent.
"""

from datetime import timedelta

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Match, Text, first

SOURCE = stored_event(
    "uri_events",
    "Pages in real time",
    "Every record page that was opened, made or changed in Salesforce Classic.",
    "UriEvent",
    {
        "LoginHistoryId": "The sign-in it belongs to.",
        "Message": "What went wrong, if anything.",
        "Name": "The record's name.",
        "Operation": "Read, Create, Update or Delete.",
        "OperationStatus": "Initiated, Success or Failure.",
        "QueriedEntities": "The object.",
        "RecordId": "The record.",
        "UserType": "Kind of user.",
    },
    cadence=timedelta(hours=6),
    action=first("Operation", Text("Uri")),
    object=Column("QueriedEntities"),
    target=first("Name", "RecordId"),
    outcome=Match(
        Column("OperationStatus"), (("success", Text("success")), ("failure", Text("failure")))
    ),
)
