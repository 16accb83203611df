"""Ways in and out that were set up: single sign-on, named credentials, trusted sites, policies."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "NamedCredential",
        "0XA",
        """
        @record AuthProviderId:reference[FGSN]>AuthProvider AuthTokenEndpointUrl:textarea[N]
        CalloutOptionsAllowMergeFieldsInBody:boolean[F]
        CalloutOptionsAllowMergeFieldsInHeader:boolean[F]
        CalloutOptionsGenerateAuthorizationHeader:boolean[F] DeveloperName:string[FGS]
        Endpoint:textarea[N] JwtAudience:textarea[N] JwtFormulaSubject:string[FGSN]
        JwtIssuer:string[FGSN] JwtTextSubject:string[FGSN]
        JwtValidityPeriodSeconds:int[FGSN] Language:picklist[FGS] MasterLabel:string[FGS]
        NamespacePrefix:string[FGSN] PrincipalType:picklist[FGS]
        """,
        apis="data tooling",
    ),
    sobject(
        "ExternalCredential",
        "0sz",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS]
        AuthenticationProtocol:picklist[FGS] NamespacePrefix:string[FGNS]
        """,
        apis="data tooling",
        needs="ViewSetup",
    ),
    sobject(
        "AuthProvider",
        "0SO",
        """
        @id CreatedDate:datetime[FS] AppleTeam:string[FGSNCU] AuthorizeUrl:url[FSNCU]
        ConsumerKey:string[FSNCU] ConsumerSecret:string[NC]
        CustomMetadataTypeRecord:string[FGSNCU] DefaultScopes:string[FSNCU]
        DeveloperName:string[FGSCU] EcKey:string[FGSNCU] ErrorUrl:string[FSNCU]
        ExecutionUserId:reference[FGSNCU]>User FriendlyName:string[FGSCU] IconUrl:url[FSNCU]
        IdTokenIssuer:string[FSNCU] LinkKickoffUrl:url[N] LogoutUrl:url[FSNCU]
        OauthKickoffUrl:url[N] OptionsIncludeOrgIdInId:boolean[FCU]
        OptionsIsPkceEnabled:boolean[FCU] OptionsRequireMfa:boolean[F]
        OptionsSendAccessTokenInHeader:boolean[FCU]
        OptionsSendClientCredentialsInHeader:boolean[FCU]
        OptionsSendSecretInApis:boolean[FCU] PluginId:reference[FGSNCU]>ApexClass
        ProviderType:picklist[FGSCU] RegistrationHandlerId:reference[FGSNCU]>ApexClass
        SsoKickoffUrl:url[N] TokenUrl:url[FSNCU] UserInfoUrl:url[FSNCU]
        """,
        can="create update delete",
    ),
    sobject(
        "SamlSsoConfig",
        "0LE",
        """
        @record AttributeFormat:string[FGSN] AttributeName:string[FGSN] Audience:string[FGS]
        DeveloperName:string[FGS] ErrorUrl:string[FSN] ExecutionUserID:reference[FGSN]>User
        IdentityLocation:picklist[FGS] IdentityMapping:picklist[FGS] Issuer:string[FGS]
        Language:picklist[FGS] LoginUrl:string[FSN] LogoutUrl:string[FSN]
        MasterLabel:string[FGS] NamespacePrefix:string[FGSN] OptionsSpInitBinding:boolean[F]
        OptionsUseConfigRequestMethod:boolean[F]
        OptionsUseSameDigestAlgoForSigning:boolean[F] OptionsRequireMfaSaml:boolean[F]
        OptionsUserProvisioning:boolean[F] RequestSignatureMethod:picklist[FGSN]
        SamlJitHandlerId:reference[FGSN]>ApexClass SingleLogoutBinding:picklist[FGSN]
        SingleLogoutUrl:string[FGSN] ValidationCert:string[FS] Version:picklist[FGS]
        ExecutionUserId:reference>User
        """,
        needs="ViewSetup",
    ),
    sobject(
        "CspTrustedSite",
        "08y",
        """
        @record CanAccessCamera:boolean[FGSCU] CanAccessMicrophone:boolean[FGSCU]
        Context:picklist[FGSCU] Description:textarea[FGSNCU] DeveloperName:string[FGSCU]
        EndpointUrl:string[FGSCU] IsActive:boolean[FGSCU]
        IsApplicableToConnectSrc:boolean[FGSCU] IsApplicableToFontSrc:boolean[FGSCU]
        IsApplicableToFrameSrc:boolean[FGSCU] IsApplicableToImgSrc:boolean[FGSCU]
        Language:string MasterLabel:string[FGS] NamespacePrefix:string
        IsApplicableToMediaSrc:boolean[FGS] IsApplicableToStyleSrc:boolean[FGS]
        """,
        can="create update delete",
        needs="ViewSetup",
        apis="data tooling",
    ),
    sobject(
        "CorsWhitelistEntry",
        "08w",
        """
        @audit DeveloperName:string[FGS] MasterLabel:string[FGS] UrlPattern:string[FGS]
        Language:picklist[FGS]
        """,
        needs="ViewSetup",
        apis="data tooling",
    ),
    sobject(
        "TransactionSecurityPolicy",
        "0NI",
        """
        @id ActionConfig:textarea[CU] ApexPolicyId:reference[FGSNCU]>ApexClass
        BlockMessage:string[FSNCU] CustomEmailContent:string[FSNCU]
        Description:string[FSNCU] DeveloperName:string[FGSCU] EventName:picklist[FGSNCU]
        EventType:picklist[FGSNCU] ExecutionUserId:reference[FGSNCU]>User
        MasterLabel:string[FGSCU] NamespacePrefix:string[FGSN] ResourceName:string[FGSNCU]
        State:picklist[FGSCU] Type:picklist[FGSCU] @audit
        """,
        can="create update delete",
    ),
    sobject(
        "ApexClass",
        "01p",
        """
        @audit BodyCrc:int Name:string[FGS] NamespacePrefix:string ApiVersion:double[FNS]
        Body:textarea[N] LengthWithoutComments:int[FGNS] Status:picklist[FGS]
        IsValid:boolean[FGS]
        """,
        can="create delete",
        apis="data tooling",
    ),
    sobject(
        "ApexTrigger",
        "01q",
        """
        @audit Name:string[FGS] NamespacePrefix:string[FGNS] TableEnumOrId:picklist[FGNS]
        ApiVersion:double[FNS] Status:picklist[FGS] IsValid:boolean[FGS] BodyCrc:double[FNS]
        Body:textarea[N] LengthWithoutComments:int[FGNS]
        """,
        apis="data tooling",
    ),
    sobject(
        "ApexPage",
        "066",
        """
        @audit Name:string[FGS] NamespacePrefix:string[FGNS] ApiVersion:double[FNS]
        MasterLabel:string[FGS] Description:textarea[FGNS] ControllerType:picklist[FGS]
        ControllerKey:string[FGNS] IsAvailableInTouch:boolean[FGS]
        IsConfirmationTokenRequired:boolean[FGS] Markup:textarea[]
        """,
        apis="data tooling",
    ),
    sobject(
        "ExternalDataSource",
        "0XC",
        """
        @record DeveloperName:string[FGS] MasterLabel:string[FGS] Type:picklist[FGS]
        Endpoint:textarea[N] PrincipalType:picklist[FGS] Protocol:picklist[FGS]
        IsWritable:boolean[FGS]
        """,
        apis="data tooling",
        needs="ViewSetup",
    ),
)
