"""Progress on standard error: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from abc import ABC, abstractmethod
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from rich.progress import Progress as Bars
    from rich.progress import ProgressColumn, TaskID

    from orgwarden.records.models import Run

EVERY = 2.0  # seconds between plain lines


class OnStderr(ABC):
    """Bars while inside, if standard error is a terminal. `_bars` is None elsewhere."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bars: Bars | None = None
        self._said = 0.0

    @abstractmethod
    def _figures(self) -> tuple[ProgressColumn, ...]:
        """What stands behind a bar."""

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, TextColumn
            from rich.progress import Progress as Bars

            what = TextColumn("{task.description}", markup=False)
            self._bars = Bars(what, BarColumn(), *self._figures(), console=Console(stderr=True))
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()


class Progress(OnStderr):
    """Of a collection: one bar per source. `tell` is given a run after every commit."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._tasks: dict[int, TaskID] = {}
        self._began: dict[int, float] = {}

    def _figures(self) -> tuple[ProgressColumn, ...]:
        from rich.progress import TextColumn

        return (TextColumn("{task.fields[words]}"),)

    def tell(self, run: Run) -> None:
        began = self._began.setdefault(run.pk, time.monotonic())
        rate = run.rows_read / max(time.monotonic() - began, 0.001)
        words = f"{run.rows_read:,} rows, {run.calls:,} calls, {rate:,.0f} rows/s"
        if self._bars is not None:
            if run.pk not in self._tasks:
                self._tasks[run.pk] = self._bars.add_task(run.source, total=None, words=words)
            self._bars.update(self._tasks[run.pk], completed=run.rows_read, words=words)
        elif time.monotonic() - self._said > EVERY:
            self._said = time.monotonic()
            print(f"{self._name}: {run.source}: {words}", file=sys.stderr, flush=True)
