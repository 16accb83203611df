"""Salesforce's own health check of the org: its score, and the baseline it measures by.

Source: Tooling API, SecurityHealthCheck.
"""

from datetime import timedelta

from orgwarden.catalog.sources.whole import UNSTAMPED, whole
from orgwarden.core.source import Field, Need
from orgwarden.core.whole import Plain

SOURCE = whole(
    "health_check",
    "Health Check",
    "The score of Salesforce's own Health Check.",
    "SecurityHealthCheck",
    (
        Field("DurableId", "Salesforce's name of the check; it changes with releases."),
        Field("Score", "From 0 to 100."),
        Field("CustomBaselineId", "The org's own baseline; empty: Salesforce's."),
    ),
    stamped=UNSTAMPED,
    label=("DurableId",),
    quiet=("DurableId",),
    needs=(Need("ViewSetup", "the Health Check's score is dark"),),
    identity=("CustomBaselineId",),
    how=Plain(order=()),
    cost="1 call a run.",
    api="tooling",
    cadence=timedelta(days=1),
)
