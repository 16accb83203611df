"""Who is signed in just now, what second factors people have, and how they proved themselves."""

from __future__ import annotations

from orgsim.org import Org
from orgsim.world.cast import World
from orgsim.world.rows import HOUR, add

SESSION_SECONDS = 8 * 3600


def build(org: Org, world: World) -> None:
    methods(org, world)
    of_today(org, world)


def async_jobs(org: Org, world: World) -> None:
    """AsyncApexJob: the nightly batches of a week."""
    midnight = org.options.now_ms // (24 * HOUR) * 24 * HOUR
    classes = list(world.ids.get("ApexClass", {}).items())
    for nights in range(7):
        for n, (name, id18) in enumerate(classes[:3]):
            at = midnight - nights * 24 * HOUR + 2 * HOUR + n * HOUR // 4
            if at > org.options.now_ms - HOUR:
                continue
            add(
                org,
                "AsyncApexJob",
                at,
                JobType="BatchApex",
                ApexClassId=id18,
                Status="Completed",
                JobItemsProcessed=4,
                TotalJobItems=4,
                NumberOfErrors=0,
                CompletedDate=at + 90_000,
                MethodName=name,
            )


def methods(org: Org, world: World) -> None:
    """One row of TwoFactorMethodsInfo for everyone who has a factor; some have none."""
    rng = org.random("factors")
    table = org.store["TwoFactorMethodsInfo"]
    for person in world.people:
        admin = person.profile == "System Administrator"
        if not admin and rng.random() < 0.06:
            continue
        app, totp, key = rng.random() < 0.5, rng.random() < 0.4, rng.random() < 0.15
        if person is world.people[0]:
            key = True
        values = {
            "UserId": person.id,
            "HasSalesforceAuthenticator": app,
            "HasTotp": totp or not (app or key),
            "HasSecurityKey": key,
            "HasBuiltInAuthenticator": rng.random() < 0.1,
            "HasUserVerifiedEmailAddress": True,
            "HasUserVerifiedMobileNumber": rng.random() < 0.3,
        }
        table.add(table.make(values))
        if values["HasTotp"]:
            add(org, "TwoFactorInfo", world.founded_ms + HOUR, UserId=person.id, Type="TOTP")


def of_today(org: Org, world: World) -> None:
    """AuthSession and VerificationHistory from the last sign-ins."""
    rng = org.random("sessions")
    history = org.store["LoginHistory"]
    place = history.type.position
    now = org.options.now_ms
    people = {p.id: p for p in world.people}
    for row in history.rows[-min(len(history.rows), 4000) :]:
        at, user = row[place["LoginTime"]], row[place["UserId"]]
        if row[place["Status"]] != "Success" or at < now - 60 * 24 * HOUR:
            continue
        person = people.get(user)
        password = row[place["LoginType"]] == "Application"
        if person and password and rng.random() < 0.5:
            add(
                org,
                "VerificationHistory",
                at + 4000,
                by=user,
                UserId=user,
                EventGroup=1,
                VerificationTime=at + 4000,
                LoginHistoryId=row[0],
                Activity="Login",
                LoginGeoId=row[place["LoginGeoId"]],
                SourceIp=row[place["SourceIp"]],
                Policy="TwoFactorAuthentication",
                Status="Succeeded",
                VerificationMethod=rng.choice(("SalesforceAuthenticator", "Totp", "U2F")),
            )
        if at > now - SESSION_SECONDS * 1000:
            oauth = row[place["LoginType"]] == "Remote Access 2.0"
            add(
                org,
                "AuthSession",
                at,
                UsersId=user,
                LoginHistoryId=row[0],
                LoginGeoId=row[place["LoginGeoId"]],
                LoginType=row[place["LoginType"]],
                NumSecondsValid=SESSION_SECONDS,
                SessionType="Oauth2" if oauth else "UI",
                SessionSecurityLevel="STANDARD" if person and person.sso else "HIGH_ASSURANCE",
                SourceIp=row[place["SourceIp"]],
                UserType="Standard",
                IsCurrent=False,
            )
    for person in world.people[: max(1, len(world.people) // 20)]:
        add(
            org,
            "LoginIp",
            now - 90 * 24 * HOUR,
            UsersId=person.id,
            SourceIp=person.home_ip,
            IsAuthenticated=True,
            ChallengeMethod="Email",
        )
