"""Things that happen to real orgs, each as a few rows from now on. The answer says what was added.

API calls reach the log files by the ordinary rules: hours later, or the next day.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from orgsim.org import Org
from orgsim.scenarios.story import ELSEWHERE, Story
from orgsim.world import access, audit, people
from orgsim.world.names import PLACES

MINUTE = 60_000


def look_alike_data_loader(org: Org, asked: dict[str, Any]) -> dict[str, Any]:
    """Somebody was talked into approving an app that only looks like a Salesforce tool; it reads
    customers in bulk from a rented server. `user` (username) and `app` may be given."""
    story = Story(org, "look_alike_data_loader")
    victim = story.person(asked.get("user"))
    app = str(asked.get("app") or "Data Loader Pro")
    story.token(victim.id, app, 3)
    story.sign_in(
        victim.id,
        5000,
        kind="Remote Access 2.0",
        sub="OAuth Web Server",
        application=app,
        browser="Python 3.12 requests",
        api="REST",
        version="62.0",
    )
    caller = story.machine(victim.id, victim.username, app, "python-requests/2.32")
    story.call(caller, MINUTE, "sobjects", "", 0)
    for number, entity in enumerate(("Account", "Contact", "Opportunity")):
        story.call(caller, (2 + number) * MINUTE, "query", entity, 2000)
        story.call(
            caller,
            (6 + number) * MINUTE,
            "jobs/query",
            entity,
            48_000 + number,
            method="POST",
            bulk=True,
        )
    return story.told(user=victim.username, app=app, ip=ELSEWHERE.office[0])


def stolen_vendor_token(org: Org, asked: dict[str, Any]) -> dict[str, Any]:
    """A vendor lost its refresh token: its known app comes from a new network, looks around, reads
    cases in bulk and deletes the job. `app` may name the vendor's app."""
    story = Story(org, "stolen_vendor_token")
    app = asked.get("app")
    vendors = [i for i in story.world.integrations if i.login_sub_type == "OAuth Refresh Token"]
    found = [i for i in vendors if app in (None, i.app)]
    if not found:
        raise ValueError(f"no integration of this org uses {app or 'a refresh token'}")
    vendor = found[-1]
    story.sign_in(
        vendor.id,
        4000,
        ip=ELSEWHERE.office[1],
        kind="Remote Access 2.0",
        sub="OAuth Refresh Token",
        application=vendor.app,
        browser="Multi-Org-Fetcher/1.0",
        api="REST",
        version="62.0",
    )
    tokens = org.store["OauthToken"]
    for at in range(len(tokens.rows)):
        if tokens.value(at, "UserId") == vendor.id and tokens.value(at, "AppName") == vendor.app:
            uses = (tokens.value(at, "UseCount") or 0) + 1
            tokens.update(at, {"LastUsedDate": story.now // 1000 * 1000, "UseCount": uses})
    thief = story.machine(vendor.id, vendor.username, vendor.app, "Multi-Org-Fetcher/1.0")
    for number, (resource, entity) in enumerate(
        (
            ("sobjects", ""),
            ("sobjects/Case/describe", "Case"),
            ("query", "Account"),
            ("query", "Contact"),
            ("query", "User"),
            ("query", "Case"),
            ("query", "Organization"),
            ("limits", ""),
        )
    ):
        story.call(thief, number * 20_000, resource, entity, 1)
    story.call(thief, 6 * MINUTE, "jobs/query", "Case", 31_000, method="POST", bulk=True)
    story.call(thief, 9 * MINUTE, "jobs/query/results", "Case", 0, bulk=True)
    story.call(thief, 10 * MINUTE, "jobs/query", "Case", 0, method="DELETE", bulk=True)
    return story.told(user=vendor.username, app=vendor.app, ip=ELSEWHERE.office[1])


def brute_force(org: Org, asked: dict[str, Any]) -> dict[str, Any]:
    """Many wrong passwords for one person in a few seconds, then the lock. `user`, `attempts`."""
    story = Story(org, "brute_force")
    victim = story.person(asked.get("user"))
    attempts = int(asked.get("attempts") or 40)
    for number in range(attempts, 0, -1):
        story.sign_in(
            victim.id,
            number * 500,
            kind="Application",
            sub="UI Username-Password",
            status="Invalid Password" if number > 1 else "User Locked Out",
            browser="Chrome 120",
            platform="Linux",
        )
    users = org.store["User"]
    found = users.find(victim.id)
    assert found is not None
    users.update(found, {"NumberOfFailedLogins": attempts})
    return story.told(user=victim.username, ip=ELSEWHERE.office[0], attempts=attempts)


def new_admin(org: Org, asked: dict[str, Any]) -> dict[str, Any]:
    """An administrator nobody asked for is made, out of the blue. `name` may be given."""
    story = Story(org, "new_admin")
    world = story.world
    last = str(asked.get("name") or "Svcbackup")
    username = f"{last.lower().replace(' ', '.')}.{story.now % 100_000}@{world.domain}"
    id18 = people.user(
        org,
        world,
        id18=org.new_id("005"),
        username=username,
        first=None,
        last=last,
        email=f"{last.lower().replace(' ', '.')}@example.org",
        profile="System Administrator",
        at=story.now,
        place=PLACES[0],
    )
    for table in (org.store["User"], org.store["UserLogin"]):
        table.visible_from[-1] = story.now
    owned = world.find("PermissionSet", world.find("Profile", "System Administrator"))
    given = access.assign(org, id18, owned, story.now)
    org.store["PermissionSetAssignment"].visible_from[-1] = story.now
    story.added = {"User": [id18], "PermissionSetAssignment": [given]}
    display = f"Permission set Data_Migration: assigned to user {last} (UserID: [{id18[:15]}])"
    for action, words in (("createduser", f"Created new user {last}"), ("PermSetAssign", display)):
        row = audit.change(org, story.now, action, words, "Manage Users", by=world.admin, live=True)
        story.added.setdefault("SetupAuditTrail", []).append(row)
    migration = access.assign(org, id18, world.find("PermissionSet", "Data Migration"), story.now)
    story.added["PermissionSetAssignment"].append(migration)
    return story.told(user=username)


SCENARIOS: dict[str, Callable[[Org, dict[str, Any]], dict[str, Any]]] = {
    "brute_force": brute_force,
    "look_alike_data_loader": look_alike_data_loader,
    "new_admin": new_admin,
    "stolen_vendor_token": stolen_vendor_token,
}
