"""Shows `orgwarden status --json` over and over: a table in a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table

Status = dict[str, Any]


@dataclass(frozen=True)
class Line:
    """One source of one org, as shown."""

    key: str
    rows: int
    calls: int
    part: float | None  # of the way from the start of the backfill to now; None: not known
    state: str


def parse_time(text: str | None) -> datetime | None:
    if not text:
        return None
    time_read = datetime.fromisoformat(text)
    return time_read if time_read.tzinfo else time_read.replace(tzinfo=UTC)


def part_done(source: Status, now: datetime) -> float | None:
    """How far the complete range reaches, counted from where it begins."""
    begins = parse_time(source.get("complete_from") or source.get("backfill_from"))
    reaches = parse_time(source.get("complete_to"))
    if begins is None or reaches is None or now <= begins:
        return None
    return min(1.0, max(0.0, (reaches - begins) / (now - begins)))


def lines(status: Status, now: datetime) -> Iterator[Line]:
    for org in status.get("orgs", []):
        for source in org.get("sources", []):
            state = str(source.get("state", ""))
            if source.get("reason"):
                state += f": {source['reason']}"
            yield Line(
                key=f"{org['name']} {source['id']}",
                rows=int(source.get("rows") or 0),
                calls=int(source.get("calls") or 0),
                part=part_done(source, now),
                state=state,
            )


class Rates:
    """Rows per second of each source between two looks."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, int]] = {}

    def of(self, line: Line, at: float) -> float:
        before, rows = self._seen.get(line.key, (at, line.rows))
        self._seen[line.key] = (at, line.rows)
        return (line.rows - rows) / (at - before) if at > before else 0.0


def table(shown: list[Line], rates: dict[str, float]) -> Table:
    made = Table(box=None, pad_edge=False)
    for title in ("source", "", "rows", "calls", "rows/s", "state"):
        made.add_column(title, justify="right" if title in ("rows", "calls", "rows/s") else "left")
    for line in shown:
        bar = ProgressBar(total=1.0, completed=line.part or 0.0, width=24)
        rate = rates[line.key]
        made.add_row(
            line.key,
            "" if line.part is None else bar,
            f"{line.rows:,}",
            f"{line.calls:,}",
            f"{rate:,.0f}" if rate >= 1 else "",
            line.state,
        )
    return made


def watch(ask: Callable[[], Status], check: Callable[[], None]) -> None:
    """Ask and show until interrupted; `check` raises when there is nothing to watch any more."""
    console = Console()
    rates = Rates()
    shown_before: dict[str, Line] = {}
    pause = 1.5
    live = Live(console=console, auto_refresh=False) if sys.stdout.isatty() else None
    if live:
        live.start()
    try:
        while True:
            check()
            at = time.monotonic()
            shown = list(lines(ask(), datetime.now(UTC)))
            speeds = {line.key: rates.of(line, at) for line in shown}
            changed = [line for line in shown if shown_before.get(line.key) != line]
            if live:
                live.update(table(shown, speeds), refresh=True)
            else:
                for line in changed:
                    part = "" if line.part is None else f" {line.part:4.0%}"
                    print(
                        f"{line.key}: {line.rows:,} rows, {line.calls:,} calls,"
                        f" {speeds[line.key]:,.0f} rows/s{part} {line.state}",
                        flush=True,
                    )
            shown_before = {line.key: line for line in shown}
            # Each look starts a process; look less often once the org has been caught up with.
            pause = 1.5 if changed else min(10.0, pause * 1.5)
            time.sleep(pause)
    finally:
        if live:
            live.stop()
