"""How dangerous an app is: a sum that a reader can redo.

Each factor of `catalog.risks` looks at the same facts and gives its points with the sentence that
says why, or nothing, or that it could not be judged. What is unknown scores nothing and is told.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

MOST = 100
MEDIUM, HIGH = 40, 70
DORMANT_DAYS = 90


class Level(StrEnum):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"


@dataclass(frozen=True, slots=True)
class AppFacts:
    """What is known of one app. None is unknown and never "no"; numbers are of people or grants."""

    name: str
    classification: str
    installed: bool | None = None
    anyone_may_allow: bool | None = None  # every user may let it act for them
    blocked: bool = False
    never_ends: bool | None = None  # its refresh tokens
    privileged: int | None = None  # of the people who let it in, those with far-reaching rights
    inactive: int | None = None  # of these people, those who may not sign in any more
    dormant: int | None = None  # grants that nobody has used for DORMANT_DAYS
    namesakes: int = 0


@dataclass(frozen=True, slots=True)
class Unjudged:
    """A factor that could not be judged, and why."""

    why: str


Judged = str | Unjudged | None


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason why an app may be dangerous. `judge` gives the sentence shown, None where it does
    not hold. `source`: where the reason comes from."""

    id: str
    title: str
    points: int
    judge: Callable[[AppFacts], Judged]
    source: str


@dataclass(frozen=True, slots=True)
class Reason:
    id: str
    points: int
    text: str


@dataclass(frozen=True, slots=True)
class Score:
    """`value` is the sum of the reasons' points, 100 at most."""

    value: int
    reasons: tuple[Reason, ...]
    unjudged: tuple[Reason, ...]  # no points; `text` says what is missing

    @property
    def level(self) -> Level:
        return level_of(self.value)


def level_of(value: int) -> Level:
    """The word for a score."""
    return Level.HIGH if value >= HIGH else Level.MEDIUM if value >= MEDIUM else Level.LOW


def score(facts: AppFacts, factors: Sequence[Factor]) -> Score:
    """The app's score, the weightiest reason first."""
    reasons, unjudged = [], []
    for factor in factors:
        match factor.judge(facts):
            case str(text):
                reasons.append(Reason(factor.id, factor.points, text))
            case Unjudged(why):
                unjudged.append(Reason(factor.id, 0, f"{factor.title}: {why}"))
    reasons.sort(key=lambda r: (-r.points, r.id))
    return Score(min(MOST, sum(r.points for r in reasons)), tuple(reasons), tuple(unjudged))
