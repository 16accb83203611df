"""The permissions of profiles and permission sets that let somebody read, change or take much.

An org has hundreds of permissions, and which depends on its licences; these are looked at because
a person or app that gets one of them matters. One that the org does not know is left out.
Source: Object Reference, PermissionSet; the catalogue of attacks.
"""

from orgwarden.core.source import Field

POWERS: dict[str, str] = {
    "ApiEnabled": "Use the org through its APIs.",
    "AuthorApex": "Write and run code.",
    "BulkApiHardDelete": "Delete records for good.",
    "CustomizeApplication": "Change most of Setup; see every token.",
    "DataExport": "Export all data every week.",
    "DelegatedTwoFactor": "Manage second factors of others.",
    "ExportReport": "Take reports out of the org.",
    "InstallPackaging": "Install packages.",
    "ManageAuthProviders": "Change who may vouch for users.",
    "ManageEncryptionKeys": "Change and destroy encryption keys.",
    "ManageInternalUsers": "Make and change internal users.",
    "ManageIpAddresses": "Change trusted addresses.",
    "ManageLoginAccessPolicies": "Decide who may sign in as others.",
    "ManagePasswordPolicies": "Change password rules.",
    "ManageProfilesPermissionsets": "Change what profiles and permission sets allow.",
    "ManageRemoteAccess": "Change connected apps.",
    "ManageSessionPermissionSets": "Change sessions' permission sets.",
    "ManageSharing": "Change who sees which records.",
    "ManageTwoFactor": "Change second factors.",
    "ManageUsers": "Make and change users.",
    "ModifyAllData": "Change every record.",
    "ModifyMetadata": "Change metadata through the Metadata API.",
    "PasswordNeverExpires": "Keep a password for ever.",
    "ResetPasswords": "Reset passwords.",
    "RunReports": "Run reports.",
    "ViewAllData": "Read every record.",
    "ViewAllUsers": "See every user.",
    "ViewEncryptedData": "Read encrypted fields.",
    "ViewEventLogFiles": "Read event log files.",
    "ViewSetup": "See Setup.",
}
FIELDS: tuple[Field, ...] = tuple(Field(f"Permissions{n}", m) for n, m in POWERS.items())
EXTRAS: tuple[tuple[str, ...], ...] = tuple((f.name,) for f in FIELDS)
