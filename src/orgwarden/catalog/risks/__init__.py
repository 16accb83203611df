"""Why an app may be dangerous. One module per factor, each with one `FACTOR`; this tuple is the
list. A factor looks at `core.app_risk.AppFacts` and says one sentence, with the figures in it.
"""

from orgwarden.catalog.risks import (
    anyone_may_allow,
    dormant_grants,
    inactive_people,
    look_alike,
    namesake,
    never_ends,
    not_installed,
    privileged_people,
    unreviewed,
)
from orgwarden.core.app_risk import Factor

FACTORS: tuple[Factor, ...] = (
    look_alike.FACTOR,
    namesake.FACTOR,
    privileged_people.FACTOR,
    inactive_people.FACTOR,
    anyone_may_allow.FACTOR,
    not_installed.FACTOR,
    never_ends.FACTOR,
    dormant_grants.FACTOR,
    unreviewed.FACTOR,
)

__all__ = ["FACTORS"]
