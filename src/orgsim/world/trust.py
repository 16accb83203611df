"""Ways in and out that administrators set up: single sign-on, credentials, trusted and
remote sites, certificates, Apex, address ranges of profiles.

The org is shaped like one worth securing: most of it is sound, some of it is not.
"""

from __future__ import annotations

from typing import Any

from orgsim.org import Org
from orgsim.world.cast import World
from orgsim.world.rows import DAY, add

# object, days after founding, values; {domain} is the company's
ROWS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    (
        "NamedCredential",
        300,
        {
            "DeveloperName": "Tax_Service",
            "MasterLabel": "Tax Service",
            "Endpoint": "https://tax.example.com/v2",
            "PrincipalType": "NamedUser",
            "Language": "en_US",
            "CalloutOptionsGenerateAuthorizationHeader": True,
        },
    ),
    (
        "NamedCredential",
        420,
        {
            "DeveloperName": "Shipping_Rates",
            "MasterLabel": "Shipping Rates",
            "Endpoint": "https://rates.example.net",
            "PrincipalType": "NamedUser",
            "Language": "en_US",
        },
    ),
    (
        "NamedCredential",
        610,
        {
            "DeveloperName": "Old_Billing",
            "MasterLabel": "Old Billing",
            "Endpoint": "http://billing.example.org:8080",
            "PrincipalType": "Anonymous",
            "Language": "en_US",
        },
    ),
    (
        "ExternalCredential",
        700,
        {
            "DeveloperName": "Tax_OAuth",
            "MasterLabel": "Tax OAuth",
            "AuthenticationProtocol": "Oauth",
        },
    ),
    (
        "RemoteProxy",
        200,
        {
            "SiteName": "AddressCheck",
            "EndpointUrl": "https://address.example.com",
            "IsActive": True,
            "Description": "Address check in account pages",
        },
    ),
    (
        "RemoteProxy",
        250,
        {
            "SiteName": "LegacyBilling",
            "EndpointUrl": "http://billing.example.org:8080",
            "IsActive": True,
            "DisableProtocolSecurity": True,
        },
    ),
    (
        "RemoteProxy",
        900,
        {"SiteName": "Maps", "EndpointUrl": "https://maps.example.net", "IsActive": True},
    ),
    (
        "CspTrustedSite",
        500,
        {
            "DeveloperName": "Cdn",
            "MasterLabel": "Cdn",
            "Context": "All",
            "EndpointUrl": "https://cdn.example.com",
            "IsActive": True,
            "IsApplicableToImgSrc": True,
            "IsApplicableToFontSrc": True,
        },
    ),
    (
        "CspTrustedSite",
        640,
        {
            "DeveloperName": "Chat",
            "MasterLabel": "Chat",
            "Context": "LEX",
            "EndpointUrl": "https://chat.example.net",
            "IsActive": True,
            "IsApplicableToConnectSrc": True,
            "IsApplicableToFrameSrc": True,
        },
    ),
    (
        "CorsWhitelistEntry",
        500,
        {
            "DeveloperName": "Intranet",
            "MasterLabel": "Intranet",
            "UrlPattern": "https://intranet.example.com",
            "Language": "en_US",
        },
    ),
    (
        "AuthProvider",
        900,
        {
            "DeveloperName": "Partner_OIDC",
            "FriendlyName": "Partner sign-in",
            "ProviderType": "OpenIdConnect",
            "AuthorizeUrl": "https://id.example.net/authorize",
            "TokenUrl": "https://id.example.net/token",
            "OptionsIsPkceEnabled": True,
            "OptionsSendAccessTokenInHeader": True,
        },
    ),
    (
        "Domain",
        5,
        {
            "DomainType": "DNS",
            "Domain": "help.{domain}",
            "OptionsHstsPreload": False,
            "OptionsExternalHttps": True,
            "HttpsOption": "Community",
        },
    ),
    (
        "CustomPermission",
        400,
        {
            "DeveloperName": "Discount_Override",
            "Language": "en_US",
            "MasterLabel": "Discount Override",
        },
    ),
    (
        "ApexPage",
        300,
        {
            "Name": "QuotePrint",
            "MasterLabel": "QuotePrint",
            "ApiVersion": 58.0,
            "ControllerType": "1",
        },
    ),
    (
        "ApexPage",
        310,
        {
            "Name": "CaseTimeline",
            "MasterLabel": "CaseTimeline",
            "ApiVersion": 62.0,
            "ControllerType": "1",
        },
    ),
    (
        "ApexTrigger",
        300,
        {
            "Name": "AccountBefore",
            "TableEnumOrId": "Account",
            "Status": "Active",
            "ApiVersion": 60.0,
            "IsValid": True,
            "LengthWithoutComments": 640,
        },
    ),
)
CLASSES = (
    "QuoteBuilder",
    "AccountRollup",
    "CaseRouter",
    "LeadDeduper",
    "RenewalBatch",
    "TaxCallout",
    "PriceBookSync",
    "InvoiceService",
)


def build(org: Org, world: World) -> None:
    for name, days, values in ROWS:
        full: dict[str, Any] = {
            k: v.replace("{domain}", world.domain) if isinstance(v, str) else v
            for k, v in values.items()
        }
        first = str(full.get("DeveloperName") or full.get("SiteName") or full.get("Name") or name)
        world.remember(name, first, add(org, name, world.founded_ms + days * DAY, **full))
    now = org.options.now_ms
    add(
        org,
        "SamlSsoConfig",
        world.founded_ms + 200 * DAY,
        Id=world.saml,
        Version="2.0",
        DeveloperName="Company_SSO",
        MasterLabel="Company SSO",
        Language="en_US",
        Issuer=f"https://idp.{world.domain}",
        Audience=f"https://{world.host}",
        LoginUrl=f"https://idp.{world.domain}/sso",
        IdentityLocation="SubjectNameId",
        IdentityMapping="FederationId",
        RequestSignatureMethod="RSA_SHA256",
        ValidationCert="CN=idp." + world.domain,
    )
    for label, days, size, signed in (
        ("SSO Signing", 24, 2048, False),
        ("API Client", 310, 4096, True),
        ("Old Outbound", -40, 1024, False),
    ):
        add(
            org,
            "Certificate",
            now - 300 * DAY,
            DeveloperName=label.replace(" ", "_"),
            MasterLabel=label,
            ExpirationDate=(now + days * DAY) // DAY * DAY,
            KeySize=size,
            OptionsIsCaSigned=signed,
            OptionsIsPrivateKeyExportable=not signed,
            OptionsIsUnusable=days < 0,
            Language="en_US",
        )
    rng = org.random("apex")
    for name in CLASSES:
        size = rng.randrange(900, 24_000)
        world.remember(
            "ApexClass",
            name,
            add(
                org,
                "ApexClass",
                world.founded_ms + rng.randrange(100, 900) * DAY,
                Name=name,
                Status="Active",
                IsValid=True,
                ApiVersion=float(rng.choice((52, 58, 60, 62, 65))),
                LengthWithoutComments=size,
                BodyCrc=rng.randrange(10**9),
                Body=f"public with sharing class {name} {{\n}}",
            ),
        )
    for profile in ("Help Center Profile", "Service Agent"):
        add(
            org,
            "SetupEntityAccess",
            world.founded_ms + 400 * DAY,
            SetupEntityType="ApexClass",
            ParentId=world.find("PermissionSet", world.find("Profile", profile)),
            SetupEntityId=world.find("ApexClass", "CaseRouter"),
        )
    for app in ("Data Loader", "Salesforce CLI", "Warehouse Sync"):
        add(
            org,
            "SetupEntityAccess",
            world.founded_ms + 500 * DAY,
            ParentId=world.find("PermissionSet", world.find("Profile", "System Administrator")),
            SetupEntityType="ConnectedApplication",
            SetupEntityId=world.find("ConnectedApplication", app),
        )
    for profile, low, high in (
        ("System Administrator", "203.0.113.0", "203.0.113.255"),
        ("Legacy API Profile", "0.0.0.0", "255.255.255.255"),
    ):
        add(
            org,
            "ProfileLoginIpRange",
            now - 700 * DAY,
            StartAddress=low,
            EndAddress=high,
            ProfileId=world.find("Profile", profile),
            Description="Company network",
        )
    if org.options.event_monitoring == "licensed":
        add(
            org,
            "TransactionSecurityPolicy",
            now - 300 * DAY,
            DeveloperName="Large_Report_Export",
            MasterLabel="Large report export",
            Type="CustomConditionBuilderPolicy",
            EventName="ReportEvent",
            State="Enabled",
            ActionConfig="Notification",
        )
