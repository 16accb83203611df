"""Progress of something counted in bytes: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Self

from orgwarden.cli.output import safe

if TYPE_CHECKING:
    from rich.progress import Progress as Bars

EVERY = 2.0  # seconds between plain lines


class Amounts:
    """One bar per step. A step's function is given the bytes that were just done."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._bars: Bars | None = None
        self._said = time.monotonic()

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            from rich.console import Console
            from rich.progress import BarColumn, DownloadColumn, TextColumn, TransferSpeedColumn
            from rich.progress import Progress as Bars

            self._bars = Bars(
                TextColumn("{task.description}", markup=False),
                BarColumn(),
                DownloadColumn(),
                TransferSpeedColumn(),
                console=Console(stderr=True),
            )
            self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bars is not None:
            self._bars.stop()

    def step(self, what: str, total: int | None = None) -> Callable[[int], None]:
        """A part of the work, of `total` bytes where that is known."""
        what = safe(what)
        if self._bars is not None:
            bars, task = self._bars, self._bars.add_task(what, total=total)
            return lambda done: bars.advance(task, done)
        so_far = 0

        def tell(done: int) -> None:
            nonlocal so_far
            so_far += done
            if time.monotonic() - self._said > EVERY:
                self._said = time.monotonic()
                of = f" of {total / 1e6:,.0f}" if total else ""
                line = f"{self._name}: {what}: {so_far / 1e6:,.0f}{of} MB"
                print(line, file=sys.stderr, flush=True)

        return tell
