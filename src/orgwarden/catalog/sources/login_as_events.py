"""Administrators acting as somebody else.

Source: Platform Events Developer Guide, LoginAsEvent.
"""

from orgwarden.catalog.sources.stored_event import stored_event
from orgwarden.core.expr import Column, Text, first

SOURCE = stored_event(
    "login_as_events",
    "Login As in real time",
    "Every time an administrator signed in as another user, and what they opened.",
    "LoginAsEvent",
    {
        "Application": "The app.",
        "Browser": "Browser and version.",
        "DelegatedOrganizationId": "The org of who acts.",
        "DelegatedUsername": "Who acts.",
        "LoginAsCategory": "As what: OrgAdmin …",
        "LoginHistoryId": "The sign-in it belongs to.",
        "LoginType": "How.",
        "Platform": "Operating system.",
        "TargetUrl": "The page that was opened.",
        "UserType": "Kind of user.",
    },
    app=Column("Application"),
    client=Column("Browser"),
    actor=first("DelegatedUsername", "Username"),
    object=Text("User"),
    target=first("Username", "TargetUrl"),
)
