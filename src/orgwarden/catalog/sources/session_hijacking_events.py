"""Sessions that moved to another browser.

Source: Platform Events Developer Guide, SessionHijackingEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Address, Column, Text, first

SOURCE = stored_event(
    "session_hijacking_events",
    "Session hijacking found",
    "Sessions whose browser changed so much that somebody else may use them.",
    "SessionHijackingEventStore",
    {
        "SessionHijackingEventNumber": "Number of the finding.",
        "Score": "How sure Salesforce is, 0 to 1.",
        "Summary": "What was found, in words.",
        "SecurityEventData": "What the finding rests on, as JSON.",
        "CurrentIp": "Address now.",
        "CurrentPlatform": "Operating system now.",
        "CurrentScreen": "Screen now.",
        "CurrentUserAgent": "User agent now.",
        "CurrentWindow": "Window now.",
        "PreviousIp": "Address before.",
        "PreviousPlatform": "Operating system before.",
        "PreviousScreen": "Screen before.",
        "PreviousUserAgent": "User agent before.",
        "PreviousWindow": "Window before.",
    },
    big=False,
    ip=Address(first("CurrentIp", "SourceIp")),
    client=Column("CurrentUserAgent"),
    object=Text("AuthSession"),
    target=Column("Summary"),
)
