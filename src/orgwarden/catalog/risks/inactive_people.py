"""An app that acts for people who may not sign in any more.

Source: deactivating a user ends sessions; a grant may be left that nobody answers for.
"""

from orgwarden.core.app_risk import AppFacts, Factor, Judged, Unjudged


def _judge(app: AppFacts) -> Judged:
    if app.inactive is None:
        return Unjudged("who let it in could not be read.")
    if not app.inactive:
        return None
    who = "1 person" if app.inactive == 1 else f"{app.inactive:,} people"
    return f"It holds grants of {who} whose account is switched off."


FACTOR = Factor(
    id="inactive_people",
    title="Grants of people who left",
    points=10,
    judge=_judge,
    source="attacks on Salesforce orgs, DET-72",
)
