"""An app that acts for people who may read, change or take much.

Source: an app may do what the person may do who let it in, within its scopes.
"""

from orgwarden.core.app_risk import AppFacts, Factor, Judged, Unjudged


def _judge(app: AppFacts) -> Judged:
    if app.privileged is None:
        return Unjudged("who let it in, or what they may do, could not be read.")
    if not app.privileged:
        return None
    who = "1 person" if app.privileged == 1 else f"{app.privileged:,} people"
    return f"It acts for {who} with far-reaching permissions."


FACTOR = Factor(
    id="privileged_people",
    title="Privileged people let it in",
    points=20,
    judge=_judge,
    source="Salesforce, OAuth: a token has its user's permissions",
)
