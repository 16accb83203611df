"""Guests of public sites reading what they should not.

Source: Platform Events Developer Guide, GuestUserAnomalyEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Whole, first

SOURCE = stored_event(
    "guest_user_anomaly_events",
    "Unusual guest access found",
    "Guests of public sites who asked for records unlike other guests.",
    "GuestUserAnomalyEventStore",
    {
        "GuestUserAnomalyEventNumber": "Number of the finding.",
        "Score": "How sure Salesforce is, 0 to 1.",
        "Summary": "What was found, in words.",
        "SecurityEventData": "What the finding rests on, as JSON.",
        "RequestedEntities": "The objects asked for.",
        "SoqlCommands": "The queries.",
        "TotalControllerEvents": "How many requests.",
        "UserAgent": "The user agent.",
        "UserType": "Kind of user.",
    },
    big=False,
    client=Column("UserAgent"),
    object=Column("RequestedEntities"),
    target=first("SoqlCommands", "Summary"),
    rows=Whole(Column("TotalControllerEvents")),
)
