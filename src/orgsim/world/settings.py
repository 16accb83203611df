"""The org's own row and what administrators set up: users of the platform, sites, single sign-on,
named credentials, remote sites, certificates, packages, health check.

The org is shaped like one worth securing: most of it is sound, some of it is not.
"""

from __future__ import annotations

from typing import Any

from orgsim.org import Org
from orgsim.world import health, people
from orgsim.world.cast import World
from orgsim.world.names import PLACES
from orgsim.world.rows import DAY, add


def platform_users(org: Org, world: World) -> None:
    """The users every org has that no person uses, and the guest of its site."""
    for id18, username, last, profile, kind in (
        (world.automated, f"autoproc@{org.id[:15].lower()}", "Automated Process",
         "Analytics Cloud Integration User", "AutomatedProcess"),
        (org.new_id("005"), f"insightsintegration@{org.id[:15].lower()}.example.com",
         "Integration User", "Analytics Cloud Integration User", "Standard"),
        (org.new_id("005"), f"help_center@{world.slug}.example.com", "Help Center Site Guest User",
         "Help Center Profile", "Guest"),
    ):  # fmt: skip
        people.user(org, world, id18=id18, username=username, first=None, last=last,
                    email=f"it@{world.domain}", profile=profile, at=world.founded_ms,
                    place=PLACES[0], kind=kind)  # fmt: skip
        if kind == "Guest":
            world.guest = id18


def organization(org: Org, world: World) -> None:
    place = PLACES[0]
    add(
        org, "Organization", world.founded_ms, Id=org.id, Name=org.name,
        OrganizationType=org.options.edition, IsSandbox=False, InstanceName="USA604",
        LanguageLocaleKey=org.options.language, DefaultLocaleSidKey=org.options.language,
        TimeZoneSidKey=place.zone, City=place.city, State=place.subdivision, Country=place.country,
        PostalCode=place.postal, Street="100 Example Plaza", Phone="+1 312 555 0100",
        PrimaryContact=world.people[0].name, FiscalYearStartMonth=1, UiSkin="Theme3",
        DefaultAccountAccess="Edit", DefaultContactAccess="ControlledByParent",
        DefaultOpportunityAccess="None", DefaultLeadAccess="ReadEditTransfer",
        DefaultCaseAccess="ReadEditTransfer", DefaultCalendarAccess="HideDetailsInsert",
        DefaultPricebookAccess="ReadSelect", DefaultCampaignAccess="All",
        ReceivesInfoEmails=True, ReceivesAdminInfoEmails=True, SignupCountryIsoCode=place.iso,
        MonthlyPageViewsUsed=1840, MonthlyPageViewsEntitlement=500_000,
        PreferencesTransactionSecurityPolicy=org.options.event_monitoring == "licensed",
        PreferencesS1BrowserEnabled=True, PreferencesLightningLoginEnabled=True,
        TrialExpirationDate=None,
    )  # fmt: skip


# object, days after founding, values; {domain} is the company's
ROWS: tuple[tuple[str, int, dict[str, Any]], ...] = (
    ("NamedCredential", 300, {"DeveloperName": "Tax_Service", "MasterLabel": "Tax Service",
     "Endpoint": "https://tax.example.com/v2", "PrincipalType": "NamedUser", "Language": "en_US",
     "CalloutOptionsGenerateAuthorizationHeader": True}),
    ("NamedCredential", 420, {"DeveloperName": "Shipping_Rates", "MasterLabel": "Shipping Rates",
     "Endpoint": "https://rates.example.net", "PrincipalType": "NamedUser", "Language": "en_US"}),
    ("NamedCredential", 610, {"DeveloperName": "Old_Billing", "MasterLabel": "Old Billing",
     "Endpoint": "http://billing.example.org:8080", "PrincipalType": "Anonymous",
     "Language": "en_US"}),
    ("ExternalCredential", 700, {"DeveloperName": "Tax_OAuth", "MasterLabel": "Tax OAuth",
     "AuthenticationProtocol": "Oauth"}),
    ("RemoteProxy", 200, {"SiteName": "AddressCheck", "EndpointUrl": "https://address.example.com",
     "IsActive": True, "Description": "Address check in account pages"}),
    ("RemoteProxy", 250, {"SiteName": "LegacyBilling", "EndpointUrl":
     "http://billing.example.org:8080", "IsActive": True, "DisableProtocolSecurity": True}),
    ("RemoteProxy", 900, {"SiteName": "Maps", "EndpointUrl": "https://maps.example.net",
     "IsActive": True}),
    ("CspTrustedSite", 500, {"DeveloperName": "Cdn", "MasterLabel": "Cdn", "Context": "All",
     "EndpointUrl": "https://cdn.example.com", "IsActive": True, "IsApplicableToImgSrc": True,
     "IsApplicableToFontSrc": True}),
    ("CspTrustedSite", 640, {"DeveloperName": "Chat", "MasterLabel": "Chat", "Context": "LEX",
     "EndpointUrl": "https://chat.example.net", "IsActive": True,
     "IsApplicableToConnectSrc": True, "IsApplicableToFrameSrc": True}),
    ("CorsWhitelistEntry", 500, {"DeveloperName": "Intranet", "MasterLabel": "Intranet",
     "UrlPattern": "https://intranet.example.com", "Language": "en_US"}),
    ("AuthProvider", 900, {"DeveloperName": "Partner_OIDC", "FriendlyName": "Partner sign-in",
     "ProviderType": "OpenIdConnect", "AuthorizeUrl": "https://id.example.net/authorize",
     "TokenUrl": "https://id.example.net/token", "OptionsIsPkceEnabled": True,
     "OptionsSendAccessTokenInHeader": True}),
    ("Domain", 5, {"DomainType": "DNS", "Domain": "help.{domain}", "OptionsHstsPreload": False,
     "OptionsExternalHttps": True, "HttpsOption": "Community"}),
    ("CustomPermission", 400, {"DeveloperName": "Discount_Override", "Language": "en_US",
     "MasterLabel": "Discount Override"}),
    ("ApexPage", 300, {"Name": "QuotePrint", "MasterLabel": "QuotePrint", "ApiVersion": 58.0,
     "ControllerType": "1"}),
    ("ApexPage", 310, {"Name": "CaseTimeline", "MasterLabel": "CaseTimeline", "ApiVersion": 62.0,
     "ControllerType": "1"}),
    ("ApexTrigger", 300, {"Name": "AccountBefore", "TableEnumOrId": "Account", "Status": "Active",
     "ApiVersion": 60.0, "IsValid": True, "LengthWithoutComments": 640}),
)  # fmt: skip
CLASSES = ("QuoteBuilder", "AccountRollup", "CaseRouter", "LeadDeduper", "RenewalBatch",
           "TaxCallout", "PriceBookSync", "InvoiceService")  # fmt: skip
# name, namespace, publisher, version, managed, beta, security reviewed, licences allowed
PACKAGES = (
    ("Signing Desk", "signdesk", "Signing Desk Ltd", (9, 4), True, False, True, 40),
    ("Deskhand Bridge", "deskhand", "Deskhand", (3, 12), True, False, True, -1),
    ("Chart Pack", "chartpk", "Open Chart Group", (1, 7), True, False, False, None),
    ("Roster Utilities", None, "Internal", (0, 3), False, True, False, None),
)


def security(org: Org, world: World) -> None:
    for name, days, values in ROWS:
        full = {
            k: v.replace("{domain}", world.domain) if isinstance(v, str) else v
            for k, v in values.items()
        }
        first = str(full.get("DeveloperName") or full.get("SiteName") or full.get("Name") or name)
        world.remember(name, first, add(org, name, world.founded_ms + days * DAY, **full))
    now = org.options.now_ms
    add(org, "SamlSsoConfig", world.founded_ms + 200 * DAY, Id=world.saml, Version="2.0",
        DeveloperName="Company_SSO", MasterLabel="Company SSO", Language="en_US",
        Issuer=f"https://idp.{world.domain}", Audience=f"https://{world.host}",
        LoginUrl=f"https://idp.{world.domain}/sso", IdentityLocation="SubjectNameId",
        IdentityMapping="FederationId", RequestSignatureMethod="RSA_SHA256",
        ValidationCert="CN=idp." + world.domain)  # fmt: skip
    for label, days, size, signed in (("SSO Signing", 24, 2048, False), ("API Client", 310, 4096,
                                      True), ("Old Outbound", -40, 1024, False)):  # fmt: skip
        add(org, "Certificate", now - 300 * DAY, DeveloperName=label.replace(" ", "_"),
            MasterLabel=label, ExpirationDate=(now + days * DAY) // DAY * DAY, KeySize=size,
            OptionsIsCaSigned=signed, OptionsIsPrivateKeyExportable=not signed,
            OptionsIsUnusable=days < 0, Language="en_US")  # fmt: skip
    rng = org.random("apex")
    for name in CLASSES:
        size = rng.randrange(900, 24_000)
        world.remember("ApexClass", name, add(
            org, "ApexClass", world.founded_ms + rng.randrange(100, 900) * DAY, Name=name,
            Status="Active", IsValid=True, ApiVersion=float(rng.choice((52, 58, 60, 62, 65))),
            LengthWithoutComments=size, BodyCrc=rng.randrange(10**9),
            Body=f"public with sharing class {name} {{\n}}"))  # fmt: skip
    for profile in ("Help Center Profile", "Service Agent"):
        add(org, "SetupEntityAccess", world.founded_ms + 400 * DAY, SetupEntityType="ApexClass",
            ParentId=world.find("PermissionSet", world.find("Profile", profile)),
            SetupEntityId=world.find("ApexClass", "CaseRouter"))  # fmt: skip
    for app in ("Data Loader", "Salesforce CLI", "Warehouse Sync"):
        add(org, "SetupEntityAccess", world.founded_ms + 500 * DAY,
            ParentId=world.find("PermissionSet", world.find("Profile", "System Administrator")),
            SetupEntityType="ConnectedApplication",
            SetupEntityId=world.find("ConnectedApplication", app))  # fmt: skip
    for profile, low, high in (("System Administrator", "203.0.113.0", "203.0.113.255"),
                               ("Legacy API Profile", "0.0.0.0", "255.255.255.255")):  # fmt: skip
        add(org, "ProfileLoginIpRange", now - 700 * DAY, StartAddress=low, EndAddress=high,
            ProfileId=world.find("Profile", profile), Description="Company network")  # fmt: skip
    if org.options.event_monitoring == "licensed":
        add(org, "TransactionSecurityPolicy", now - 300 * DAY, DeveloperName="Large_Report_Export",
            MasterLabel="Large report export", Type="CustomConditionBuilderPolicy",
            EventName="ReportEvent", State="Enabled", ActionConfig="Notification")  # fmt: skip


def packages(org: Org, world: World) -> None:
    for name, namespace, publisher, version, managed, beta, reviewed, allowed in PACKAGES:
        at = world.founded_ms + 800 * DAY
        package = add(org, "SubscriberPackage", at, Name=name, NamespacePrefix=namespace,
                      Description=f"{name} by {publisher}", IsPackageValid=True,
                      PackagingModel="2GP" if managed else "1GP")  # fmt: skip
        release = add(
            org, "SubscriberPackageVersion", at, SubscriberPackageId=package, Name=name,
            MajorVersion=version[0], MinorVersion=version[1], PatchVersion=0, BuildNumber=1,
            IsBeta=beta, IsManaged=managed, IsSecurityReviewed=reviewed, PublisherName=publisher,
            ReleaseState="Beta" if beta else "Released", AppExchangePackageName=name,
            AppExchangePublisherName=publisher,
        )  # fmt: skip
        add(org, "InstalledSubscriberPackage", at, SubscriberPackageId=package,
            SubscriberPackageVersionId=release, MinPackageVersionId=release)  # fmt: skip
        if allowed is not None and namespace:
            used = min(12, len(world.people))
            licence = add(org, "PackageLicense", at, NamespacePrefix=namespace, Status="Active",
                          AllowedLicenses=allowed, UsedLicenses=used if allowed > 0 else 0,
                          IsProvisioned=True)  # fmt: skip
            for person in world.people[:used] if allowed > 0 else ():
                add(org, "UserPackageLicense", at, PackageLicenseId=licence, UserId=person.id)


def sites(org: Org, world: World) -> None:
    at = world.founded_ms + 600 * DAY
    network = add(
        org, "Network", at, Name="Help Center", Status="Live", UrlPathPrefix="help",
        SelfRegProfileId=None, OptionsSelfRegistrationEnabled=False, FirstActivationDate=at,
        OptionsGuestChatterEnabled=False, OptionsGuestFileAccessEnabled=True,
        OptionsGuestMemberVisibility=True, OptionsSendWelcomeEmail=True,
        OptionsAllowInternalUserLogin=True, Description="Answers for customers",
    )  # fmt: skip
    add(org, "NetworkMemberGroup", at, NetworkId=network,
        ParentId=world.find("Profile", "Service Agent"))  # fmt: skip
    site = add(
        org, "Site", at, Name="Help_Center", MasterLabel="Help Center", Status="Active",
        AdminId=world.admin, GuestUserId=world.guest, SiteType="ChatterNetwork",
        UrlPathPrefix="help", ClickjackProtectionLevel="SameOriginOnly", OptionsRequireHttps=True,
        OptionsBrowserXssProtection=True, OptionsContentSniffingProtection=True,
        OptionsReferrerPolicyOriginWhenCrossOrigin=True, DailyRequestTimeLimit=600,
        GuestRecordDefaultOwnerId=world.admin,
    )  # fmt: skip
    add(org, "Site", at - 300 * DAY, Name="Old_Forms", MasterLabel="Old Forms", Status="Active",
        AdminId=world.admin, SiteType="Visualforce", ClickjackProtectionLevel="AllowAllFraming",
        OptionsRequireHttps=True, Subdomain=world.slug)  # fmt: skip
    add(org, "DomainSite", at, DomainId=world.find("Domain", "Domain"), SiteId=site,
        PathPrefix="/help")  # fmt: skip


def build(org: Org, world: World) -> None:
    organization(org, world)
    security(org, world)
    packages(org, world)
    sites(org, world)
    health.build(org, world)
