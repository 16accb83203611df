"""What people and integrations may do: profiles, permission sets, groups of them, assignments.

Every profile owns a hidden permission set, and every user is assigned the one of their profile:
whoever sums a user's permissions needs the assignments and nothing else.
"""

from __future__ import annotations

from typing import Any

from orgsim.objects.permissions import PERMISSIONS
from orgsim.org import Org
from orgsim.world.cast import World
from orgsim.world.rows import DAY, add

BASIC = """
RunReports ExportReport ViewHelpLink ChatterInternalUser LightningExperienceUser EmailSingle
EditTask EditEvent AllowUniversalSearch ChatterFileLink SelectFilesFromSalesforce IdentityEnabled
ViewRoles EnableNotifications AssignTopics ActivateOrder RunFlow
""".split()
NEVER_FOR_ADMINS = {
    "ApiUserOnly",
    "BulkApiHardDelete",
    "BypassMFAForUiLogins",
    "DeleteEventMonitoringRecords",
    "ForceTwoFactor",
    "IsSsoEnabled",
    "PasswordNeverExpires",
    "PreventClassicExperience",
    "QueryAllFiles",
    "UseAnyApiClient",
    "ViewOnlyEmbeddedAppUser",
    "HideReadByList",
}
ADMIN = [p for p in PERMISSIONS if p not in NEVER_FOR_ADMINS]
API = ["ApiEnabled", "LightningExperienceUser"]

# profile: licence, standard, permissions, objects with rights (CRED + V view all, M modify all)
PROFILES: tuple[tuple[str, str, bool, list[str], str], ...] = (
    ("System Administrator", "Salesforce", True, ADMIN, "CREDVM"),
    ("Standard User", "Salesforce", True, [*BASIC, "ApiEnabled", "ConvertLeads"], "CRED"),
    ("Read Only", "Salesforce", True, BASIC, "R"),
    ("Sales User", "Salesforce", False, [*BASIC, "ConvertLeads", "ApiEnabled"], "CRE"),
    ("Service Agent", "Salesforce", False, [*BASIC, "EditCaseComments", "ManageCases"], "CRE"),
    ("Marketing Team", "Salesforce", False, [*BASIC, "ImportLeads", "ManageLeads"], "CRE"),
    ("Finance User", "Salesforce", False, [*BASIC, "EditActivatedOrders"], "CRE"),
    ("Minimum Access - Salesforce", "Salesforce", True, ["LightningExperienceUser"], ""),
    (
        "Minimum Access - API Only Integrations",
        "Salesforce Integration",
        True,
        ["ApiEnabled", "ApiUserOnly"],
        "",
    ),
    (
        "Legacy API Profile",
        "Salesforce",
        False,
        [*BASIC, "ApiEnabled", "ViewAllData", "ModifyAllData", "PasswordNeverExpires", "ViewSetup"],
        "CREDVM",
    ),
    ("Help Center Profile", "Guest User License", False, [], "R"),
    (
        "Analytics Cloud Integration User",
        "Analytics Cloud Integration User",
        True,
        ["ViewAllData"],
        "RV",
    ),
)
COLLECTOR = """
ApiEnabled ViewSetup ViewAllUsers ManageUsers ViewEventLogFiles CustomizeApplication
ViewHealthCheck ViewRoles MonitorLoginHistory ViewRealTimeEventMonitoringData
""".split()
# What users of a permission-set licence can be given at most (MaximumPermissions… of the licence).
# Salesforce publishes no list for the integration licence: this is the emulator's, and a test may
# change it.
MOST: dict[str, list[str]] = {
    "SalesforceAPIIntegrationPsl": [
        *COLLECTOR,
        "ApiUserOnly", "AssignPermissionSets", "BulkApiHardDelete", "EditActivatedOrders",
        "ImportLeads", "ManageInternalUsers", "ManageIpAddresses", "ManageLeads",
        "ManageLoginAccessPolicies", "ManagePasswordPolicies", "ManageProfilesPermissionsets",
        "ManageRoles", "ManageSharing", "ModifyAllData", "ResetPasswords", "RunFlow",
        "TransferAnyEntity", "ViewAllData",
    ],
    "EventMonitoringPsl": ["ViewEventLogFiles", "ViewRealTimeEventMonitoringData"],
}  # fmt: skip
# permission set: permissions, objects with rights, share of people assigned
SETS: tuple[tuple[str, list[str], dict[str, str], float], ...] = (
    ("Orgwarden Collector", COLLECTOR, {}, 0),
    (
        "Warehouse Sync",
        ["ApiEnabled", "ViewAllData"],
        {"Account": "RV", "Contact": "RV", "Opportunity": "RV", "Case": "RV"},
        0,
    ),
    (
        "Marketing Connector",
        ["ApiEnabled", "ImportLeads", "ManageLeads"],
        {"Lead": "CREV", "Contact": "RV"},
        0,
    ),
    ("Support Desk Connector", ["ApiEnabled"], {"Case": "CREV", "Contact": "REV"}, 0),
    (
        "ERP Connector",
        ["ApiEnabled", "EditActivatedOrders"],
        {"Account": "CREV", "Opportunity": "REV"},
        0,
    ),
    (
        "Data Migration",
        ["ApiEnabled", "ModifyAllData", "BulkApiHardDelete"],
        {"Account": "CREDVM"},
        0.005,
    ),
    ("Report Exporter", ["ExportReport", "ScheduleReports"], {}, 0.12),
    (
        "Release Manager",
        [
            "ApiEnabled",
            "ModifyMetadata",
            "AuthorApex",
            "CustomizeApplication",
            "ViewSetup",
            "InstallPackaging",
        ],
        {},
        0.015,
    ),
    ("User Support", ["ResetPasswords", "ManageInternalUsers", "ViewSetup"], {}, 0.01),
    ("Knowledge Author", ["ManageKnowledge", "EditKnowledge"], {}, 0.06),
    ("Campaign Editor", ["ListEmailSend", "EmailMass"], {"Lead": "CRE"}, 0.08),
    ("Quote Approver", [], {"Opportunity": "RE"}, 0.05),
    ("Single Sign-On Required", ["IsSsoEnabled"], {}, 0.6),
    ("Retired Partner Access", ["ViewAllUsers"], {}, 0),
)
GROUPS = (
    ("Sales Operations", ("Report Exporter", "Quote Approver"), 0.04),
    ("Service Leads", ("Knowledge Author", "Report Exporter"), 0.03),
)
# What a group takes away of what its parts give.
MUTED = {"Service Leads": ("ScheduleReports",)}
OBJECTS = ("Account", "Contact", "Lead", "Opportunity", "Case")
RIGHTS = {
    "C": "PermissionsCreate",
    "R": "PermissionsRead",
    "E": "PermissionsEdit",
    "D": "PermissionsDelete",
    "V": "PermissionsViewAllRecords",
    "M": "PermissionsModifyAllRecords",
}


def granted(permissions: list[str]) -> dict[str, Any]:
    return {f"Permissions{p}": True for p in permissions}


def object_rights(org: Org, world: World, parent: str, object: str, letters: str) -> None:
    rights: dict[str, Any] = {RIGHTS[ch]: True for ch in letters}
    if letters:
        add(
            org,
            "ObjectPermissions",
            world.founded_ms,
            ParentId=parent,
            SobjectType=object,
            **rights,
        )


def profiles(org: Org, world: World) -> None:
    """Profiles and the permission sets they own."""
    at = world.founded_ms
    for name, license_, standard, permissions, letters in PROFILES:
        license_id = world.find("UserLicense", license_)
        kind = "Guest" if license_.startswith("Guest") else "Standard"
        profile = add(
            org,
            "Profile",
            at,
            Name=name,
            UserLicenseId=license_id,
            UserType=kind,
            Description=None if standard else f"{name} at {world.company}",
            **granted(permissions),
        )
        world.remember("Profile", name, profile)
        owned = add(
            org,
            "PermissionSet",
            at,
            Name="X" + profile,
            Label=profile,
            Type="Profile",
            IsOwnedByProfile=True,
            ProfileId=profile,
            IsCustom=not standard,
            LicenseId=license_id,
            UserLicenseId=license_id,
            **granted(permissions),
        )
        world.remember("PermissionSet", profile, owned)
        for object in OBJECTS if name != "Help Center Profile" else ("Case",):
            object_rights(org, world, owned, object, letters)
            if letters:
                for field in ("Phone", "Email", "AnnualRevenue", "Description")[: len(letters)]:
                    add(
                        org,
                        "FieldPermissions",
                        at,
                        ParentId=owned,
                        SobjectType=object,
                        Field=f"{object}.{field}",
                        PermissionsRead=True,
                        PermissionsEdit="E" in letters,
                    )


def sets(org: Org, world: World) -> None:
    """Permission sets made by the administrators, and groups of them."""
    rng = org.random("permission-sets")
    span = org.options.now_ms - world.founded_ms - 90 * DAY
    for name, permissions, objects, _ in SETS:
        id18 = add(
            org,
            "PermissionSet",
            world.founded_ms + rng.randrange(span),
            Name=name.replace(" ", "_").replace("-", "_"),
            Label=name,
            Type="Regular",
            IsCustom=True,
            Description=f"{name}: made by IT",
            **granted(permissions),
        )
        world.remember("PermissionSet", name, id18)
        for object, letters in objects.items():
            object_rights(org, world, id18, object, letters)
    for name, parts, _ in GROUPS:
        group = add(
            org,
            "PermissionSetGroup",
            world.founded_ms + rng.randrange(span),
            DeveloperName=name.replace(" ", "_"),
            MasterLabel=name,
            Language="en_US",
            Status="Updated",
        )
        world.remember("PermissionSetGroup", name, group)
        muted = MUTED.get(name, ())
        together = sorted({p for n, ps, _, _ in SETS if n in parts for p in ps} - set(muted))
        owned = add(
            org,
            "PermissionSet",
            world.founded_ms,
            Name=name.replace(" ", "_"),
            Label=name,
            Type="Group",
            IsCustom=True,
            PermissionSetGroupId=group,
            **granted(together),
        )
        world.remember("PermissionSet", group, owned)
        for part in parts:
            add(
                org,
                "PermissionSetGroupComponent",
                world.founded_ms,
                PermissionSetGroupId=group,
                PermissionSetId=world.find("PermissionSet", part),
            )
        if muted:
            muting = add(
                org,
                "MutingPermissionSet",
                world.founded_ms,
                DeveloperName=name.replace(" ", "_") + "_muted",
                MasterLabel=f"{name}: muted",
                Language="en_US",
                **granted([*muted]),
            )
            add(
                org,
                "PermissionSetGroupComponent",
                world.founded_ms,
                PermissionSetGroupId=group,
                PermissionSetId=muting,
            )


def assign(org: Org, user: str, permission_set: str, at: int, group: str | None = None) -> str:
    return add(
        org,
        "PermissionSetAssignment",
        at,
        AssigneeId=user,
        PermissionSetId=permission_set,
        PermissionSetGroupId=group,
        IsActive=True,
    )


def assignments(org: Org, world: World) -> None:
    """Each user's profile, and what people were given beside it."""
    users = org.store["User"]
    for row in users.rows:
        at = row[users.type.position["CreatedDate"]]
        profile = row[users.type.position["ProfileId"]]
        assign(org, row[users.type.position["Id"]], world.find("PermissionSet", profile), at)
    rng = org.random("assignments")
    people = world.people
    for name, _, _, share in SETS:
        if share:
            chosen = rng.sample(range(len(people)), max(1, int(len(people) * share)))
            for at in sorted(chosen):
                when = org.options.now_ms - rng.randrange(90, 900) * DAY
                assign(org, people[at].id, world.find("PermissionSet", name), when)
    for name, _, share in GROUPS:
        group = world.find("PermissionSetGroup", name)
        for at in sorted(rng.sample(range(len(people)), max(1, int(len(people) * share)))):
            when = org.options.now_ms - rng.randrange(90, 900) * DAY
            assign(org, people[at].id, world.find("PermissionSet", group), when, group)


def licences(org: Org, world: World) -> None:
    """How many licences are used, and the licences that come with permission sets."""
    users, profiles, table = org.store["User"], org.store["Profile"], org.store["UserLicense"]
    used: dict[str, int] = {}
    for row in users.rows:
        if row[users.type.position["IsActive"]]:
            at = profiles.find(row[users.type.position["ProfileId"]])
            assert at is not None
            key = profiles.value(at, "UserLicenseId")
            used[key] = used.get(key, 0) + 1
    for key, count in used.items():
        at = table.find(key)
        assert at is not None
        total = max(count, table.value(at, "TotalLicenses"))
        table.update(at, {"UsedLicenses": count, "TotalLicenses": total})
    for label, key in (
        ("Salesforce API Integration", "SalesforceAPIIntegrationPsl"),
        ("CRM User", "CRMUserPsl"),
        *(
            (("Event Monitoring", "EventMonitoringPsl"),)
            if org.options.event_monitoring == "licensed"
            else ()
        ),
    ):
        most: dict[str, Any] = {f"MaximumPermissions{p}": True for p in MOST.get(key, ())}
        psl = add(
            org,
            "PermissionSetLicense",
            world.founded_ms,
            MasterLabel=label,
            DeveloperName=key,
            PermissionSetLicenseKey=key,
            Language="en_US",
            Status="Active",
            TotalLicenses=20,
            UsedLicenses=len(world.integrations),
            IsAvailableForIntegrations=key.startswith("SalesforceAPI"),
            **most,
        )
        for it in world.integrations if key.startswith("SalesforceAPI") else ():
            add(
                org,
                "PermissionSetLicenseAssign",
                world.founded_ms,
                AssigneeId=it.id,
                PermissionSetLicenseId=psl,
            )
