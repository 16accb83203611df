"""Signing in and being signed in: history, places, sessions, second factors."""

from __future__ import annotations

from orgsim.objects.notation import sobject
from orgsim.schema import ObjectType

TYPES: tuple[ObjectType, ...] = (
    sobject(
        "LoginHistory",
        "0Ya",
        """
        @id UserId:reference[FGNS]>User/- LoginTime:datetime[FS] LoginType:picklist[FGS]
        SourceIp:string[FGNS] LoginUrl:string[FGNS]
        AuthenticationServiceId:reference[FGNS]>AuthProvider|SamlSsoConfig/-
        LoginGeoId:reference[FGNS]>LoginGeo TlsProtocol:picklist[FGNS]
        CipherSuite:picklist[FGNS] OptionsIsGet:boolean[F] OptionsIsPost:boolean[F]
        Browser:string[GNS] Platform:string[GNS] Status:string[GNS] Application:string[GNS]
        ClientVersion:string[GNS] ApiType:string[GNS] ApiVersion:string[GNS]
        CountryIso:string[FGNS] NetworkId:reference[FGNS]>Network/-
        LoginSubType:picklist[FGNS] ForwardedForIp:string[FGNS]
        AuthMethodReference:string[FGNS]
        """,
        event_time="LoginTime",
        created_time="LoginTime",
        quirks=("own_rows_without:ManageUsers",),
    ),
    sobject(
        "LoginGeo",
        "04F",
        """
        @record LoginTime:datetime[FS] CountryIso:string[FGNS] Country:string[FGNS]
        Latitude:double[FNS] Longitude:double[FNS] City:string[FGNS] PostalCode:string[FGNS]
        Subdivision:string[FGNS]
        """,
        event_time="LoginTime",
        needs="ManageUsers",
    ),
    sobject(
        "LoginIp",
        "710",
        """
        @id CreatedDate:datetime[FS] ChallengeMethod:picklist[FGSN]
        ChallengeSentDate:datetime[] UsersId:reference[FGS]>User SourceIp:string[FGS]
        IsAuthenticated:boolean[FGS]
        """,
        can="delete",
        needs="ManageUsers",
    ),
    sobject(
        "AuthSession",
        "0Ak",
        """
        @id CreatedDate:datetime[FS] LastModifiedDate:datetime[FS]
        LoginGeoId:reference[FGSN]>LoginGeo LoginType:picklist[FGSN] LogoutUrl:string[FSN]
        NumSecondsValid:int[FGS] ParentId:reference[FGSN]>AuthSession/-
        SessionSecurityLevel:picklist[FGSN] SessionType:picklist[FGSN]
        IsCurrent:boolean[FGS] UsersId:reference[FGNS]>User UserType:picklist[FGS]
        SourceIp:string[FGNS] LoginHistoryId:reference[FGNS]>LoginHistory
        """,
        can="delete",
        quirks=("own_rows_without:ManageUsers",),
    ),
    sobject(
        "SessionPermSetActivation",
        "5Ps",
        """
        @record AuthSessionId:reference[FGS]>AuthSession Description:string[FGSN]
        PermissionSetGroupId:reference[FGSN]>PermissionSetGroup
        PermissionSetId:reference[FGS]>PermissionSet UserId:reference[FGS]>User
        """,
        needs="ViewSetup",
    ),
    sobject(
        "VerificationHistory",
        "0wG",
        """
        @record Activity:picklist[FGS] EventGroup:int[FGS]
        LoginGeoId:reference[FGSN]>LoginGeo LoginHistoryId:reference[FGS]>LoginHistory
        Policy:picklist[FGS] Remarks:string[FGSN] ResourceId:reference[FGSN]
        SourceIp:string[FGS] Status:picklist[FGS] UserId:reference[FGS]>User
        VerificationMethod:picklist[FGSN] VerificationTime:datetime[FS]
        """,
        event_time="VerificationTime",
        needs="ManageUsers",
    ),
    sobject(
        "TwoFactorInfo",
        "0QE",
        """
        @id @audit Type:picklist[FGSC] UserId:reference[FGSC]>User SharedKey:string[GS]
        """,
        can="create update delete",
        needs="TwoFactorApi",
    ),
    sobject(
        "TwoFactorMethodsInfo",
        "",
        """
        @id ExternalId:string[FGSN] HasBuiltInAuthenticator:boolean[FGS]
        HasSalesforceAuthenticator:boolean[FGS] HasSecurityKey:boolean[FGS]
        HasTempCode:boolean[FGS] HasTotp:boolean[FGS] HasU2F:boolean[FGS]
        HasUserVerifiedEmailAddress:boolean[FGS] HasUserVerifiedMobileNumber:boolean[FGS]
        HasVerifiedMobileNumber:boolean[FGS] UserId:reference[FGNS]>User
        """,
        needs="TwoFactorApi",
        created_time="CreatedDate",
    ),
    sobject(
        "TwoFactorTempCode",
        "0QF",
        """
        @id Expiration:datetime[FS] Identifier:string[FGS] TempCode:encryptedstring[]
        UserId:reference[FGS]>User
        """,
        needs="TwoFactorApi",
    ),
    sobject(
        "IdpEventLog",
        "0fu",
        """
        @id AppId:reference[FGNS] AuthSessionId:reference[FGNS] ErrorCode:picklist[FGS]
        IdentityUsed:string[FNS] InitiatedBy:picklist[FGS] OptionsHasLogoutUrl:boolean[F]
        SamlEntityUrl:string[FS] SsoType:picklist[FGNS] Timestamp:datetime[FNS]
        UserId:reference[FGNS]>User
        """,
        event_time="Timestamp",
        created_time="Timestamp",
        needs="ManageUsers",
    ),
)
