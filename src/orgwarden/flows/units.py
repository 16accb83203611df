"""Units: the new log files of one event type and day, and batches of units for one commit."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

BATCH_BYTES = 192 << 20
FIRST_BYTES = 24 << 20  # of a first batch: while it is downloaded, nothing can be landed
BATCH_FILES = 2_000
BIG_BYTES = 256 << 20  # a larger file comes after all others, alone


@dataclass(frozen=True, slots=True)
class LogFile:
    """One file of the list. `log_date` is the day or hour it covers, `length` its bytes."""

    id: str
    event_type: str
    log_date: datetime
    created: datetime
    length: int
    interval: str
    sequence: int


def is_big(file: LogFile) -> bool:
    """Whether a file is downloaded after no other big one is: it would keep the others waiting."""
    return file.length > BIG_BYTES


@dataclass(frozen=True)
class Unit:
    """New files of one event type and day, in order of creation."""

    event_type: str
    files: tuple[LogFile, ...]

    @property
    def length(self) -> int:
        return sum(f.length for f in self.files)


def units_of(files: Sequence[LogFile]) -> list[Unit]:
    """Newest day first; within a unit the daily file first, because it is the whole day."""
    grouped: dict[tuple[str, str], list[LogFile]] = {}
    for file in files:
        grouped.setdefault((file.log_date.date().isoformat(), file.event_type), []).append(file)
    return [
        Unit(kind, tuple(sorted(grouped[day, kind], key=lambda f: (f.interval, f.created, f.id))))
        for day, kind in sorted(grouped, reverse=True)
    ]


def batches(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    """Units of about BATCH_BYTES together, in order; at least one each. Units with a big file come
    last, each by itself, so that one file of gigabytes starves nobody."""
    big = [u for u in units if any(map(is_big, u.files))]
    yield from _batches([u for u in units if u not in big])
    yield from ([unit] for unit in big)


def _batches(units: Sequence[Unit]) -> Iterator[list[Unit]]:
    batch: list[Unit] = []
    size = count = 0
    most = FIRST_BYTES
    for unit in units:
        if batch and (size + unit.length > most or count + len(unit.files) > BATCH_FILES):
            yield batch
            batch, size, count, most = [], 0, 0, BATCH_BYTES
        batch.append(unit)
        size += unit.length
        count += len(unit.files)
    if batch:
        yield batch
