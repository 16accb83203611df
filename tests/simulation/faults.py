"""What goes wrong, when: drawn from the seed, counted by kind."""

from __future__ import annotations

import errno
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from tests.simulation.dice import Dice
from tests.simulation.wire import TOKEN, Killed

# Of a call for rows or files, and of one for a token. Weights say how often each is drawn.
OF_CALLS = {
    "503": 4, "500": 2, "html": 2, "html 200": 2, "session ended": 3, "query timeout": 3,
    "limit exceeded": 2, "unreachable": 2, "timeout": 2, "dropped": 2,
    "cut": 4, "short": 3, "killed": 2, "file deleted": 2,
}  # fmt: skip
OF_TOKENS = {"503": 2, "html": 1, "token refused": 2, "unreachable": 1, "timeout": 1, "cut": 1}
AT_POINTS = ("killed at a point", "stalled at a point", "disk full at a point")
OF_THE_ORG = (
    "late row", "burst", "late file", "hour issued again", "daily file", "ragged row",
    "user changed",
)  # fmt: skip
OF_THE_WORLD = (
    "quota spent by others", "grant revoked", "our clock jumped", "org's clock jumped", "outage",
)  # fmt: skip
KINDS = tuple(
    dict.fromkeys(
        (
            *OF_CALLS,
            "cursors gone",
            *OF_TOKENS,
            *AT_POINTS,
            *OF_THE_ORG,
            "very late row",
            *OF_THE_WORLD,
        )
    )
)
POINTS = ("landed", "refreshed", "committed", "published")
FILE = re.compile(r"/EventLogFile/(\w{15,18})/LogFile")


@dataclass
class Faults:
    """`calm` when nothing goes wrong any more. `dead` from a kill until the next process begins."""

    dice: Dice
    drawn: Counter[str]
    delete: Callable[[str], bool]
    stall: Callable[[], None]
    tell: Callable[[str], None]
    calm: bool = False
    dead: bool = False
    down: bool = False
    rate: float = 0.0
    _points: float = 0.0
    _deep: int = field(default=0)

    def weather(self) -> None:
        """How bad the next stretch of time is."""
        self.rate = self.dice.choice("weather", (0.0, 0.0, 0.03, 0.08, 0.25))
        self._points = self.dice.choice("weather", (0.0, 0.0, 0.02, 0.1))
        self.down = self.dice.chance("weather", 0.06)
        if self.down:
            self.drawn["outage"] += 1
            self.tell("  Salesforce cannot be reached")

    def of_call(self, method: str, path: str) -> str:
        """The fault that strikes a call, "" for none."""
        if self.calm:
            return ""
        if self.down:
            return "unreachable"
        if "/query/" in path and self.rate and self.dice.chance("cursors", 0.15):
            self.drawn["cursors gone"] += 1  # next pages are rare
            return "cursors gone"
        if not self.dice.chance("calls", self.rate):
            return ""
        weights = OF_TOKENS if path.startswith(TOKEN) else OF_CALLS
        [kind] = self.dice.of("calls").choices(list(weights), list(weights.values()))
        if kind == "file deleted":
            found = FILE.search(path)
            if found is None or not self.delete(found[1]):
                return ""
        if kind == "query timeout" and "/query" not in path:
            return ""
        if kind == "killed":
            self.dead = True
        self.drawn[kind] += 1
        return kind

    def at(self, point: str) -> None:
        """A named point of a run is passed: perhaps not unharmed."""
        if self.calm or self._deep or not self.dice.chance("points", self._points):
            return
        kind = self.dice.choice("points", AT_POINTS)
        self.drawn[kind] += 1
        self.tell(f"  at {point}: {kind}")
        if kind.startswith("killed"):
            self.dead = True
            raise Killed
        if kind.startswith("disk"):
            raise OSError(errno.ENOSPC, "No space left on device")
        self._deep += 1
        try:
            self.stall()
        finally:
            self._deep -= 1
