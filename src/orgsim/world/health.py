"""Salesforce's own health check of the org: one score, and one row for each setting it weighs."""

from __future__ import annotations

from orgsim.org import Org
from orgsim.world.cast import World

HIGH, MEDIUM, LOW, GOOD = "HIGH_RISK", "MEDIUM_RISK", "LOW_RISK", "MEETS_STANDARD"
# setting, group, category, ours, standard; a setting that differs is at risk of its category
SETTINGS = (
    ("Minimum password length", "PasswordPolicies", HIGH, "8", "8"),
    (
        "Password complexity requirement",
        "PasswordPolicies",
        HIGH,
        "Must include alpha and numeric characters",
        "Must include alpha, numeric, and special characters",
    ),
    ("Maximum invalid login attempts", "PasswordPolicies", HIGH, "10", "3"),
    (
        "Enforce password history",
        "PasswordPolicies",
        MEDIUM,
        "3 passwords remembered",
        "3 passwords remembered",
    ),
    ("User passwords expire in", "PasswordPolicies", MEDIUM, "90 days", "90 days"),
    ("Lockout effective period", "PasswordPolicies", MEDIUM, "15 minutes", "15 minutes"),
    (
        "Password question requirement",
        "PasswordPolicies",
        LOW,
        "Cannot contain password",
        "Cannot contain password",
    ),
    ("Obscure secret answer for password resets", "PasswordPolicies", MEDIUM, "Enabled", "Enabled"),
    (
        "Require a minimum 1 day password lifetime",
        "PasswordPolicies",
        MEDIUM,
        "Disabled",
        "Enabled",
    ),
    ("Timeout value", "SessionSettings", MEDIUM, "8 hours of inactivity", "2 hours of inactivity"),
    ("Force logout on session timeout", "SessionSettings", HIGH, "Enabled", "Enabled"),
    (
        "Lock sessions to the domain in which they were first used",
        "SessionSettings",
        MEDIUM,
        "Enabled",
        "Enabled",
    ),
    ("Require HttpOnly attribute", "SessionSettings", HIGH, "Disabled", "Enabled"),
    ("Enforce login IP ranges on every request", "SessionSettings", HIGH, "Disabled", "Enabled"),
    ("Enable clickjack protection for Setup pages", "SessionSettings", HIGH, "Enabled", "Enabled"),
    (
        "Enable clickjack protection for non-Setup Salesforce pages",
        "SessionSettings",
        HIGH,
        "Enabled",
        "Enabled",
    ),
    (
        "Enable clickjack protection for customer Visualforce pages with standard headers",
        "SessionSettings",
        HIGH,
        "Enabled",
        "Enabled",
    ),
    (
        "Enable clickjack protection for customer Visualforce pages with headers disabled",
        "SessionSettings",
        HIGH,
        "Disabled",
        "Enabled",
    ),
    (
        "Enable CSRF protection on GET requests on non-setup pages",
        "SessionSettings",
        HIGH,
        "Enabled",
        "Enabled",
    ),
    (
        "Enable CSRF protection on POST requests on non-setup pages",
        "SessionSettings",
        HIGH,
        "Enabled",
        "Enabled",
    ),
    ("Force relogin after Login-As-User", "SessionSettings", LOW, "Enabled", "Enabled"),
    (
        "Require identity verification during multi-factor authentication registration",
        "SessionSettings",
        HIGH,
        "Enabled",
        "Enabled",
    ),
    (
        "Require identity verification for email address changes",
        "SessionSettings",
        HIGH,
        "Enabled",
        "Enabled",
    ),
    ("Content Sniffing protection", "SessionSettings", MEDIUM, "Enabled", "Enabled"),
    ("Referrer URL Protection", "SessionSettings", MEDIUM, "Enabled", "Enabled"),
    ("HSTS for custom domains", "SessionSettings", MEDIUM, "Disabled", "Enabled"),
    ("Administrators Can Log In as Any User", "LoginAccessPolicies", HIGH, "Enabled", "Disabled"),
    ("Number of expired certificates", "CertificateAndKeyManagement", HIGH, "1", "0"),
    ("Days until certificate expiration", "CertificateAndKeyManagement", MEDIUM, "24", "180"),
    ("Number of remote sites with Disable Protocol Security", "RemoteSiteSettings", HIGH, "1", "0"),
    (
        "Number of objects with default external access set to Public",
        "SharingSettings",
        HIGH,
        "0",
        "0",
    ),
)
WEIGHT = {HIGH: 5, MEDIUM: 3, LOW: 1}


def build(org: Org, world: World) -> None:
    met = sum(WEIGHT[c] for _, _, c, ours, standard in SETTINGS if ours == standard)
    score = round(100 * met / sum(WEIGHT[c] for _, _, c, _, _ in SETTINGS))
    check = org.store["SecurityHealthCheck"]
    key = f"HealthCheck-{org.id[:15]}"
    check.add(check.make({"Id": key, "DurableId": key, "Score": str(score)}))
    risks = org.store["SecurityHealthCheckRisks"]
    for number, (setting, group, category, ours, standard) in enumerate(SETTINGS):
        risks.add(
            risks.make(
                {
                    "Id": f"{group}.{number}",
                    "DurableId": f"{group}.{number}",
                    "SecurityHealthCheckId": key,
                    "RiskType": GOOD if ours == standard else category,
                    "Setting": setting,
                    "SettingGroup": group,
                    "SettingRiskCategory": category,
                    "OrgValue": ours,
                    "OrgValueRaw": ours.split(" ")[0],
                    "StandardValue": standard,
                    "StandardValueRaw": standard.split(" ")[0],
                }
            )
        )
