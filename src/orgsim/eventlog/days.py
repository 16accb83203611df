"""The events of an org's days as log file text, made an hour at a time and delivered by rule.

An hour is made once. Its lines go to the hour's first file (three to six hours later), a few now
and then to a second one (later still), and all of them to the day's file (the next day, 03:00 to
21:00 UTC). Some days are told twice: first without an hour's late lines, later whole.
Orgs without Event Monitoring get the free types' daily files only.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from orgsim.eventlog.scene import Scenes
from orgsim.eventlog.text import header_line
from orgsim.eventlog.types import FREE, columns
from orgsim.eventlog.writers import WRITERS
from orgsim.org import Org
from orgsim.world.rows import DAY, HOUR

Key = tuple[str, int, str, int]  # event type, log date, interval, sequence

LATE_SHARE = 0.06  # of hours that get a second file
AGAIN_SHARE = 0.1  # of days with late lines that are told twice
EARLIEST = 3 * HOUR  # the soonest after its end that an hour is delivered


@dataclass(order=True, slots=True)
class Due:
    """A file and when it is delivered."""

    created: int
    key: Key
    partial: bool = False  # a day's first edition, without its last late lines


@dataclass(slots=True)
class DayLog:
    """One type's lines of one day, in the order of their hours. Slices are byte ranges. Once the
    day is over the text is in a file, and the file is the day's body."""

    text: bytearray
    size: int = 0
    path: Path | None = None
    slices: dict[tuple[int, int], tuple[int, int]] = field(default_factory=dict)


class Days:
    """All generated log text of one org."""

    def __init__(self, org: Org, folder: Callable[[], Path]) -> None:
        self.org = org
        self._folder = folder
        options = org.options
        self.licensed = options.event_monitoring == "licensed"
        every = self.licensed or options.edition == "Developer Edition"
        self.types = tuple(t for t in WRITERS if every or t in FREE)
        self.logs: dict[tuple[str, int], DayLog] = {}
        self.scenes = Scenes(org)
        self._headers = {t: header_line(columns(t)) for t in self.types}
        self._next_hour = 0
        self._due: list[Due] = []

    def start(self, first_ms: int) -> None:
        """Begin with the day of this time."""
        self._next_hour = first_ms // DAY * 24

    def header(self, event_type: str) -> list[str]:
        return list(columns(event_type))

    def due(self, until_ms: int) -> Iterator[Due]:
        """What is delivered by `until_ms` and was not before, in order of delivery."""
        while (self._next_hour + 1) * HOUR + EARLIEST <= until_ms:
            self._make_hour(self._next_hour)
            self._next_hour += 1
        while self._due and self._due[0].created <= until_ms:
            yield heapq.heappop(self._due)

    def _make_hour(self, hour: int) -> None:
        """Write the lines of one hour (hours since 1970) of every type, and plan their delivery."""
        day, of_day = divmod(hour, 24)
        scene = self.scenes.at(hour)
        for kind in self.types:
            rng = self.org.random(f"eventlog/{kind}/{hour}")
            lines = WRITERS[kind](scene, rng)
            if lines:
                held: list[str] = []
                if self.licensed and len(lines) > 1 and rng.random() < LATE_SHARE:
                    step = max(2, len(lines) // 3)
                    held = lines[::step]
                    lines = [line for at, line in enumerate(lines) if at % step]
                self._keep(kind, day, of_day, lines, held, rng.random(), rng.random())
            if of_day == 23 and (kind, day) in self.logs:
                self._close(self.logs[kind, day], f"{kind}-{day}.csv")
                key = (kind, day * DAY, "Daily", 0)
                created = (day + 1) * DAY + 3 * HOUR + int(rng.random() * 18 * HOUR)
                late = any(part == 2 for _, part in self.logs[kind, day].slices)
                again = late and rng.random() < AGAIN_SHARE
                self._plan(created, key, partial=again)
                if again:
                    self._plan(created + 4 * HOUR + int(rng.random() * DAY), key)

    def _plan(self, created: int, key: Key, *, partial: bool = False) -> None:
        heapq.heappush(self._due, Due(created - created % 60_000, key, partial))

    def _keep(
        self,
        kind: str,
        day: int,
        of_day: int,
        lines: list[str],
        late: list[str],
        soon: float,
        later: float,
    ) -> None:
        log = self.logs.get((kind, day))
        if log is None:
            log = self.logs[kind, day] = DayLog(bytearray(self._headers[kind]))
        created = day * DAY + (of_day + 1) * HOUR + EARLIEST + int(soon * 3 * HOUR)
        for sequence, part in ((1, lines), (2, late)):
            if not part:
                continue
            start = len(log.text)
            log.text += "".join(part).encode()
            log.size = len(log.text)
            log.slices[of_day, sequence] = (start, log.size)
            if self.licensed:
                self._plan(created, (kind, day * DAY + of_day * HOUR, "Hourly", sequence))
            created += 2 * HOUR + int(later * 6 * HOUR)

    def _close(self, log: DayLog, name: str) -> None:
        log.path = self._folder() / name
        log.path.write_bytes(log.text)
        log.text = bytearray()

    def length(self, key: Key) -> int:
        kind, log_date, interval, sequence = key
        log = self.logs[kind, log_date // DAY]
        if interval == "Daily":
            return log.size
        start, end = log.slices[log_date // HOUR % 24, sequence]
        return len(self._headers[kind]) + end - start

    def whole(self, key: Key) -> Path | None:
        """The file that is a daily body just as it stands."""
        return self.logs[key[0], key[1] // DAY].path if key[2] == "Daily" else None

    def body(self, key: Key) -> bytes:
        kind, log_date, interval, sequence = key
        log = self.logs[kind, log_date // DAY]
        start, end = 0, log.size
        if interval != "Daily":
            start, end = log.slices[log_date // HOUR % 24, sequence]
        if log.path is None:
            part = bytes(log.text[start:end])
        else:
            with log.path.open("rb") as text:
                text.seek(start)
                part = text.read(end - start)
        return part if interval == "Daily" else self._headers[kind] + part

    def first_edition(self, key: Key) -> bytes:
        """A day's body without the late lines of the last hour that has some."""
        log = self.logs[key[0], key[1] // DAY]
        whole = self.body(key)
        start, end = log.slices[max(at for at in log.slices if at[1] == 2)]
        return whole[:start] + whole[end:]
