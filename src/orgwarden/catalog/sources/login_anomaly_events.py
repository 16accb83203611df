"""Sign-ins made in an unusual way.

Source: Platform Events Developer Guide, LoginAnomalyEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text

SOURCE = stored_event(
    "login_anomaly_events",
    "Unusual sign-ins found",
    "Sign-ins unlike the user's own habit.",
    "LoginAnomalyEventStore",
    {
        "LoginAnomalyEventNumber": "Number of the finding.",
        "Score": "How sure Salesforce is, 0 to 1.",
        "Summary": "What was found, in words.",
        "SecurityEventData": "What the finding rests on, as JSON.",
    },
    big=False,
    object=Text("User"),
    target=Column("Summary"),
)
