"""The connection test: what is judged, from facts that a flow has read.

Each judgement looks at facts only. What could not be read is unknown with the reason, never a
pass.
"""

from __future__ import annotations

from collections.abc import Callable

from orgwarden.catalog.preflight import org, person, rights
from orgwarden.catalog.preflight.facts import (
    NOT_ASKED,
    Facts,
    Line,
    NotRead,
    SourceLine,
    Verdict,
    Who,
    Works,
)
from orgwarden.catalog.preflight.sources import sources

__all__ = [
    "NOT_ASKED", "Facts", "Line", "NotRead", "SourceLine", "Verdict", "Who", "Works",
    "connected", "headline", "lines", "sources",
]  # fmt: skip

BEFORE: tuple[Callable[[Facts], Line], ...] = (
    org.sign_in,
    org.rest,
    org.calls,
    org.edition,
    org.environment,
    org.event_monitoring,
    org.log_generation,
    org.event_storage,
)
AFTER: tuple[Callable[[Facts], Line], ...] = (
    rights.licence,
    rights.profile,
    rights.excess,
    person.administrator,
    person.service_account,
    person.language,
    person.content_user,
    org.session_lock,
    org.deliveries,
)


def lines(facts: Facts) -> list[Line]:
    """One line for each thing tested, in the order they are shown."""
    return [
        *(judge(facts) for judge in BEFORE),
        *rights.lines(facts),
        *(judge(facts) for judge in AFTER),
    ]


def connected(found: list[Line]) -> bool:
    """Sign-in and API work; what is dark beside them does not change that."""
    by_id = {line.id: line for line in found}
    return all(by_id[i].verdict is Verdict.PASS for i in ("sign_in", "rest"))


def headline(is_connected: bool | None, found: list[SourceLine]) -> str:
    """`Connected!` and how the sources stand, the dark ones with their reasons."""
    if is_connected is None:
        return "Not known: the test was cut off."
    if not is_connected:
        return "Not connected."
    on = [s for s in found if s.verdict is not Works.OFF]
    good = sum(s.verdict in (Works.WORKS, Works.PARTLY) for s in on)
    words = f"Connected! {good} of {len(on)} sources work."
    for state, called in ((Works.DARK, "Dark"), (Works.UNKNOWN, "Not known")):
        if those := [s for s in on if s.verdict is state]:
            words += f" {called}: " + "; ".join(
                f"{s.title} ({s.because.rstrip('.')})" for s in those
            )
            words += "."
    return words
