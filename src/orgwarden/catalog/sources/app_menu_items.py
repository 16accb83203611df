"""Entries of the app menu. A token names its app by the id of one.

Source: Object Reference, AppMenuItem.
"""

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "app_menu_items",
    "App menu",
    "Apps in the menu, installed connected apps among them, and who may use them.",
    "AppMenuItem",
    (
        Field("Label", "What people see."),
        Field("Name", "API name."),
        Field("NamespacePrefix", "The package it came with."),
        Field("Type", "ConnectedApplication, ExternalClientApplication, TabSet …"),
        Field("ApplicationId", "The app."),
        Field("StartUrl", "Where it starts."),
        Field("IsUsingAdminAuthorization", "Only users an administrator approved."),
        Field("IsVisible", "Shown in the menu."),
        Field("IsAccessible", "Our user may use it."),
    ),
    label=("Label", "Name"),
    needs=(Need("ViewSetup", "which app a token belongs to is known by its name only"),),
    extras=(("IsUsingAdminAuthorization",), ("IsAccessible",)),
)
