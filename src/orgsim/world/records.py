"""The business records of an org: a few hundred, enough for clients that read and write them."""

from __future__ import annotations

from orgsim.org import Org
from orgsim.world import names
from orgsim.world.cast import World
from orgsim.world.rows import DAY, add

STAGES = (
    ("Prospecting", 10),
    ("Qualification", 20),
    ("Proposal/Price Quote", 60),
    ("Closed Won", 100),
    ("Closed Lost", 0),
)
SUBJECTS = (
    "Delivery is late",
    "Invoice shows the wrong address",
    "Cannot sign in to the portal",
    "Part missing from the order",
    "Question about the warranty",
)
REPORTS = (
    "Open Pipeline",
    "Cases by Age",
    "Contacts by Account",
    "Lead Sources",
    "Renewals",
    "Overdue Invoices",
    "My Team's Activities",
    "All Contacts with Phone",
)


def date_of(at: int) -> str:
    """The UTC date of a time, as `YYYY-MM-DD`."""
    days = at // DAY + 719_468  # civil-from-days of Howard Hinnant, without a time zone in sight
    era, doe = divmod(days, 146_097)
    yoe = (doe - doe // 1460 + doe // 36_524 - doe // 146_096) // 365
    doy = doe - (365 * yoe + yoe // 4 - yoe // 100)
    month = (5 * doy + 2) // 153
    day = doy - (153 * month + 2) // 5 + 1
    month = month + 3 if month < 10 else month - 9
    return f"{yoe + era * 400 + (month <= 2):04d}-{month:02d}-{day:02d}"


def build(org: Org, world: World) -> None:
    rng = org.random("records")
    now = org.options.now_ms
    owners = [p.id for p in world.people if p.department in ("Sales", "Customer Service")]
    owners = owners or [world.admin]
    span = now - world.founded_ms
    accounts = min(120, 20 + org.options.users // 2)
    for number in range(accounts):
        name = f"{names.ACCOUNTS[number % 25]} {names.KINDS[(number * 3 + number // 25) % 8]}"
        place = rng.choice(names.PLACES)
        at = world.founded_ms + rng.randrange(span)
        owner = rng.choice(owners)
        account = add(
            org,
            "Account",
            at,
            by=owner,
            Name=name,
            OwnerId=owner,
            Type="Customer",
            Industry=rng.choice(("Manufacturing", "Healthcare", "Retail", "Energy")),
            NumberOfEmployees=rng.randrange(5, 5000),
            AnnualRevenue=rng.randrange(1, 900) * 1e5,
            Phone=f"+1 312 555 {rng.randrange(10_000):04d}",
            BillingCity=place.city,
            BillingCountry=place.country,
            BillingState=place.subdivision,
            BillingPostalCode=place.postal,
            AccountNumber=f"A-{number + 1000:06d}",
            Website=f"https://{name.split()[0].lower()}.example.net",
        )
        for _ in range(rng.randrange(1, 4)):
            first, last = rng.choice(names.FIRST), rng.choice(names.LAST)
            contact = add(
                org,
                "Contact",
                at + DAY,
                by=owner,
                AccountId=account,
                FirstName=first,
                LastName=last,
                Name=f"{first} {last}",
                OwnerId=owner,
                MailingCity=place.city,
                Email=f"{first}.{last}@{name.split()[0]}.example.net".lower(),
                Phone=f"+1 312 555 {rng.randrange(10_000):04d}",
                MailingCountry=place.country,
                Title=rng.choice(("Buyer", "Director", "Engineer")),
            )
            if rng.random() < 0.7:
                opened = now - rng.randrange(400) * DAY
                closed = rng.random() < 0.6
                case_number = len(org.store["Case"].rows) + 1001
                add(
                    org,
                    "Case",
                    opened,
                    by=owner,
                    CaseNumber=f"{case_number:08d}",
                    AccountId=account,
                    ContactId=contact,
                    OwnerId=owner,
                    Priority="Medium",
                    Subject=rng.choice(SUBJECTS),
                    Status="Closed" if closed else "Working",
                    Origin=rng.choice(("Web", "Phone", "Email")),
                    IsClosed=closed,
                    ClosedDate=min(now, opened + 3 * DAY) // 1000 * 1000 if closed else None,
                    Description="The customer asked us to look into it.",
                )
        for _ in range(rng.randrange(0, 3)):
            stage, probability = rng.choice(STAGES)
            close = now + rng.randrange(-200, 120) * DAY
            add(
                org,
                "Opportunity",
                now - rng.randrange(30, 400) * DAY,
                by=owner,
                OwnerId=owner,
                AccountId=account,
                Name=f"{name} - {rng.choice(('New', 'Renewal', 'Add-on'))}",
                StageName=stage,
                Probability=float(probability),
                CloseDate=date_of(close),
                Amount=float(rng.randrange(5, 400) * 1000),
                IsClosed=stage.startswith("Closed"),
                IsWon=stage == "Closed Won",
                ForecastCategory="Pipeline",
                Type="New Customer",
            )
        if number % 2:
            first, last = rng.choice(names.FIRST), rng.choice(names.LAST)
            add(
                org,
                "Lead",
                now - rng.randrange(200) * DAY,
                by=owner,
                FirstName=first,
                LastName=last,
                Name=f"{first} {last}",
                Company=f"{last} {rng.choice(names.KINDS)}",
                Status="Open - Not Contacted",
                OwnerId=owner,
                LeadSource="Web",
                Email=f"{first}.{last}@example.org".lower(),
                Country=place.country,
            )
    for number, name in enumerate(REPORTS):
        world.remember(
            "Report",
            name,
            add(
                org,
                "Report",
                world.founded_ms + (100 + number * 30) * DAY,
                Name=name,
                OwnerId=rng.choice(owners),
                FolderName="Public Reports",
                Format="Tabular",
                DeveloperName=name.replace(" ", "_").replace("'", ""),
                LastRunDate=now - rng.randrange(20) * DAY,
            ),
        )
    add(
        org,
        "Dashboard",
        world.founded_ms + 200 * DAY,
        Title="Company Overview",
        Type="SpecifiedUser",
        FolderId=org.new_id("00l"),
        FolderName="Executive",
        DeveloperName="Company_Overview",
        RunningUserId=world.admin,
    )
    shares = {
        "Account": ("ReadWrite", "Private"),
        "Contact": ("ControlledByParent", "Private"),
        "Lead": ("ReadWriteTransfer", "Private"),
        "Opportunity": ("Private", "Private"),
        "Case": ("ReadWriteTransfer", "Private"),
        "User": ("Read", "Private"),
    }
    definitions = org.store["EntityDefinition"]
    for name, (internal, external) in shares.items():
        definitions.add(
            definitions.make(
                {
                    "Id": "000000000000000AAA",
                    "DurableId": name,
                    "QualifiedApiName": name,
                    "DeveloperName": name,
                    "Label": name,
                    "MasterLabel": name,
                    "PluralLabel": name + "s",
                    "IsQueryable": True,
                    "KeyPrefix": org.store.types[name].prefix,
                    "IsCustomizable": True,
                    "InternalSharingModel": internal,
                    "ExternalSharingModel": external,
                }
            )
        )
