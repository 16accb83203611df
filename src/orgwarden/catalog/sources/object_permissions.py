"""What each permission set and profile may do with the records of each object.

Source: Object Reference, ObjectPermissions. The hidden sets of profiles are among the parents, so
this tells as well what guests of a site may read.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "object_permissions",
    "Access to objects",
    "Which permission set or profile may read, change or delete records of which object.",
    "ObjectPermissions",
    (
        Field("ParentId", "The permission set, the hidden one of a profile included."),
        Field("SobjectType", "The object."),
        Field("PermissionsRead", "Read records that are shared."),
        Field("PermissionsCreate", "Make records."),
        Field("PermissionsEdit", "Change records that are shared."),
        Field("PermissionsDelete", "Delete records that are shared."),
        Field("PermissionsViewAllRecords", "Read every record, shared or not."),
        Field("PermissionsModifyAllRecords", "Change every record, shared or not."),
        Field("PermissionsViewAllFields", "Read every field."),
    ),
    label=("SobjectType",),
    needs=(Need("ViewSetup", "who may read which objects is dark"),),
    extras=(("PermissionsViewAllFields",),),
    audit=("PermSetEntityPermChanged",),
    cadence=timedelta(days=1),
)
