"""The people of an org: users with roles, licences, groups and the habits they sign in by."""

from __future__ import annotations

import random

from orgsim.org import Org
from orgsim.world import names
from orgsim.world.cast import Person, Place, World
from orgsim.world.rows import DAY, add

ROLES = (
    ("Chief Executive", None),
    ("VP Sales", "Chief Executive"),
    ("VP Service", "Chief Executive"),
    ("VP Marketing", "Chief Executive"),
    ("Chief Financial Officer", "Chief Executive"),
    ("Chief Operating Officer", "Chief Executive"),
    ("Head of IT", "Chief Operating Officer"),
    ("Sales Rep", "VP Sales"),
    ("Service Agent", "VP Service"),
    ("Marketing Specialist", "VP Marketing"),
    ("Finance Specialist", "Chief Financial Officer"),
    ("Operations Specialist", "Chief Operating Officer"),
    ("IT Specialist", "Head of IT"),
)
ROLE_OF = {
    "Sales": "Sales Rep",
    "Customer Service": "Service Agent",
    "Marketing": "Marketing Specialist",
    "Finance": "Finance Specialist",
    "Operations": "Operations Specialist",
    "IT": "IT Specialist",
}
LICENSES = (  # name, definition key, share of --users bought
    ("Salesforce", "SFDC", 1.2),
    ("Salesforce Platform", "AUL", 0.1),
    ("Salesforce Integration", "PID_Salesforce_Integration", 0.0),
    ("Guest User License", "PID_Guest_User", 0.0),
    ("Chatter Free", "PID_CHATTER", 0.0),
    ("Identity", "PID_Identity", 0.0),
    ("Analytics Cloud Integration User", "PID_Insights_Integration", 0.0),
)
LOCALES = {"ja": "ja_JP", "sv": "sv_SE", "da": "da_DK", "ko": "ko_KR", "cs": "cs_CZ"}


def roles_and_licenses(org: Org, world: World) -> None:
    for name, parent in ROLES:
        world.remember(
            "UserRole",
            name,
            add(
                org,
                "UserRole",
                world.founded_ms,
                Name=name,
                DeveloperName=name.replace(" ", "_"),
                ParentRoleId=world.find("UserRole", parent) if parent else None,
                RollupDescription=name,
                OpportunityAccessForAccountOwner="Edit",
                CaseAccessForAccountOwner="Edit",
                ContactAccessForAccountOwner="Edit",
            ),
        )
    for name, key, share in LICENSES:
        total = max(5, int(org.options.users * share)) if share else 10
        world.remember(
            "UserLicense",
            name,
            add(
                org,
                "UserLicense",
                world.founded_ms,
                Name=name,
                MasterLabel=name,
                LicenseDefinitionKey=key,
                Status="Active",
                TotalLicenses=total,
                UsedLicenses=0,
            ),
        )


def user(
    org: Org,
    world: World,
    *,
    id18: str,
    username: str,
    first: str | None,
    last: str,
    email: str,
    profile: str,
    at: int,
    place: Place,
    active: bool = True,
    role: str | None = None,
    kind: str = "Standard",
    manager: str | None = None,
    title: str | None = None,
    department: str | None = None,
    federation: str | None = None,
    changed_password: int | None = None,
) -> str:
    """One row of User, with the rows every user has beside it (UserLogin)."""
    language = org.options.language
    name = f"{first} {last}" if first else last
    add(
        org,
        "User",
        at,
        Id=id18,
        Username=username,
        FirstName=first,
        LastName=last,
        Name=name,
        Alias=((first or "")[:1] + last[:4]).lower()[:8],
        CommunityNickname=username.partition("@")[0],
        Email=email,
        IsActive=active,
        ProfileId=world.find("Profile", profile),
        UserRoleId=world.find("UserRole", role) if role else None,
        UserType=kind,
        ManagerId=manager,
        Title=title,
        Department=department,
        CompanyName=world.company,
        FederationIdentifier=federation,
        City=place.city,
        State=place.subdivision,
        Country=place.country,
        PostalCode=place.postal,
        TimeZoneSidKey=place.zone,
        LocaleSidKey=language
        if "_" in language
        else LOCALES.get(language, f"{language}_{language.upper()}"),
        LanguageLocaleKey=language,
        EmailEncodingKey="UTF-8",
        DefaultGroupNotificationFrequency="N",
        DigestFrequency="D",
        LastPasswordChangeDate=changed_password or at,
        UserPreferencesLightningExperiencePreferred=kind == "Standard",
        EmailPreferencesAutoBcc=True,
        ReceivesInfoEmails=False,
        NumberOfFailedLogins=0,
    )
    if kind == "Standard":
        add(org, "UserLogin", at, UserId=id18, IsFrozen=False, IsPasswordLocked=False)
    return id18


def cast_people(org: Org, world: World, count: int, sign_ins: float) -> list[str]:
    """`count` active people who together sign in `sign_ins` times on an average day, and a few
    who have left. The first is the chief administrator. Returns the ids of those who left."""
    rng = org.random("people")
    leavers = round(count * 0.05)
    ids = org.new_ids("005", count + leavers)
    world.admin = ids[0]
    weights = [rng.lognormvariate(0, 0.45) for _ in range(count)]
    scale = sign_ins / sum(weights)
    departments = names.DEPARTMENTS
    shares = [d[1] for d in departments]
    taken: set[str] = set()
    gone: list[str] = []
    for number, id18 in enumerate(ids):
        first, last = rng.choice(names.FIRST), rng.choice(names.LAST)
        login = f"{first}.{last}".lower()
        while login in taken:
            login += str(rng.randrange(2, 99))
        taken.add(login)
        admin = number < max(1, min(6, count // 40))
        department = departments[-1] if admin else rng.choices(departments, shares)[0]
        place = names.PLACES[0] if not number else rng.choices(names.PLACES, names.PLACE_WEIGHTS)[0]
        profile = "System Administrator" if admin else department[3]
        if not admin and rng.random() < 0.03:
            profile = "Read Only"
        title = "Salesforce Administrator" if admin else rng.choice(department[2])
        tenure = org.options.now_ms - world.founded_ms
        joined = world.founded_ms + int(rng.random() ** 0.7 * (tenure - 200 * DAY))
        if rng.random() < 0.08 and not admin:
            joined = org.options.now_ms - rng.randrange(2 * DAY, 180 * DAY)
        if not number:
            joined = world.founded_ms
        domain = world.domain
        active = number < count
        sso = not admin and rng.random() < 0.9
        user(
            org,
            world,
            id18=id18,
            username=f"{login}@{domain}",
            first=first,
            last=last,
            email=f"{login}@{domain}",
            profile=profile,
            at=joined,
            place=place,
            active=active,
            role="Head of IT" if not number else ROLE_OF[department[0]],
            manager=ids[0] if number else None,
            title=title,
            department=department[0],
            federation=f"{login}@{domain}" if sso else None,
            changed_password=max(joined, org.options.now_ms - rng.randrange(5, 85) * DAY),
        )
        if active:
            world.people.append(
                habits(
                    org,
                    world,
                    rng,
                    id18,
                    f"{first} {last}",
                    login,
                    profile,
                    department[0],
                    title,
                    place,
                    sso,
                    weights[number] * scale,
                    joined,
                )
            )
        else:
            gone.append(id18)
    return gone


def habits(
    org: Org,
    world: World,
    rng: random.Random,
    id18: str,
    name: str,
    login: str,
    profile: str,
    department: str,
    title: str,
    place: Place,
    sso: bool,
    rate: float,
    since: int,
) -> Person:
    """When, where and with what someone signs in."""
    browser, platform = rng.choices(names.DESKTOPS, names.DESKTOP_WEIGHTS)[0]
    mobile = rng.choice(names.MOBILES) if rng.random() < 0.45 else None
    at = names.PLACES.index(place)
    number = len(world.people)
    person = Person(
        id=id18,
        username=f"{login}@{world.domain}",
        name=name,
        email=f"{login}@{world.domain}",
        profile=profile,
        department=department,
        title=title,
        place=place,
        home_ip=f"{place.home}.{at * 40 + number // 250 % 40}.{number % 250 + 1}",
        mobile_ip=f"{place.home}.{at * 40 + 39 - number // 250 % 20}.{number % 250 + 2}",
        browser=browser,
        platform=platform,
        mobile=mobile,
        starts_at=rng.choice((7.2, 7.7, 8.0, 8.3, 8.6, 9.0, 9.4)),
        rate=rate,
        sso=sso,
        since=since,
    )
    if rng.random() < 0.06:
        weeks = max(1, org.options.days // 7)
        now_week = (org.options.now_ms // DAY + 3) // 7
        others = [p for p in names.PLACES if p is not place]
        person.trip_week = now_week - rng.randrange(weeks)
        person.trip_to = rng.choice(others)
    return person


def groups(org: Org, world: World) -> None:
    """Public groups, queues and the groups every role has."""
    rng = org.random("groups")
    members = [p.id for p in world.people]
    for name, share in (
        ("All Internal Users", 0.5),
        ("Deal Desk", 0.04),
        ("Price Approvers", 0.03),
        ("Knowledge Reviewers", 0.05),
        ("Executive Dashboards", 0.04),
    ):
        id18 = add(
            org,
            "Group",
            world.founded_ms + DAY,
            Name=name,
            Type="Regular",
            DeveloperName=name.replace(" ", "_"),
            OwnerId=world.admin,
            DoesIncludeBosses=True,
        )
        world.remember("Group", name, id18)
        for member in sorted(
            rng.sample(members, min(len(members), 400, max(1, int(len(members) * share))))
        ):
            add(org, "GroupMember", world.founded_ms + 2 * DAY, GroupId=id18, UserOrGroupId=member)
    for name, object in (("Tier 1 Cases", "Case"), ("Web Leads", "Lead")):
        id18 = add(
            org,
            "Group",
            world.founded_ms + DAY,
            Name=name,
            Type="Queue",
            DeveloperName=name.replace(" ", "_"),
            OwnerId=world.admin,
        )
        add(org, "QueueSobject", world.founded_ms + DAY, QueueId=id18, SobjectType=object)
    for role, _ in ROLES:
        add(
            org,
            "Group",
            world.founded_ms,
            Type="Role",
            OwnerId=world.admin,
            Name=role,
            RelatedId=world.find("UserRole", role),
            DeveloperName=role.replace(" ", "_"),
        )


def last_logins(org: Org, world: World, gone: list[str]) -> None:
    """User.LastLoginDate from LoginHistory; those who left were last seen before they did."""
    history, users = org.store["LoginHistory"], org.store["User"]
    at_user, at_time, at_status = (
        history.type.position[n] for n in ("UserId", "LoginTime", "Status")
    )
    last: dict[str, int] = {}
    for row in history.rows:
        if row[at_status] == "Success":
            last[row[at_user]] = row[at_time]
    rng = org.random("last-logins")
    for id18 in gone:
        last[id18] = org.options.now_ms - rng.randrange(61, 400) * DAY
    for id18, at in sorted(last.items()):
        found = users.find(id18)
        if found is not None:
            users.update(found, {"LastLoginDate": at - at % 1000})
