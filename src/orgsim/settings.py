"""An org's settings as the Metadata API reads them, by metadata type.

They say the same as the health check of the world (`orgsim.world.health`): where that finds a
risk, the setting here is the risky one.
"""

from __future__ import annotations

from typing import Any

# What Event Manager lists as storage, and what a new org with Event Monitoring has turned on.
REAL_TIME = (
    "ApiAnomalyEventStore", "ApiEvent", "BulkApiResultEventStore", "ConcurLongRunApexErrEvent",
    "CredentialStuffingEventStore", "FileEventStore", "GuestUserAnomalyEventStore",
    "IdentityProviderEventStore", "IdentityVerificationEvent", "LightningUriEvent",
    "ListViewEvent", "LoginAnomalyEventStore", "LoginAsEvent", "LoginEvent",
    "PermissionSetEventStore", "ReportAnomalyEventStore", "ReportEvent",
    "SessionHijackingEventStore", "UriEvent",
)  # fmt: skip
STORED = ("LoginEvent", "LoginAsEvent", "ApiEvent", "ReportEvent", "PermissionSetEventStore")


def switched_off(settings: dict[str, dict[str, Any]]) -> frozenset[str]:
    """The objects that a switch in Setup has turned off for everybody."""
    if settings["ContentSettings"]["enableContentDistribution"]:
        return frozenset()
    return frozenset({"ContentDistribution", "ContentDistributionView"})


def unlicensed(event_monitoring: str) -> frozenset[str]:
    """The stores of real-time events, which an org without Event Monitoring does not have."""
    if event_monitoring == "licensed":
        return frozenset()
    return frozenset({*REAL_TIME, "LogoutEvent", "UniversalAnomalyEventStore"})


def defaults() -> dict[str, dict[str, Any]]:
    """A new org's settings; each org has its own copy and may change it."""
    return {
        "SecuritySettings": {
            "canUsersGrantLoginAccess": True,
            "enableAdminLoginAsAnyUser": False,
            "enableAuditFieldsInactiveOwner": False,
            "enableRequireHttpsConnection": True,
            "passwordPolicies": {
                "complexity": "AlphaNumeric",
                "expiration": "NinetyDays",
                "historyRestriction": 3,
                "lockoutInterval": "FifteenMinutes",
                "maxLoginAttempts": "TenAttempts",
                "minimumPasswordLength": 8,
                "minimumPasswordLifetime": False,
                "obscureSecretAnswer": True,
                "questionRestriction": "DoesNotContainPassword",
            },
            "sessionSettings": {
                "disableTimeoutWarning": False,
                "enableCSPOnEmail": True,
                "enableCSRFOnGet": True,
                "enableCSRFOnPost": True,
                "enableClickjackNonsetupSFDC": True,
                "enableClickjackNonsetupUser": True,
                "enableClickjackNonsetupUserHeaderless": False,
                "enableClickjackSetup": True,
                "enableContentSniffingProtection": True,
                "enforceIpRangesEveryRequest": False,
                "forceLogoutOnSessionTimeout": True,
                "forceRelogin": True,
                "hstsOnForcecomSites": True,
                "identityConfirmationOnEmailChange": True,
                "identityConfirmationOnTwoFactorRegistrationEnabled": True,
                "lockSessionsToDomain": True,
                "lockSessionsToIp": False,
                "redirectionWarning": True,
                "referrerPolicy": True,
                "requireHttpOnly": False,
                "requireHttps": True,
                "sessionTimeout": "EightHours",
            },
            "singleSignOnSettings": {
                "enableForceDelegatedCallout": False,
                "enableMultipleSamlConfigs": True,
                "enableSamlLogin": True,
                "isLoginWithSalesforceCredentialsDisabled": False,
            },
        },
        "MyDomainSettings": {
            "canOnlyLoginWithMyDomainUrl": False,
            "doesApiLoginRequireOrgDomain": False,
            "isFirstPartyCookieUseRequired": False,
            "useEdge": True,
            "useEnhancedDomains": True,
        },
        "EventSettings": {
            "bypassMeteringBlock": False,
            "enableDeleteMonitoringData": False,
            "enableEventLogGeneration": True,
            "enableLoginForensics": False,
            "enableStreamingApi": True,
            "enableTransactionSecurityPolicies": False,
        },
        "ConnectedAppSettings": {
            "enableAdminApprovedAppsOnly": False,
            "enableAdminApprovedAppsOnlyForExternalUser": False,
            "enableSkipUserProvisioningWizardWelcomePage": False,
        },
        "OauthOidcSettings": {
            "blockOAuthUnPwFlow": False,
            "blockOAuthUsrAgtFlow": True,
            "isPkceRequired": False,
        },
        "SharingSettings": {
            "enableManagerGroups": False,
            "enableManualUserRecordSharing": False,
            "enablePortalUserVisibility": True,
            "enableSecureGuestAccess": True,
        },
        "UserManagementSettings": {
            "enableEnhancedConcealPersonalInfo": False,
            "enableRestrictedProfileCloning": True,
            "enableUserSelfDeactivate": False,
        },
        "ContentSettings": {
            "enableContent": True,
            "enableContentAutoAssign": False,
            "enableContentDistribution": True,
            "enableContentWorkspaceAccess": True,
            "enableLibraryManagedFiles": True,
        },
        "RealTimeEventSettings": {
            "realTimeEvents": [
                {"entityName": name, "isEnabled": name in STORED} for name in REAL_TIME
            ]
        },
        "FileUploadAndDownloadSecuritySettings": {"noHtmlUploadAsAttachment": False},
    }
