"""An app that every user may let in alone.

Source: Salesforce, Manage OAuth Access Policies: All users may self-authorize.
"""

from orgwarden.core.app_risk import AppFacts, Factor, Judged, Unjudged


def _judge(app: AppFacts) -> Judged:
    if app.installed is False:
        return None  # no policy holds it at all: `not_installed` says so
    if app.anyone_may_allow is None:
        return Unjudged("its policy could not be read.")
    return "Every user may let it act for them, without asking." if app.anyone_may_allow else None


FACTOR = Factor(
    id="anyone_may_allow",
    title="Anybody may let it in",
    points=15,
    judge=_judge,
    source="Salesforce Help, OAuth access policies",
)
