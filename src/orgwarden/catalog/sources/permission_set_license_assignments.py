"""Who holds which permission set licence.

Source: Object Reference, PermissionSetLicenseAssign.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import whole
from orgwarden.core.source import Field, Need

SOURCE = whole(
    "permission_set_license_assignments",
    "Assignments of permission set licences",
    "Which user holds which permission set licence.",
    "PermissionSetLicenseAssign",
    (
        Field("AssigneeId", "The user."),
        Field("PermissionSetLicenseId", "The licence."),
        Field("PermissionSetLicense.MasterLabel", "What Setup calls it."),
    ),
    label=("PermissionSetLicense.MasterLabel",),
    needs=(Need("ViewSetup", "who holds which licence is dark"),),
    extras=(("PermissionSetLicense.MasterLabel",),),
    audit=("PermSetLicenseAssign", "PermSetLicenseUnassign"),
    mentioned=("AssigneeId",),
    cadence=timedelta(days=1),
)
