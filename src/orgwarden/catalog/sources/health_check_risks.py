"""What Salesforce's own health check weighs: each setting, its value, and the standard's.

Source: Tooling API, SecurityHealthCheckRisks. Its ids change with releases, so that a setting is
told by its group and name.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import UNSTAMPED, whole
from orgwarden.core.source import Field, Need
from orgwarden.core.whole import Plain

SOURCE = whole(
    "health_check_risks",
    "Health Check settings",
    "Settings that Salesforce's Health Check weighs, ours beside the standard's.",
    "SecurityHealthCheckRisks",
    (
        Field("SettingGroup", "SessionSettings, PasswordPolicies …"),
        Field("Setting", "The setting."),
        Field("RiskType", "HIGH_RISK, MEDIUM_RISK, LOW_RISK or MEETS_STANDARD."),
        Field("SettingRiskCategory", "How much the setting matters."),
        Field("OrgValue", "The org's value."),
        Field("OrgValueRaw", "The same, as it is stored."),
        Field("StandardValue", "The baseline's value."),
        Field("StandardValueRaw", "The same, as it is stored."),
    ),
    stamped=UNSTAMPED,
    label=("Setting",),
    needs=(Need("ViewSetup", "what the Health Check finds is dark"),),
    identity=("SettingGroup", "Setting"),
    how=Plain(order=()),
    cost="1 call a run.",
    api="tooling",
    cadence=timedelta(days=1),
)
