"""An app that has the name of another app of the same org.

Source: a name is free to choose; whoever imitates an app that is trusted takes its name.
"""

from orgwarden.core.app_risk import AppFacts, Factor, Judged


def _judge(app: AppFacts) -> Judged:
    if not app.namesakes or app.installed or app.blocked:
        return None
    others = "another app" if app.namesakes == 1 else f"{app.namesakes} other apps"
    return f"It has the name of {others} of this org and another identity."


FACTOR = Factor(
    id="namesake",
    title="Same name, different identity",
    points=25,
    judge=_judge,
    source="UNC6040: modified Data Loaders under the tool's own name",
)
