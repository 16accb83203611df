"""An app that holds grants which nobody has used for long.

Source: a forgotten token is one that nobody misses when it is stolen.
"""

from orgwarden.core.app_risk import DORMANT_DAYS, AppFacts, Factor, Judged, Unjudged


def _judge(app: AppFacts) -> Judged:
    if app.dormant is None:
        return Unjudged("its grants could not be read.")
    if not app.dormant:
        return None
    what = "1 grant" if app.dormant == 1 else f"{app.dormant:,} grants"
    return f"It holds {what} that nobody has used for {DORMANT_DAYS} days."


FACTOR = Factor(
    id="dormant_grants",
    title="Grants not used for long",
    points=5,
    judge=_judge,
    source="attacks on Salesforce orgs, DET-70",
)
