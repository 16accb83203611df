"""Sign-outs.

Source: Platform Events Developer Guide, LogoutEvent.
"""

from datetime import timedelta

from orgwarden.catalog.sources.stored_event import stored_event

SOURCE = stored_event(
    "logout_events",
    "Sign-outs in real time",
    "Every time somebody signed out of a page.",
    "LogoutEvent",
    {},
    cadence=timedelta(hours=6),
)
