"""An app that nobody has judged yet.

Source: Security Benchmark for Salesforce, an inventory with a justification of each app.
"""

from orgwarden.core.app_risk import AppFacts, Factor, Judged


def _judge(app: AppFacts) -> Judged:
    return "Nobody has reviewed it yet." if app.classification == "unclassified" else None


FACTOR = Factor(
    id="unreviewed",
    title="Not reviewed",
    points=5,
    judge=_judge,
    source="Security Benchmark for Salesforce, OAuth",
)
