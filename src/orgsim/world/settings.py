"""The org's own row and what stands beside it: users of the platform, packages, sites."""

from __future__ import annotations

from orgsim.org import Org
from orgsim.world import health, people, trust
from orgsim.world.cast import World
from orgsim.world.names import PLACES
from orgsim.world.rows import DAY, add


def platform_users(org: Org, world: World) -> None:
    """The users every org has that no person uses, and the guest of its site."""
    for id18, username, last, profile, kind in (
        (
            world.automated,
            f"autoproc@{org.id[:15].lower()}",
            "Automated Process",
            "Analytics Cloud Integration User",
            "AutomatedProcess",
        ),
        (
            org.new_id("005"),
            f"insightsintegration@{org.id[:15].lower()}.example.com",
            "Integration User",
            "Analytics Cloud Integration User",
            "Standard",
        ),
        (
            org.new_id("005"),
            f"help_center@{world.slug}.example.com",
            "Help Center Site Guest User",
            "Help Center Profile",
            "Guest",
        ),
    ):
        people.user(
            org,
            world,
            id18=id18,
            username=username,
            first=None,
            last=last,
            email=f"it@{world.domain}",
            profile=profile,
            at=world.founded_ms,
            place=PLACES[0],
            kind=kind,
        )
        if kind == "Guest":
            world.guest = id18


def organization(org: Org, world: World) -> None:
    place = PLACES[0]
    add(
        org,
        "Organization",
        world.founded_ms,
        Id=org.id,
        Name=org.name,
        OrganizationType=org.options.edition,
        IsSandbox=False,
        InstanceName="USA604",
        LanguageLocaleKey=org.options.language,
        DefaultLocaleSidKey=org.options.language,
        TimeZoneSidKey=place.zone,
        City=place.city,
        State=place.subdivision,
        Country=place.country,
        PostalCode=place.postal,
        Street="100 Example Plaza",
        Phone="+1 312 555 0100",
        PrimaryContact=world.people[0].name,
        FiscalYearStartMonth=1,
        UiSkin="Theme3",
        DefaultAccountAccess="Edit",
        DefaultContactAccess="ControlledByParent",
        DefaultOpportunityAccess="None",
        DefaultLeadAccess="ReadEditTransfer",
        DefaultCaseAccess="ReadEditTransfer",
        DefaultCalendarAccess="HideDetailsInsert",
        DefaultPricebookAccess="ReadSelect",
        DefaultCampaignAccess="All",
        ReceivesInfoEmails=True,
        ReceivesAdminInfoEmails=True,
        SignupCountryIsoCode=place.iso,
        MonthlyPageViewsUsed=1840,
        MonthlyPageViewsEntitlement=500_000,
        PreferencesTransactionSecurityPolicy=org.options.event_monitoring == "licensed",
        PreferencesS1BrowserEnabled=True,
        PreferencesLightningLoginEnabled=True,
        TrialExpirationDate=None,
    )


# name, namespace, publisher, version, managed, beta, security reviewed, licences allowed
PACKAGES = (
    ("Signing Desk", "signdesk", "Signing Desk Ltd", (9, 4), True, False, True, 40),
    ("Deskhand Bridge", "deskhand", "Deskhand", (3, 12), True, False, True, -1),
    ("Chart Pack", "chartpk", "Open Chart Group", (1, 7), True, False, False, None),
    ("Roster Utilities", None, "Internal", (0, 3), False, True, False, None),
)


def packages(org: Org, world: World) -> None:
    for name, namespace, publisher, version, managed, beta, reviewed, allowed in PACKAGES:
        at = world.founded_ms + 800 * DAY
        package = add(
            org,
            "SubscriberPackage",
            at,
            Name=name,
            NamespacePrefix=namespace,
            Description=f"{name} by {publisher}",
            IsPackageValid=True,
            PackagingModel="2GP" if managed else "1GP",
        )
        release = add(
            org,
            "SubscriberPackageVersion",
            at,
            SubscriberPackageId=package,
            Name=name,
            MajorVersion=version[0],
            MinorVersion=version[1],
            PatchVersion=0,
            BuildNumber=1,
            IsBeta=beta,
            IsManaged=managed,
            IsSecurityReviewed=reviewed,
            PublisherName=publisher,
            ReleaseState="Beta" if beta else "Released",
            AppExchangePackageName=name,
            AppExchangePublisherName=publisher,
        )
        add(
            org,
            "InstalledSubscriberPackage",
            at,
            SubscriberPackageId=package,
            SubscriberPackageVersionId=release,
            MinPackageVersionId=release,
        )
        if allowed is not None and namespace:
            used = min(12, len(world.people))
            licence = add(
                org,
                "PackageLicense",
                at,
                NamespacePrefix=namespace,
                Status="Active",
                AllowedLicenses=allowed,
                UsedLicenses=used if allowed > 0 else 0,
                IsProvisioned=True,
            )
            for person in world.people[:used] if allowed > 0 else ():
                add(org, "UserPackageLicense", at, PackageLicenseId=licence, UserId=person.id)


def sites(org: Org, world: World) -> None:
    at = world.founded_ms + 600 * DAY
    network = add(
        org,
        "Network",
        at,
        Name="Help Center",
        Status="Live",
        UrlPathPrefix="help",
        SelfRegProfileId=None,
        OptionsSelfRegistrationEnabled=False,
        FirstActivationDate=at,
        OptionsGuestChatterEnabled=False,
        OptionsGuestFileAccessEnabled=True,
        OptionsGuestMemberVisibility=True,
        OptionsSendWelcomeEmail=True,
        OptionsAllowInternalUserLogin=True,
        Description="Answers for customers",
    )
    add(
        org,
        "NetworkMemberGroup",
        at,
        NetworkId=network,
        ParentId=world.find("Profile", "Service Agent"),
    )
    site = add(
        org,
        "Site",
        at,
        Name="Help_Center",
        MasterLabel="Help Center",
        Status="Active",
        AdminId=world.admin,
        GuestUserId=world.guest,
        SiteType="ChatterNetwork",
        UrlPathPrefix="help",
        ClickjackProtectionLevel="SameOriginOnly",
        OptionsRequireHttps=True,
        OptionsBrowserXssProtection=True,
        OptionsContentSniffingProtection=True,
        OptionsReferrerPolicyOriginWhenCrossOrigin=True,
        DailyRequestTimeLimit=600,
        GuestRecordDefaultOwnerId=world.admin,
    )
    add(
        org,
        "Site",
        at - 300 * DAY,
        Name="Old_Forms",
        MasterLabel="Old Forms",
        Status="Active",
        AdminId=world.admin,
        SiteType="Visualforce",
        ClickjackProtectionLevel="AllowAllFraming",
        OptionsRequireHttps=True,
        Subdomain=world.slug,
    )
    add(
        org,
        "DomainSite",
        at,
        DomainId=world.find("Domain", "Domain"),
        SiteId=site,
        PathPrefix="/help",
    )


def build(org: Org, world: World) -> None:
    organization(org, world)
    trust.build(org, world)
    packages(org, world)
    sites(org, world)
    health.build(org, world)
