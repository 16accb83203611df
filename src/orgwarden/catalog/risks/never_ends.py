"""An app whose refresh tokens work until somebody revokes them.

Source: Salesforce, OAuth policies of a connected app: refresh token is valid until revoked.
"""

from orgwarden.core.app_risk import AppFacts, Factor, Judged, Unjudged


def _judge(app: AppFacts) -> Judged:
    if app.never_ends is None:
        return Unjudged("its policy could not be read.")
    return "Its refresh tokens work until somebody revokes them." if app.never_ends else None


FACTOR = Factor(
    id="never_ends",
    title="Refresh tokens without end",
    points=10,
    judge=_judge,
    source="Salesforce Help, OAuth access policies; Security Benchmark for Salesforce",
)
