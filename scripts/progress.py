"""Shows `orgwarden status --json` over and over: a table in a terminal, lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from rich.console import Console
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

Status = dict[str, Any]
TYPE = "event_log_"  # event_log_login and so on
FAMILY = "event_log_file"


@dataclass(frozen=True)
class Line:
    """One source of one org, as shown."""

    key: str
    rows: int
    calls: int
    part: float | None  # of the way to having all that there is; None: not known
    state: str

    @property
    def counts(self) -> str:
        return f"{count(self.rows, 'row')}, {count(self.calls, 'call')}"


def count(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def parse_time(text: str | None) -> datetime | None:
    if not text:
        return None
    time_read = datetime.fromisoformat(text)
    return time_read if time_read.tzinfo else time_read.replace(tzinfo=UTC)


def part_done(source: Status, now: datetime) -> float | None:
    """How far it is: by what it counts itself, else by how far its complete range reaches. The
    files of event logs arrive in any order, so no range tells how many are still to come."""
    if source.get("state") == "current":
        return 1.0
    counted = source.get("progress") or {}
    if counted.get("total"):
        return min(1.0, float(counted["done"]) / float(counted["total"]))
    if source["id"] == FAMILY:
        return None
    begins, reaches = parse_time(source.get("backfill_from")), parse_time(source.get("complete_to"))
    if begins is None or reaches is None or now <= begins:
        return None
    return min(1.0, max(0.0, (reaches - begins) / (now - begins)))


def lines(status: Status, now: datetime) -> Iterator[Line]:
    """A line per source; the types of event log files are one line, or they would fill a screen."""
    for org in status.get("orgs", []):
        types = [s for s in org.get("sources", []) if s["id"].startswith(TYPE)]
        for source in org.get("sources", []):
            family = source["id"] == FAMILY
            if source["id"].startswith(TYPE) and not family:
                continue
            counted = types if family else [source]
            title = "event logs" if family else source["id"]
            state = str(source.get("state", ""))
            if source.get("reason"):
                state += f": {source['reason']}"
            yield Line(
                key=f"{org['name']} {title}",
                rows=sum(int(each.get("rows") or 0) for each in counted),
                calls=sum(int(each.get("calls") or 0) for each in counted),
                part=part_done(source, now),
                state=state,
            )


def troubles(status: Status) -> list[str]:
    """What keeps a tenant as a whole from being collected, a sentence each."""
    told = []
    for org in status.get("orgs", []):
        if org.get("paused_at"):
            told.append(f"{org['name']} is paused; `orgwarden org resume {org['name']}` goes on.")
        elif org.get("status") == "error":
            why = " ".join(filter(None, (org.get("problem"), org.get("fix"))))
            told.append(f"{org['name']} is in error: {why or 'no reason was recorded.'}")
    return told


NOTHING = Line("", 0, 0, None, "")


class Rates:
    """Rows per second of each source between two looks."""

    def __init__(self) -> None:
        self._seen: dict[str, tuple[float, int]] = {}

    def of(self, line: Line, at: float) -> float:
        before, rows = self._seen.get(line.key, (at, line.rows))
        self._seen[line.key] = (at, line.rows)
        return (line.rows - rows) / (at - before) if at > before else 0.0


def table(shown: list[Line], rates: dict[str, float], wrong: list[str]) -> Table:
    made = Table(box=None, pad_edge=False, caption=Text("\n".join(wrong)), caption_justify="left")
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
    wrong_before: list[str] = []
    pause = 1.5
    live = Live(console=console, auto_refresh=False) if sys.stdout.isatty() else None
    if live:
        live.start()
    try:
        while True:
            check()
            at = time.monotonic()
            status = ask()
            shown, wrong = list(lines(status, datetime.now(UTC))), troubles(status)
            speeds = {line.key: rates.of(line, at) for line in shown}
            # The bar creeps with the clock; that alone is no news.
            changed = [
                line
                for line in shown
                if line != replace(shown_before.get(line.key, NOTHING), part=line.part)
            ]
            if live:
                live.update(table(shown, speeds, wrong), refresh=True)
            else:
                for line in changed:
                    part = "" if line.part is None else f" {line.part:4.0%}"
                    print(
                        f"{line.key}: {line.counts},"
                        f" {speeds[line.key]:,.0f} rows/s{part} {line.state}",
                        flush=True,
                    )
                if wrong != wrong_before:
                    print("\n".join(wrong) or "Nothing is wrong any more.", flush=True)
            shown_before, wrong_before = {line.key: line for line in shown}, wrong
            # Each look starts a process; look less often once the org has been caught up with.
            pause = 1.5 if changed else min(10.0, pause * 1.5)
            time.sleep(pause)
    finally:
        if live:
            live.stop()
