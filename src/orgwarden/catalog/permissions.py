"""The user permissions of Salesforce that are asked for or tested, one value each.

The name is that of the field `Permissions<name>` of PermissionSet; the label is what Setup calls
it. What asks for which is said by the sources (`Need`) and the tiers, not here.
"""

from __future__ import annotations

from dataclasses import dataclass

from orgwarden.catalog.tiers import TIERS


@dataclass(frozen=True, slots=True)
class Permission:
    """`writes`: it allows changes, whether or not anything here makes one. `brings`: what Setup
    ticks with it, because it cannot be held alone. `seeded`: vendors' setup guides ask for it, so
    the connection test names it even if no source needs it."""

    name: str
    label: str
    about: str
    writes: bool = False
    brings: tuple[str, ...] = ()
    seeded: bool = False

    @property
    def tier(self) -> str:
        """The first opt-in tier that adds it; "" when none does."""
        return next((t.id for t in TIERS if self.name in t.permissions), "")


PERMISSIONS: tuple[Permission, ...] = (
    Permission(
        "ApiEnabled", "API Enabled", "Use the org through its APIs; needed for all.", seeded=True
    ),
    Permission(
        "ApiUserOnly",
        "API Only User",
        "Sign in through the APIs only, not to pages. It takes something away.",
        seeded=True,
    ),
    Permission(
        "ViewSetup",
        "View Setup and Configuration",
        "Read the org's settings, its limits and the setup audit trail.",
        seeded=True,
    ),
    Permission("ViewAllUsers", "View All Users", "See all users, not only those shared."),
    Permission(
        "ViewEventLogFiles",
        "View Event Log Files",
        "List and download the files in which the org's servers log what people do.",
        seeded=True,
    ),
    Permission(
        "ViewRealTimeEventMonitoringData",
        "View Real-Time Event Monitoring Data",
        "Read the real-time events that the org stores. It comes with Event Monitoring.",
    ),
    Permission(
        "ManageUsers",
        "Manage Users",
        "Read everybody's sign-ins. Salesforce has no reading half of it: who holds it can create,"
        " change and deactivate users.",
        writes=True,
        brings=(
            "AssignPermissionSets",
            "ManageInternalUsers",
            "ManageIpAddresses",
            "ManageLoginAccessPolicies",
            "ManagePasswordPolicies",
            "ManageProfilesPermissionsets",
            "ManageRoles",
            "ManageSharing",
            "ResetPasswords",
            "ViewAllUsers",
            "ViewSetup",
        ),
        seeded=True,
    ),
    Permission(
        "ManageInternalUsers",
        "Manage Internal Users",
        "Create and change users of the company itself.",
        writes=True,
        seeded=True,
    ),
    Permission(
        "ManageCssUsers",
        "Manage External Users",
        "Create and change users of portals and sites.",
        writes=True,
        seeded=True,
    ),
    Permission(
        "CustomizeApplication",
        "Customize Application",
        "Read everybody's tokens' rows and many settings. Who holds it can change the"
        " org's set-up.",
        writes=True,
        brings=("ViewSetup",),
        seeded=True,
    ),
    Permission(
        "ModifyMetadata",
        "Modify Metadata Through Metadata API Functions",
        "Read metadata such as security settings. Who holds it can change metadata of kinds they"
        " may otherwise change.",
        writes=True,
        seeded=True,
    ),
    Permission(
        "ViewAllData",
        "View All Data",
        "Read every record of the org.",
        seeded=True,
    ),
    Permission(
        "ContentAdministrator",
        "Manage Salesforce CRM Content",
        "Create, change and delete content libraries and what is in them.",
        writes=True,
        seeded=True,
    ),
    Permission(
        "QueryAllFiles",
        "Query All Files",
        "Read every file, private ones too, through queries.",
        brings=("ViewAllData",),
        seeded=True,
    ),
    Permission(
        "AssignPermissionSets", "Assign Permission Sets", "Give rights to users.", writes=True
    ),
    Permission(
        "ManageIpAddresses", "Manage IP Addresses", "Change trusted address ranges.", writes=True
    ),
    Permission(
        "ManageLoginAccessPolicies",
        "Manage Login Access Policies",
        "Change who may sign in as whom.",
        writes=True,
    ),
    Permission(
        "ManagePasswordPolicies",
        "Manage Password Policies",
        "Change rules for passwords.",
        writes=True,
    ),
    Permission(
        "ManageProfilesPermissionsets",
        "Manage Profiles and Permission Sets",
        "Change what profiles and permission sets allow.",
        writes=True,
    ),
    Permission("ManageRoles", "Manage Roles", "Change the role hierarchy.", writes=True),
    Permission("ManageSharing", "Manage Sharing", "Change who sees which records.", writes=True),
    Permission(
        "ResetPasswords",
        "Reset User Passwords and Unlock Users",
        "Reset passwords and unlock users.",
        writes=True,
    ),
    Permission(
        "TwoFactorApi",
        "Manage Multi-Factor Authentication in API",
        "Read which second factors people have. Salesforce has no reading half of it: who holds it"
        " can change them.",
        writes=True,
    ),
    Permission(
        "InstallPackaging",
        "Download AppExchange Packages",
        "Read which packages are installed. Who holds it can install and remove packages.",
        writes=True,
    ),
    # Never asked for. The connection test warns of them, because they can write far beyond need.
    Permission("ModifyAllData", "Modify All Data", "Change every record of the org.", writes=True),
    Permission("AuthorApex", "Author Apex", "Write and run code in the org.", writes=True),
    Permission("ManageRemoteAccess", "Manage Connected Apps", "Change apps.", writes=True),
    Permission(
        "ManageTwoFactor",
        "Manage Multi-Factor Authentication in User Interface",
        "Change people's second factors.",
        writes=True,
    ),
    Permission("FreezeUsers", "Freeze Users", "Lock users out.", writes=True),
    Permission("DataExport", "Weekly Data Export", "Export all data of the org.", writes=True),
    Permission(
        "BulkApiHardDelete", "Bulk API Hard Delete", "Delete records for good.", writes=True
    ),
    Permission(
        "DeleteEventMonitoringRecords",
        "Delete Event Monitoring Records",
        "Delete log files.",
        writes=True,
    ),
)
BY_NAME = {p.name: p for p in PERMISSIONS}
LABELS: dict[str, str] = {p.name: p.label for p in PERMISSIONS}
SEEDED: tuple[Permission, ...] = tuple(p for p in PERMISSIONS if p.seeded)


def label_of(name: str) -> str:
    """What Setup calls a permission; its API name where we do not know."""
    return LABELS.get(name, name)
