"""What the lake says about itself: cursor, coverage and counts of every source of one org.

The whole ledger travels in the metadata of every commit, so that the newest commit alone restores
it. It is compact on purpose.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from orgwarden.core.spans import Span, Spans, instant_of, text_of

VERSION = 1
NO_SPANS = Spans()


@dataclass(frozen=True, slots=True)
class Missing:
    """A span that cannot be collected any more, and why, in a sentence."""

    span: Span
    why: str


@dataclass(frozen=True, slots=True)
class SourceLedger:
    """One source. `complete` is on the axis of the source's time field (for log files, of
    CreatedDate). Rows read = stored + duplicate + quarantined, always. The table holds `held`:
    what was stored less what retention removed."""

    backfill_from: datetime | None = None
    complete: Spans = NO_SPANS
    missing: tuple[Missing, ...] = ()
    held_from: datetime | None = None  # log files: the first day the org still held
    swept: datetime | None = None  # of a snapshot that is not always read whole: when it last was
    digest: str = ""  # of a snapshot: of its last reading, if that was whole; "" unknown
    proved: datetime | None = None  # of lists of jobs: when a job of somebody else was last seen
    stored: int = 0
    duplicate: int = 0
    quarantined: int = 0
    expired: int = 0

    @property
    def held(self) -> int:
        """Rows that are in the table now."""
        return self.stored - self.expired

    @property
    def cursor(self) -> datetime | None:
        """The newest instant up to which everything from the last gap on is complete."""
        return self.complete.items[-1].end if self.complete.items else None

    def to_json(self) -> dict[str, Any]:
        value: dict[str, Any] = {"n": [self.stored, self.duplicate, self.quarantined]}
        if self.backfill_from:
            value["from"] = text_of(self.backfill_from)
        if self.complete.items:
            value["complete"] = self.complete.to_json()
        if self.missing:
            value["missing"] = [
                [text_of(m.span.start), text_of(m.span.end), m.why] for m in self.missing
            ]
        if self.held_from:
            value["held"] = text_of(self.held_from)
        if self.swept:
            value["swept"] = text_of(self.swept)
        if self.digest:
            value["digest"] = self.digest
        if self.proved:
            value["proved"] = text_of(self.proved)
        if self.expired:
            value["expired"] = self.expired
        return value

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> SourceLedger:
        stored, duplicate, quarantined = value.get("n", (0, 0, 0))
        return cls(
            backfill_from=instant_of(value["from"]) if "from" in value else None,
            complete=Spans.from_json(value.get("complete", ())),
            missing=tuple(
                Missing(Span(instant_of(a), instant_of(b)), why)
                for a, b, why in value.get("missing", ())
            ),
            held_from=instant_of(value["held"]) if "held" in value else None,
            swept=instant_of(value["swept"]) if "swept" in value else None,
            digest=value.get("digest", ""),
            proved=instant_of(value["proved"]) if "proved" in value else None,
            stored=stored,
            duplicate=duplicate,
            quarantined=quarantined,
            expired=value.get("expired", 0),
        )


@dataclass(frozen=True)
class Ledger:
    """The ledger of one org. `seq` is the last arrival number given out."""

    seq: int = 0
    sources: Mapping[str, SourceLedger] = field(default_factory=dict)

    def of(self, source: str) -> SourceLedger:
        return self.sources.get(source, SourceLedger())

    def with_source(self, source: str, ledger: SourceLedger) -> Ledger:
        return replace(self, sources={**self.sources, source: ledger})

    def counted(self, source: str, *, stored: int, duplicate: int, quarantined: int) -> Ledger:
        was = self.of(source)
        return self.with_source(
            source,
            replace(
                was,
                stored=was.stored + stored,
                duplicate=was.duplicate + duplicate,
                quarantined=was.quarantined + quarantined,
            ),
        )

    def to_json(self) -> dict[str, Any]:
        return {
            "v": VERSION,
            "seq": self.seq,
            "sources": {name: s.to_json() for name, s in self.sources.items()},
        }

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> Ledger:
        if value.get("v") != VERSION:
            raise ValueError(f"a ledger of version {value.get('v')!r}, not {VERSION}")
        return cls(
            seq=value["seq"],
            sources={n: SourceLedger.from_json(s) for n, s in value["sources"].items()},
        )


def event_coverage(files: SourceLedger, *, late: timedelta) -> Spans:
    """Which event times are complete, from which files' CreatedDates are.

    A file appears at most `late` after its events, so an instant is complete once every file
    created from then until `late` afterwards has landed. What the org no longer held when it was
    first asked is not.
    """
    spans = Spans.of(
        Span(s.start, s.end - late) for s in files.complete.items if s.end - late > s.start
    )
    if files.held_from is None or files.backfill_from is None:
        return Spans()
    if files.held_from > files.backfill_from:
        spans = spans.without(Span(files.backfill_from, files.held_from))
    for hole in files.missing:
        spans = spans.without(hole.span)
    return spans
