"""What a permission set opens besides permissions: apps, code, credentials.

Source: Object Reference, SetupEntityAccess.
"""

from orgwarden.catalog.sources.whole import stamps, whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "setup_entity_access",
    "Access to apps and code",
    "Which permission set or profile opens which connected app, class, page or credential.",
    "SetupEntityAccess",
    (
        Field("ParentId", "The permission set, the hidden one of a profile included."),
        Field("Parent.Label", "What Setup calls it."),
        Field("SetupEntityType", "ConnectedApplication, ApexClass, NamedCredential …"),
        Field("SetupEntityId", "What it opens."),
    ),
    stamped=stamps("SystemModstamp"),
    label=("Parent.Label", "ParentId"),
    needs=(Need("ViewSetup", "who may use which app is dark"),),
    extras=(("Parent.Label",),),
)
