"""One seed from its beginning to its verdict."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.db import connection

from orgwarden.core.problems import LostLease
from tests.simulation.clocks import Time
from tests.simulation.dice import Dice
from tests.simulation.faults import Faults
from tests.simulation.installation import Installed
from tests.simulation.judge import Judge
from tests.simulation.life import Life
from tests.simulation.wire import Killed, Wire
from tests.support.checker import Broken

HOUR = 3600.0
ROUNDS = 12


@dataclass
class Verdict:
    """What a seed showed."""

    seed: int
    broken: list[str]
    drawn: Counter[str]
    collections: int
    calls: int
    trace: list[str]

    def replay(self) -> str:
        return f"python -m tests.simulation --seed {self.seed} --trace"


@dataclass
class Course:
    """`run` takes another road to Salesforce for a test that something is found."""

    seed: int
    drawn: Counter[str] = field(default_factory=Counter)
    trace: list[str] = field(default_factory=list)
    broken: list[str] = field(default_factory=list)
    collections: int = 0

    def run(self, wire: type[Wire] = Wire) -> Verdict:
        self.dice, self.time = Dice(self.seed), Time()
        self.life = Life.begun(self.time, self.dice, self.drawn)
        self.faults = Faults(self.dice, self.drawn, self._delete, self._stall, self._tell)
        loop = asyncio.new_event_loop()
        self.installed = Installed.connected(
            self.life, self.time, self.dice, loop, self.faults.of_call, self._tell, wire
        )
        self.judge = Judge.of(self.installed)
        try:
            with connection.execute_wrapper(self._unless_dead):
                self._days()
                self._calm()
        finally:
            self.installed.gone()
            self.life.server.close()
            loop.close()
        calls = len(self.installed.wire.calls)
        return Verdict(self.seed, self.broken, self.drawn, self.collections, calls, self.trace)

    # --- the days

    def _days(self) -> None:
        dice = self.dice
        end = dice.between("days", 1.0, 2.0) * 24 * HOUR
        while self.time.passed < end and not self.broken:
            step = dice.choice("steps", (0.3, 4.0, 6.0, 8.0, 11.0))
            self.time.sleep(step * HOUR)
            if dice.chance("judge", 0.1):
                self._judge(self.judge.look())  # what came late is to be seen by now
            self.life.passes(step)
            self.faults.weather()
            self._mishaps()
            for _ in range(dice.choice("workers", (1, 1, 1, 2))):
                self._work()
                self.time.sleep(dice.choice("workers", (1.0, 7.0, 31.0, 90.0)))
            if dice.chance("person", 0.3):
                self._person()

    def _mishaps(self) -> None:
        """What others do to the org, and what befalls the clocks."""
        dice, quota = self.dice, self.life.server.quota
        if dice.chance("others", 0.3):
            spent = int(quota.limit * dice.between("others", 0, 0.8))
            quota.add(self.life.server.org.clock.now(), spent)
            self._draw("quota spent by others", str(spent))
        if dice.chance("revoked", 0.04):
            self.life.server.sessions.end_all()
            self._draw("grant revoked")
        if dice.chance("clocks", 0.1):
            self.time.ours_goes_wrong(dice.between("clocks", -7200, 7200))
            self._draw("our clock jumped", f"{self.time.ours:+.0f} s")
        if dice.chance("clocks", 0.1):
            self.time.theirs = dice.between("clocks", -60, 60)
            self._draw("org's clock jumped", f"{self.time.theirs:+.0f} s")

    def _calm(self) -> None:
        """Nothing goes wrong any more: the backlog must drain."""
        if self.broken:
            return
        self._tell("calm")
        self.faults.calm, self.time.ours, self.time.theirs = True, 0.0, 0.0
        self.life.server.quota.set(self.life.server.org.clock.now(), 0)
        for _ in range(ROUNDS):
            self.time.sleep(5 * HOUR)
            self._person()
            self._work()
            left = self.judge.at_the_end()
            if not left:
                break
        self._judge(left)
        if not left and self.dice.chance("much later", 0.5):
            self.time.sleep(4 * 24 * HOUR)  # now even the days of log files are called complete
            self._work()
        self._judge(self.judge.look())

    # --- a worker, and the person who looks after it

    def _work(self) -> None:
        """One look of a worker that may be killed in the middle."""
        self._tell("a worker looks")
        before = set(self.life.deleted)
        try:
            self.collections += self.installed.work(self.faults.at)
        except Killed:
            self._tell("  killed")
            self.life.unknown |= self.life.deleted - before
            self.faults.dead = False
            connection.close()

    def _stall(self) -> None:
        """The worker stands still for longer than its lease; another one works meanwhile."""
        self.time.sleep(self.dice.between("stall", 31, 600))
        self._tell("  another worker looks meanwhile")
        with _as_another():
            self.installed.due_now()
            self.installed.work(lambda point: None)

    def _person(self) -> None:
        """Somebody looks at the status now and then, and mends what only a person can."""
        org = self.installed.org
        org.refresh_from_db()
        if org.status == "error" and org.probed_at is not None:
            self._tell("  a person reconnects")
            self.installed.approve()
            self.installed.due_now()

    # --- what is told

    def _judge(self, broken: list[Broken]) -> None:
        self.broken += [str(b) for b in broken]
        for one in broken:
            self._tell(f"BROKEN {one}")

    def _draw(self, kind: str, more: str = "") -> None:
        self.drawn[kind] += 1
        self._tell(f"  {kind} {more}".rstrip())

    def _tell(self, words: str) -> None:
        self.trace.append(f"{self.time.passed / HOUR:7.3f} h {words}")

    def _delete(self, id18: str) -> bool:
        files = self.life.server.org.log_files
        assert files is not None
        before = files.files.get(id18)
        if before is None or not self.life.delete_file(id18):
            return False
        kind = before.key[0]
        told = self.life.ledger(f"EventLogFile:{kind}", everything=True)
        self.life.deleted |= {r["hash"] for r in told}
        return True

    def _unless_dead(
        self, execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any
    ) -> Any:
        """Of a process that was killed the records hear nothing any more."""
        if self.faults.dead:
            raise Killed
        return execute(sql, params, many, context)


@contextmanager
def _as_another() -> Iterator[None]:
    """What happens to the other worker is its own affair."""
    try:
        yield
    except LostLease:
        return
