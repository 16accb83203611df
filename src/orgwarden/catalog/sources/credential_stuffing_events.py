"""Sign-ins with passwords stolen elsewhere.

Source: Platform Events Developer Guide, CredentialStuffingEventStore.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text, first

SOURCE = stored_event(
    "credential_stuffing_events",
    "Credential stuffing found",
    "Sign-ins that look like somebody trying lists of stolen passwords.",
    "CredentialStuffingEventStore",
    {
        "CredentialStuffingEventNumber": "Number of the finding.",
        "Score": "How sure Salesforce is, 0 to 1.",
        "Summary": "What was found, in words.",
        "SecurityEventData": "What the finding rests on, as JSON.",
        "AcceptLanguage": "Languages of the client.",
        "LoginUrl": "The host that was signed in to.",
        "UserAgent": "The user agent.",
    },
    big=False,
    client=Column("UserAgent"),
    object=Text("User"),
    target=first("LoginUrl", "Summary"),
)
