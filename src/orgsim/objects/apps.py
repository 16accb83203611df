"""Clients and packages: OAuth tokens, connected apps, app menu, package licences."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "OauthToken",
        "",
        """
        Id:id[FGS] AccessToken:string[FGNS] AppMenuItemId:reference[FGNS]>AppMenuItem
        AppName:string[FGNS] CreatedDate:datetime[FNS] DeleteToken:string[FGNS]
        LastUsedDate:datetime[FNS] RequestToken:string[FGNS] UseCount:int[FGNS]
        UserId:reference[FGNS]>User
        """,
        bulk=False,
        quirks=("oauth_token_paging", "own_rows_without:CustomizeApplication"),
    ),
    sobject(
        "ConnectedApplication",
        "0H4",
        """
        @audit MobileSessionTimeout:picklist[FGSN] MobileStartUrl:url[FSN] Name:string[FGS]
        NamedUserUvidTimeout:picklist[FGSN] OptionsAllowAdminApprovedUsersOnly:boolean[F]
        OptionsAppIssueJwtTokenEnabled:boolean[F] OptionsHasSessionLevelPolicy:boolean[F]
        OptionsRefreshTokenValidityMetric:boolean[F]
        OptionsTokenExchangeManageBitEnabled:boolean[F] PinLength:picklist[FGSN]
        RefreshTokenValidityPeriod:int[FGSN] StartUrl:url[FSN] OptionsIsInternal:boolean[F]
        OptionsFullContentPushNotifications:boolean[F] UvidTimeout:picklist[FGNS]
        """,
        apis="data tooling",
        needs="ViewSetup",
    ),
    sobject(
        "AppMenuItem",
        "0DS",
        """
        @audit SortOrder:int[FGNS] Name:string[FGNS] NamespacePrefix:string[FGNS]
        Label:string[FGNS] Description:textarea[N] StartUrl:url[N] MobileStartUrl:url[N]
        LogoUrl:url[N] IconUrl:url[N] InfoUrl:url[N] IsUsingAdminAuthorization:boolean[FGS]
        MobilePlatform:string[FGNS] MobileMinOsVer:string[FGNS]
        MobileDeviceType:string[FGNS] IsRegisteredDeviceOnly:boolean[FGS]
        MobileAppVer:string[FGNS] MobileAppInstalledDate:datetime[FNS]
        MobileAppInstalledVersion:string[FGNS] MobileAppBinaryId:string[FGNS]
        MobileAppInstallUrl:url[FGNS] CanvasEnabled:boolean[FGS]
        CanvasReferenceId:string[FGNS] CanvasUrl:url[N] CanvasAccessMethod:string[FGNS]
        CanvasSelectedLocations:string[N] CanvasOptions:string[N] Type:picklist[FGNS]
        ApplicationId:reference[FGNS]>ConnectedApplication UserSortOrder:int[FGNS]
        IsVisible:boolean[FGS] IsAccessible:boolean[FGS]
        """,
    ),
    sobject(
        "PackageLicense",
        "050",
        """
        @id CreatedDate:datetime[FS] LastModifiedDate:datetime[FS] @stamp
        AllowedLicenses:int[FGS] ExpirationDate:datetime[FSN]
        IsAvailableForIntegrations:boolean[FGS] IsProvisioned:boolean[FGS]
        NamespacePrefix:string[FGS] Status:string[FGS] UsedLicenses:int[FGS]
        """,
        created_time="CreatedDate",
    ),
    sobject(
        "UserPackageLicense",
        "051",
        """
        @audit LastCreatedByChangeId:boolean[FGSU] LastDeletedByChangeId:reference[FGSN]
        PackageLicenseId:reference[FGSC]>PackageLicense UserId:reference[FGSC]>User
        """,
        can="create delete",
    ),
    sobject(
        "UserAppInfo",
        "0Ds",
        """
        @record AppDefinitionId:reference[FGSNCU] FormFactor:picklist[FGSCU]
        UserId:reference[FGS]>User
        """,
        can="create update delete",
    ),
    sobject(
        "Publisher",
        "",
        """
        Id:id[FGS] DurableId:string[FGNS] Name:string[FGNS] NamespacePrefix:string[FGNS]
        IsSalesforce:boolean[FGS] MajorVersion:int[FGNS] MinorVersion:int[FGNS]
        """,
        bulk=False,
    ),
)
