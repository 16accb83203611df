"""Who may do what: profiles, permission sets and groups of them, object and field rights."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.objects.permissions import PERMISSION_FIELDS
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "Profile",
        "00e",
        """
        @audit Description:string[FGSNCU] IsSsoEnabled:boolean[FGSU]
        LastReferencedDate:datetime[FSN] LastViewedDate:datetime[FSN] Name:string[FGSCU]
        UserLicenseId:reference[FGSC]>UserLicense UserType:picklist[FGSN]
        """
        + PERMISSION_FIELDS,
        children="Users:User.ProfileId",
        can="create update delete",
    ),
    sobject(
        "PermissionSet",
        "0PS",
        """
        @audit Description:string[FGSNCU] HasActivationRequired:boolean[FGSCU]
        IsCustom:boolean[FGS] IsOwnedByProfile:boolean[FGS] Label:string[FGSCU]
        LicenseId:reference[FGSNC]>PermissionSetLicense|UserLicense Name:string[FGSCU]
        NamespacePrefix:string[FGSN]
        Type:picklist[FGS]{Regular,Standard,Group,Session,Profile,Customer,Muting}
        UserLicenseId:reference[FGN]>UserLicense
        PermissionSetGroupId:reference[FGNS]>PermissionSetGroup
        ProfileId:reference[FGNS]>Profile
        """
        + PERMISSION_FIELDS,
        children="""
        Assignments:PermissionSetAssignment.PermissionSetId
        ObjectPerms:ObjectPermissions.ParentId FieldPerms:FieldPermissions.ParentId
        SetupEntityAccessItems:SetupEntityAccess.ParentId
        PermissionSetGroupComponents:PermissionSetGroupComponent.PermissionSetId
        """,
        can="create update delete",
    ),
    sobject(
        "PermissionSetAssignment",
        "0Pa",
        """
        @id @stamp ExpirationDate:datetime[FSNCU] IsActive:boolean[FGS]
        LastDeletedByChangeId:reference[FGSN] AssigneeId:reference[FGSC]>User
        LastCreatedByChangeId:reference[FGNS] PermissionSetId:reference[FGNSC]>PermissionSet
        PermissionSetGroupId:reference[FGNSC]>PermissionSetGroup
        """,
        can="create update delete",
        created_time="SystemModstamp",
    ),
    sobject(
        "PermissionSetGroup",
        "0PG",
        """
        @id Description:textarea[FGSNCU] DeveloperName:string[FGSCU]
        HasActivationRequired:boolean[FGSCU] Language:picklist[FGSNCU] @audit
        MasterLabel:string[FGSCU] NamespacePrefix:string[FGNS]
        Status:picklist[FGS]{Updated,Outdated,Updating,Failed}
        """,
        children="""
        PermissionSetGroupComponents:PermissionSetGroupComponent.PermissionSetGroupId
        Assignments:PermissionSetAssignment.PermissionSetGroupId
        """,
        can="create update delete",
    ),
    sobject(
        "PermissionSetGroupComponent",
        "0PK",
        """
        @id PermissionSetGroupId:reference[FGSC]>PermissionSetGroup
        PermissionSetId:reference[FGSC]>PermissionSet|MutingPermissionSet @audit
        """,
        can="create delete",
    ),
    sobject(
        "MutingPermissionSet",
        "0QM",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS] Language:picklist[FGS]
        """
        + PERMISSION_FIELDS,
    ),
    sobject(
        "PermissionSetLicense",
        "0PL",
        """
        @record DeveloperName:string[FGS] ExpirationDate:datetime[FNS]
        IsAvailableForIntegrations:boolean[FGS] Language:string[FGS] MasterLabel:string[FGS]
        PermissionSetLicenseKey:string[FGS] Status:string[FGS] TotalLicenses:int[FGS]
        UsedLicenses:int[FGS]
        """
        + PERMISSION_FIELDS.replace(" Permissions", " MaximumPermissions").replace("[FCU]", "[F]"),
    ),
    sobject(
        "PermissionSetLicenseAssign",
        "2LA",
        """
        @record AssigneeId:reference[FGSC]>User
        PermissionSetLicenseId:reference[FGSC]>PermissionSetLicense
        """,
        can="create delete",
    ),
    # One row for whoever asks: what all assignments together let them do.
    sobject(
        "UserPermissionAccess",
        "000",
        "@id" + PERMISSION_FIELDS.replace("[FCU]", "[F]"),
    ),
    sobject(
        "SetupEntityAccess",
        "0J0",
        """
        @id @stamp ParentId:reference[FGSC]>PermissionSet SetupEntityType:picklist[FGSN]
        SetupEntityId:reference[FGSC]
        """,
        needs="ViewSetup",
        can="create delete",
        created_time="SystemModstamp",
    ),
    sobject(
        "ObjectPermissions",
        "110",
        """
        @audit ParentId:reference[FGSC]>PermissionSet PermissionsCreate:boolean[FCU]
        PermissionsDelete:boolean[FCU] PermissionsEdit:boolean[FCU]
        PermissionsModifyAllRecords:boolean[FCU] PermissionsRead:boolean[FCU]
        PermissionsViewAllFields:boolean[FCU] PermissionsViewAllRecords:boolean[FCU]
        SobjectType:picklist[FGSC]
        """,
        can="create update delete",
    ),
    sobject(
        "FieldPermissions",
        "01k",
        """
        @id @stamp Field:picklist[FGSC] ParentId:reference[FGSC]>PermissionSet
        PermissionsEdit:boolean[FGSCU] PermissionsRead:boolean[FGSCU]
        SobjectType:picklist[FGSC]
        """,
        can="create update delete",
        created_time="SystemModstamp",
    ),
    sobject(
        "CustomPermission",
        "0CP",
        """
        @record DeveloperName:string[FGS] MasterLabel:string[FGS] Description:textarea[FGNS]
        IsProtected:boolean[FGS] IsLicensed:boolean[FGS] Language:picklist[FGS]
        NamespacePrefix:string[FGNS]
        """,
    ),
    sobject(
        "ProfileLoginIpRange",
        "0BI",
        """
        @id ProfileId:reference[FGS]>Profile StartAddress:string[FGS] EndAddress:string[FGS]
        Description:string[FGNS]
        """,
        apis="data tooling",
        needs="ViewSetup",
    ),
)
