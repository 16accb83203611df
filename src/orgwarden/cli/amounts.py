"""Progress of something counted in bytes: bars on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from orgwarden.cli.output import safe
from orgwarden.cli.progress import EVERY, OnStderr

if TYPE_CHECKING:
    from rich.progress import ProgressColumn


class Amounts(OnStderr):
    """One bar per step. A step's function is given the bytes that were just done."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self._said = time.monotonic()

    def _figures(self) -> tuple[ProgressColumn, ...]:
        from rich.progress import DownloadColumn, TransferSpeedColumn

        return DownloadColumn(), TransferSpeedColumn()

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
