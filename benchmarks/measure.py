"""What a benchmark is: a named body that does counted work and says how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Figure:
    """One run: `count` units in `seconds`, and what else is worth keeping (calls, peak memory)."""

    count: int
    seconds: float
    notes: dict[str, float | str] = field(default_factory=dict)

    @property
    def rate(self) -> float:
        return self.count / self.seconds


@dataclass(frozen=True)
class Setting:
    """What a body is given: a folder of its own per run, and how large to go."""

    folder: Path
    part: float  # 1.0 is the whole size; `--part 0.01` is for trying a body out

    def scaled(self, count: int) -> int:
        return max(1, round(count * self.part))


@dataclass(frozen=True)
class Benchmark:
    """`key` is unique and stays; `beside` is the key of the one it is compared with."""

    key: str
    title: str
    unit: str
    body: Callable[[Setting], Figure]
    beside: str = ""
    aim: float | None = None  # units per second that are promised


class Stopwatch:
    """Seconds of the `with` block, by the monotonic clock."""

    seconds = 0.0


@contextmanager
def timed() -> Iterator[Stopwatch]:
    watch = Stopwatch()
    begun = time.perf_counter()
    try:
        yield watch
    finally:
        watch.seconds = time.perf_counter() - begun
