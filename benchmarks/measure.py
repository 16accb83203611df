"""What a benchmark is: a named body that does counted work and says how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


class NotRun(Exception):
    """This benchmark cannot be run here; the message says why, and stands in its row."""


class Failed(NotRun):
    """It began and went wrong: an error of ours, and not what is lacking here."""


@dataclass(frozen=True)
class Figure:
    """One run: `count` units in `seconds`, and what else is worth keeping (calls, peak memory).

    What is told is units per second, unless `told` is given: megabytes, milliseconds, calls.
    """

    count: int
    seconds: float
    notes: dict[str, float | str] = field(default_factory=dict)
    told: float | None = None
    profile: dict[str, Any] | None = None  # what `benchmarks.sampling` saw

    @property
    def value(self) -> float:
        return self.count / self.seconds if self.told is None else self.told


@dataclass(frozen=True)
class Setting:
    """What a body is given: a folder of its own per run, one that all bodies of an invocation
    share (for what is dear to make, such as log files), and how large to go."""

    folder: Path
    part: float  # 1.0 is the whole size; `--part 0.01` is for trying a body out
    shared: Path
    profile: bool = False  # also note where the time went, see `benchmarks.sampling`

    def scaled(self, count: int) -> int:
        return max(1, round(count * self.part))


@dataclass(frozen=True)
class Beside:
    """Another benchmark, by its key, and how many times its figure ours shall be at least."""

    key: str
    times: float | None = None


@dataclass(frozen=True)
class Benchmark:
    """`key` is unique and stays. `aim` is what is promised: at least so much, or with `less`,
    less than that."""

    key: str
    title: str
    unit: str
    body: Callable[[Setting], Figure]
    measure: str = ""  # what is told if not units per second: "MB resident", "ms"
    beside: tuple[Beside, ...] = ()
    aim: float | None = None
    less: bool = False
    times: int | None = None  # runs, where the usual number is too many
    large: bool = False  # of `make bench-large` only

    @property
    def told_in(self) -> str:
        return self.measure or f"{self.unit}/s"


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
