"""The set-up audit trail of a benign org: a few changes a day, bursts on release days.

Display is in the org's language where Salesforce would translate it. Some rows have no user or no
section, and a release leaves many rows in one second, as in real orgs.
"""

from __future__ import annotations

import random
from typing import Any

from orgsim.org import Org
from orgsim.world.cast import Person, World
from orgsim.world.rows import DAY, HOUR

USERS = "Manage Users"
# action, section, display, how often; {u} a user's name, {i} their id, {p} a permission set, …
CHANGES: tuple[tuple[str, str | None, str, int], ...] = (
    ("PermSetAssign", USERS, "Permission set {p}: assigned to user {u} (UserID: [{i}])", 16),
    ("PermSetUnassign", USERS, "Permission set {p}: unassigned from user {u} (UserID: [{i}])", 7),
    ("resetpassword", USERS, "Reset password for user {m}", 12),
    ("unlockeduser", USERS, "Unlocked user {u}", 3),
    ("changedemail", USERS, "Changed email for user {u} from {m} to {m}", 2),
    ("changedroleforuser", USERS, "For user {u}, changed role from Sales Rep to VP Sales", 2),
    ("groupMembership", "Groups", "Changed membership of Group Deal Desk", 5),
    ("queueMembership", "Data Management", "Changed membership of Queue Tier 1 Cases", 3),
    ("createdCF", "Customize Accounts", "Created custom field: {f} (Text)", 4),
    ("changedCFFormula", "Customize Opportunities", "Changed formula of custom field {f}", 3),
    ("changedPicklistSingle", "Customize Cases", "Changed picklist value in field Reason", 3),
    ("newValidation", "Validation Rules", 'Created new validation rule "{f}"', 2),
    ("changedApexClass", "Apex Class", "Changed {c} Apex Class code", 8),
    ("activatedinteractiondefversion", "Flows", "Activated flow version #{n} Case Routing", 4),
    (
        "changedprofileforuser",
        USERS,
        "Changed profile for user {u} from Sales User to Service Agent",
        1,
    ),
    (
        "profileFlsChangedCustom",
        USERS,
        "Changed profile Sales User: field-level security for {f}",
        3,
    ),
    ("insertTwoFactorInfo2", USERS, "Time-based token added for user {u}", 3),
    ("frozeuser", USERS, "Froze user account for {u}", 1),
    ("unfrozeuser", USERS, "Unfroze user account for {u}", 1),
    ("suOrgAdminLogin", None, "Logged in using Login-As access for {u}", 1),
    ("suOrgAdminLogout", None, "Logged out using Login-As access for {u}", 1),
    ("export", "Data Export", "Requested an export", 1),
    (
        "PermissionSetGroupCalculationComplete",
        "Permission Set Group",
        "Permission set group Sales Operations: recalculated",
        2,
    ),
)
# What happens without anyone's hand: Salesforce's staff, releases, packages that upgrade.
NOBODY = (
    ("BlackTabFrameworkActionRun", None, "Salesforce support action was run"),
    ("PermissionSelfHealing", None, "Permission dependencies were repaired"),
    ("userLicenseEntityPermRevoked", None, "Object permissions were revoked with a licence"),
    ("upgradedpackagingapp", "Custom Apps", "Upgraded package Chart Pack from 1.6 to 1.7"),
)
LOCALIZED = {  # action -> Display for the languages Salesforce would show it in
    "de": {
        "PermSetAssign": "Berechtigungssatz {p}: Benutzer {u} zugewiesen (Benutzer-ID: [{i}])",
        "PermSetUnassign": "Berechtigungssatz {p}: Zuweisung für Benutzer {u} aufgehoben",
        "resetpassword": "Kennwort für Benutzer {m} zurückgesetzt",
        "createduser": "Neuer Benutzer {u} erstellt",
        "groupMembership": "Mitgliedschaft der Gruppe Deal Desk geändert",
        "changedApexClass": "Code der Apex-Klasse {c} geändert",
    },
    "fr": {
        "PermSetAssign": "Ensemble d'autorisations {p} : attribué à l'utilisateur {u} ([{i}])",
        "resetpassword": "Mot de passe réinitialisé pour l'utilisateur {m}",
        "createduser": "Nouvel utilisateur {u} créé",
        "groupMembership": "Appartenance au groupe Deal Desk modifiée",
    },
    "es": {
        "PermSetAssign": "Conjunto de permisos {p}: asignado al usuario {u} ([{i}])",
        "resetpassword": "Se restableció la contraseña del usuario {m}",
        "createduser": "Se creó el nuevo usuario {u}",
    },
    "ja": {
        "PermSetAssign": "権限セット {p}: ユーザー {u} に割り当てられました ([{i}])",
        "resetpassword": "ユーザー {m} のパスワードをリセットしました",
        "createduser": "新規ユーザー {u} を作成しました",
    },
}
FIELDS = ("Region__c", "Discount_Reason__c", "Renewal_Date__c", "Tier__c", "Contract_End__c")
RATE = 3.2  # changes on an average working day, for an org of any size


def change(
    org: Org,
    at: int,
    action: str,
    display: str,
    section: str | None,
    *,
    by: str | None,
    delegate: str | None = None,
    context: str | None = None,
    package: str | None = None,
    live: bool = False,
) -> str:
    """One row of SetupAuditTrail, by nobody if `by` is None."""
    table = org.store["SetupAuditTrail"]
    id18 = org.new_id("0Ym")
    at -= at % 1000
    table.add(
        table.make(
            {
                "Id": id18,
                "Action": action,
                "Section": section,
                "Display": display,
                "CreatedDate": at,
                "CreatedById": by,
                "DelegateUser": delegate,
                "CreatedByContext": context,
                "ResponsibleNamespacePrefix": package,
            }
        ),
        at + 2000 if live else 0,
    )
    return id18


def words(org: Org, world: World, rng: random.Random, person: Person) -> dict[str, Any]:
    return {
        "u": person.name,
        "i": person.id[:15],
        "m": person.username,
        "p": rng.choice(("Report_Exporter", "Campaign_Editor", "Knowledge_Author")),
        "f": rng.choice(FIELDS),
        "c": rng.choice(("QuoteBuilder", "CaseRouter", "TaxCallout")),
        "n": rng.randrange(2, 30),
    }


def shown(org: Org, action: str, display: str, fills: dict[str, Any]) -> str:
    """Display in the org's language, English where Salesforce has no other text."""
    language = org.options.language.partition("_")[0]
    return LOCALIZED.get(language, {}).get(action, display).format(**fills)


def one_change(org: Org, world: World, rng: random.Random, at: int, *, live: bool = False) -> None:
    """A change as it happens on any day, by an administrator or nobody."""
    if rng.random() < 0.05:
        action, section, display = rng.choice(NOBODY)
        change(
            org,
            at,
            action,
            display,
            section,
            by=None,
            live=live,
            package="chartpk" if action == "upgradedpackagingapp" else None,
        )
        return
    admins = [p for p in world.people if p.profile == "System Administrator"] or world.people[:1]
    action, section, display, _ = rng.choices(CHANGES, [c[3] for c in CHANGES])[0]
    person = rng.choice(world.people)
    delegate = rng.choice(admins).username if action == "suOrgAdminLogout" else None
    change(
        org,
        at,
        action,
        shown(org, action, display, words(org, world, rng, person)),
        section,
        by=rng.choice(admins).id,
        delegate=delegate,
        live=live,
    )


def release(org: Org, world: World, rng: random.Random, at: int) -> None:
    """A deployment: a burst of rows, many of them in one second."""
    developers = [p for p in world.people if p.department == "IT"] or world.people[:1]
    by = rng.choice(developers).id
    for step in range(rng.randrange(8, 40)):
        person = world.people[0]
        action, section, display = rng.choice(
            (
                ("changedApexClass", "Apex Class", "Changed {c} Apex Class code"),
                ("createdCF", "Customize Accounts", "Created custom field: {f} (Text)"),
                ("changedApexTrigger", "Apex Trigger", "Changed AccountBefore Apex Trigger code"),
                ("PermSetFlsChanged", USERS, "Changed permission set {p}: field-level security"),
            )
        )
        change(
            org,
            at + step // 12 * 1000,
            action,
            shown(org, action, display, words(org, world, rng, person)),
            section,
            by=by,
        )


def build(org: Org, world: World) -> None:
    """Half a year of changes (Salesforce keeps 180 days), in order of time."""
    now = org.options.now_ms
    made: list[tuple[int, str]] = []
    first = max(world.founded_ms, now - 180 * DAY)
    for day in range(first // DAY, now // DAY + 1):
        rng = org.random(f"audit/{day}")
        weekend = (day + 3) % 7 >= 5
        mean = RATE * (0.15 if weekend else 1.3)
        count = int(mean) + (rng.random() < mean % 1) + (rng.random() < 0.3)
        for _ in range(count):
            made.append((day * DAY + int((14 + rng.random() * 9) * HOUR), "change"))
        if (day + 3) % 7 == 2 and rng.random() < 0.5:
            made.append((day * DAY + int((22 + rng.random()) * HOUR), "release"))
    rng = org.random("audit")
    joined = org.store["User"]
    at_time, at_name = (joined.type.position[n] for n in ("CreatedDate", "Name"))
    arrivals = [(r[at_time], r[at_name]) for r in joined.rows if r[at_time] >= first]
    for at, what in sorted(made + arrivals):
        if at > now:
            continue
        if what == "change":
            one_change(org, world, rng, at)
        elif what == "release":
            release(org, world, rng, at)
        else:
            change(
                org,
                at,
                "createduser",
                shown(org, "createduser", "Created new user {u}", {"u": what}),
                USERS,
                by=world.admin,
            )
