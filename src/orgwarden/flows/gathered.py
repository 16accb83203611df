"""What the landings of one commit made, together, and the ledger that counts it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Source
from orgwarden.lake.landing import Counts, Landing
from orgwarden.lake.table import Part


@dataclass
class Gathered:
    """Parts on disk, the columns they hold, and how many rows were read for them."""

    ledger: Ledger
    parts: list[Part] = field(default_factory=list)
    columns: dict[str, None] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)


def gathered(landings: Sequence[tuple[Source, Landing]], ledger: Ledger) -> Gathered:
    """Finish these landings; their rows are counted in `ledger`, by source."""
    made = Gathered(ledger)
    for source, landing in landings:
        made.parts += landing.finish()
        made.columns.update(landing.columns)
        counts = landing.counts
        made.counts += counts
        made.ledger = made.ledger.counted(
            source.id,
            stored=counts.stored,
            duplicate=counts.duplicate,
            quarantined=counts.quarantined,
        )
    return made
