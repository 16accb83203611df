"""What only the Tooling API shows: health check, packages, apps, certificates, remote sites."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "SecurityHealthCheck",
        "",
        """
        Id:id[FGS] DurableId:string[FGNS] Score:string[FGNS] CustomBaselineId:reference[FGNS]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
        children="SecurityHealthCheckRisks:SecurityHealthCheckRisks.SecurityHealthCheckId",
    ),
    sobject(
        "SecurityHealthCheckRisks",
        "",
        """
        Id:id[FGS] DurableId:string[FGNS] SecurityHealthCheckId:reference[FGNS]>SecurityHealthCheck
        RiskType:string[FGNS] Setting:string[FGNS] SettingGroup:string[FGNS]
        SettingRiskCategory:string[FGNS] OrgValue:string[FGNS] OrgValueRaw:string[FGNS]
        StandardValue:string[FGNS] StandardValueRaw:string[FGNS]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "SecurityCustomBaseline",
        "0Lx",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS] IsDefault:boolean[FGS]
        Language:picklist[FGS]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "InstalledSubscriberPackage",
        "0A3",
        """
        @id SubscriberPackageId:reference[FGS]>SubscriberPackage
        SubscriberPackageVersionId:reference[FGS]>SubscriberPackageVersion
        MinPackageVersionId:reference[FGNS]
        """,
        apis="tooling",
        needs="InstallPackaging",
        bulk=False,
    ),
    sobject(
        "SubscriberPackage",
        "033",
        """
        @id Name:string[FGS] NamespacePrefix:string[FGNS] Description:textarea[FGNS]
        IsPackageValid:boolean[FGS] PackagingModel:picklist[FGNS]
        """,
        apis="tooling",
        needs="InstallPackaging",
        bulk=False,
    ),
    sobject(
        "SubscriberPackageVersion",
        "04t",
        """
        @id SubscriberPackageId:reference[FGS]>SubscriberPackage Name:string[FGS]
        MajorVersion:int[FGS] MinorVersion:int[FGS] PatchVersion:int[FGS]
        BuildNumber:int[FGS] IsBeta:boolean[FGS] IsManaged:boolean[FGS]
        IsDeprecated:boolean[FGS] IsPasswordProtected:boolean[FGS]
        IsSecurityReviewed:boolean[FGS] PublisherName:string[FGNS]
        ReleaseState:picklist[FGS] AppExchangePackageName:string[FGNS]
        AppExchangePublisherName:string[FGNS] AppExchangeDescription:string[FGNS]
        AppExchangeLogoUrl:string[FGNS] RemoteSiteSettings:anyType[N]
        CspTrustedSites:anyType[N] Profiles:anyType[N] Dependencies:anyType[N]
        """,
        apis="tooling",
        needs="InstallPackaging",
        bulk=False,
    ),
    sobject(
        "ExternalClientApplication",
        "0xI",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS] Language:picklist[FGS]
        ContactEmail:email[FGNS] ContactPhone:phone[FGNS] Description:textarea[FGNS]
        DistributionState:picklist[FGS]{Local,Packaged} IconUrl:url[FGNS] InfoUrl:url[FGNS]
        LogoUrl:url[FGNS] NamespacePrefix:string[FGNS] ManagedType:picklist[FGNS]
        OrgScopedExternalApp:string[FGNS] Version:double[FNS] IsEnabled:boolean[FGS]
        """,
        apis="data tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "ExtlClntAppOauthSettings",
        "0xJ",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS] Language:picklist[FGS]
        ExternalClientApplicationId:reference[FGS]>ExternalClientApplication
        CommaSeparatedOauthScopes:string[N]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "ExtlClntAppOauthPlcyCnfg",
        "0xK",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS]
        ExternalClientApplicationId:reference[FGS]>ExternalClientApplication
        ClientCredentialsFlowUserId:reference[FGNS]>User/ClientCredentialsFlowUser
        IpRelaxationPolicyType:picklist[FGS] IsClientCredentialsFlowEnabled:boolean[FGS]
        PermittedUsersPolicyType:picklist[FGS] PolicyAction:picklist[FGNS]
        RefreshTokenPolicyType:picklist[FGS] RefreshTokenValidityPeriod:int[FGNS]
        RefreshTokenValidityUnit:picklist[FGNS] RequiredSessionLevel:picklist[FGNS]
        SessionTimeoutInMinutes:int[FGNS] SingleLogoutUrl:url[FNS] StartUrl:url[FNS]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "RemoteProxy",
        "0rp",
        """
        @audit SiteName:string[FGS] EndpointUrl:url[FS] Description:textarea[FGNS]
        IsActive:boolean[FGS] DisableProtocolSecurity:boolean[FGS]
        NamespacePrefix:string[FGNS]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "Certificate",
        "0P1",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS]
        ExpirationDate:datetime[FNS] KeySize:int[FGNS] OptionsIsCaSigned:boolean[F]
        OptionsIsPrivateKeyExportable:boolean[F] OptionsIsUnusable:boolean[F]
        CertificateChain:textarea[N] Language:picklist[FGS] NamespacePrefix:string[FGNS]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "MetadataComponentDependency",
        "",
        """
        @id MetadataComponentId:string[FGNS] MetadataComponentName:string[FGNS]
        MetadataComponentType:string[FGNS] RefMetadataComponentId:string[FGNS]
        RefMetadataComponentName:string[FGNS] RefMetadataComponentType:string[FGNS]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
    ),
    sobject(
        "Flow",
        "301",
        """
        @audit DefinitionId:reference[FGS] MasterLabel:string[FGS] Status:picklist[FGS]
        ProcessType:picklist[FGS] RunInMode:picklist[FGNS] VersionNumber:int[FGS]
        ApiVersion:double[FNS] Description:textarea[FGNS] Metadata:anyType[N]
        FullName:string[N]
        """,
        apis="tooling",
        needs="ViewSetup",
        bulk=False,
        quirks=("one_row_metadata",),
    ),
)
