"""An app that is used and not installed: no policy of the org holds it.

Source: Salesforce, usage restrictions for uninstalled connected apps, August 2025.
"""

from orgwarden.core.app_risk import AppFacts, Factor, Judged, Unjudged


def _judge(app: AppFacts) -> Judged:
    if app.blocked:
        return None
    if app.installed is None:
        return Unjudged("which apps are installed could not be read.")
    return None if app.installed else "It is not installed, so no policy of the org holds it."


FACTOR = Factor(
    id="not_installed",
    title="Not installed",
    points=15,
    judge=_judge,
    source="Salesforce Help, uninstalled connected apps",
)
