"""Is what Orgwarden holds, and what it says of it, true? Judged from outside.

One side is the emulator's ledger, by its control API: what happened, what was visible when, which
calls it counted, which secrets it gave out. The other is what Orgwarden shows to anybody: rows by
`events query`, `status --json` and `lake verify --json`. No file, table or code of the product is
looked at. The invariants are those of the fault catalogue:

I1 no loss        what happened within a range called complete is stored
I2 no double      … once, and nothing that did not happen
I3 cursor         never ahead of what is stored
I4 fencing        commits follow one another; a later look never sees an earlier epoch or version
I5 budget         calls the org counted <= calls we counted <= what the budget allowed
I6 honesty        what is not stored is told: by its state, a gap, or that it is not read yet
I7 secrets        none in anything shown
I11 bounded       no more calls than a test allows
I12 liveness      once the faults are over nothing is left to do, or the reason is shown
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol

from tests.support.canaries import spellings

# Source to the object of the emulator and the column that names a row.
ROWS = {
    "login_history": ("LoginHistory", "Id"),
    "setup_audit_trail": ("SetupAuditTrail", "Id"),
    "verification_history": ("VerificationHistory", "Id"),
}
TYPES = "event_log_"  # how the sources of log files begin, the list of files aside
FILES = "event_log_file"
HEALTHY = "current"
LAGS = timedelta(minutes=10)  # how long what is visible may be called still to come
LATE_FILES = timedelta(days=4)  # … and the events of log files, which come in later files, too
ROUNDS = 6


class Truth(Protocol):
    """The emulator's control API; tests.support.orgsim.OrgsimServer is one."""

    def ledger(self, source: str, *, everything: bool = False) -> list[dict[str, Any]]: ...

    def control(
        self, path: str, body: Any = None, *, method: str | None = None, params: Any = None
    ) -> Any: ...

    def secrets(self, since: int = 0) -> list[dict[str, str]]: ...


@dataclass(frozen=True)
class Output:
    """What Orgwarden shows: rows of a SELECT, one org of `status --json`, one of `lake verify`."""

    query: Callable[[str], list[dict[str, Any]]]
    status: Callable[[], dict[str, Any]]
    proof: Callable[[], dict[str, Any]]


@dataclass(frozen=True)
class Broken:
    """An invariant that does not hold, and how that is seen."""

    invariant: str
    words: str

    def __str__(self) -> str:
        return f"{self.invariant}: {self.words}"


@dataclass(frozen=True)
class Stream:
    """One source: what happened by key, what is stored by key, and what is said of it."""

    id: str
    happened: list[dict[str, Any]]
    key: str
    stored: Counter[str]
    said: dict[str, Any]

    def complete(self) -> list[tuple[datetime, datetime]]:
        return [(instant(a), instant(b)) for a, b in self.said["complete"]]

    def missing(self) -> list[tuple[datetime, datetime]]:
        return [(instant(a), instant(b)) for a, b, _ in self.said["missing"]]

    def since(self, begin: str, time: str) -> Counter[str]:
        return self.by(lambda row: instant(row[time]) >= instant(begin))

    def by(self, wanted: Callable[[dict[str, Any]], bool]) -> Counter[str]:
        return Counter(str(row[self.key]) for row in self.happened if wanted(row))


@dataclass
class Checker:
    """Looks at one org; `look` again and again, it remembers what must not go back.

    `calls_before` are calls the org had counted before ours, `secrets_since` see
    `OrgsimServer.issued`."""

    truth: Truth
    output: Output
    calls_before: int = 0
    secrets_since: int = 0
    _epoch: int = field(default=0, init=False)
    _version: int = field(default=0, init=False)
    _seen: list[str] = field(default_factory=list, init=False)

    @classmethod
    def beginning(cls, truth: Truth, output: Output) -> Checker:
        """A checker of what happens from now on."""
        issued = int(truth.control("secrets")["issued"])
        return cls(truth, output, counted_calls(truth), issued)

    # --- looking

    def assert_true(self, *, most_calls: int | None = None) -> None:
        """Every invariant holds that can be judged at one moment."""
        broken = self.look(most_calls=most_calls)
        assert not broken, "\n".join(map(str, broken))

    def look(self, *, most_calls: int | None = None) -> list[Broken]:
        status, proof = self.output.status(), self.output.proof()
        self._seen += [json.dumps(status, default=str), json.dumps(proof, default=str)]
        now = instant(self.truth.control("state")["now"])
        broken: list[Broken] = []
        for stream in self._streams(status):
            broken += _no_loss_no_double(stream)
            broken += _cursor(stream, now)
            broken += _honest(stream, status, now)
        broken += self._fenced(proof)
        broken += self._within_budget(status, most_calls)
        broken += self._no_secret()
        return broken

    def withheld(self, *sources: str) -> list[Broken]:
        """For sources whose data the emulator withholds: none may look healthy, nor the org as if
        it had synced everything."""
        said = {s["id"]: s for s in self.output.status()["sources"]}
        return [
            Broken("I6", f"{name} is withheld and called {said[name]['state']}.")
            for name in sources
            if said[name]["state"] == HEALTHY or not said[name]["reason"]
        ]

    def assert_drains(self, work: Callable[[], object], rounds: int = ROUNDS) -> None:
        """With the faults gone, `work` done a few times leaves nothing to do, or says why not."""
        left: list[str] = []
        for _ in range(rounds):
            work()
            left = self.left_to_do()
            if not left:
                self.assert_true()
                return
        raise AssertionError(f"I12: after {rounds} rounds: {'; '.join(left)}")

    def left_to_do(self) -> list[str]:
        """What happened since the backfill's start and is not stored, without a reason shown."""
        status = self.output.status()
        left = []
        for stream in self._streams(status):
            begin = stream.said["backfill_from"]
            if begin is None or stream.said["reason"] or status["waiting"]:
                continue
            time = "created_time" if stream.id.startswith(TYPES) else "event_time"
            if lacking := (stream.since(begin, time) - stream.stored).total():
                left.append(f"{lacking} rows of {stream.id} are not read")
        return left

    # --- inside

    def _streams(self, status: dict[str, Any]) -> Iterator[Stream]:
        """The sources that can be compared, with all their rows in one question."""
        said = {s["id"]: s for s in status["sources"]}
        wanted: dict[str, tuple[str, str, str]] = {
            name: (thing, "id", f'"{column}"')
            for name, (thing, column) in ROWS.items()
            if name in said and said[name]["backfill_from"]
        }
        for kind in self.truth.control("state")["log_types"]:
            name = f"{TYPES}{kind.lower()}"
            if name in said:
                wanted[name] = (f"EventLogFile:{kind}", "hash", "row_sha256")
        stored: dict[str, Counter[str]] = {name: Counter() for name in wanted}
        asked = [
            f"SELECT '{name}' AS v, {column} AS k FROM {name} WHERE n_org = '{status['key']}'"
            for name, (_, _, column) in wanted.items()
            if said[name]["rows"]
        ]
        for row in self.output.query(" UNION ALL ".join(asked)) if asked else ():
            stored[row["v"]][str(row["k"])] += 1
        for name, (thing, key, _) in wanted.items():
            yield Stream(name, self.truth.ledger(thing), key, stored[name], said[name])

    def _fenced(self, proof: dict[str, Any]) -> list[Broken]:
        broken = [Broken("I2", f"lake verify: {words}") for words in proof["wrong"]]
        if proof["epoch"] < self._epoch or proof["version"] < self._version:
            broken.append(Broken("I4", "the table went back to an earlier epoch or version."))
        self._epoch, self._version = proof["epoch"], proof["version"]
        return broken

    def _within_budget(self, status: dict[str, Any], most: int | None) -> list[Broken]:
        seen = counted_calls(self.truth) - self.calls_before
        own, limit = status["budget"]["own_24h"], status["budget"]["limit"]
        broken = []
        if seen > own:
            broken.append(Broken("I5", f"the org counted {seen} calls of ours, we {own}."))
        if limit and own > limit * status["budget"]["own"]:
            broken.append(Broken("I5", f"{own} calls of {limit} are more than our share."))
        if most is not None and seen > most:
            broken.append(Broken("I11", f"{seen} calls, and {most} would do."))
        return broken

    def _no_secret(self) -> list[Broken]:
        shown, self._seen = "\n".join(self._seen).encode(), []
        found = {
            secret["kind"]
            for secret in self.truth.secrets(self.secrets_since)
            if "-----BEGIN" not in secret["value"]
            for spelling in spellings(secret["value"]).values()
            if spelling in shown
        }
        return [Broken("I7", f"a secret ({kind}) is shown.") for kind in sorted(found)]


def _no_loss_no_double(stream: Stream) -> list[Broken]:
    spans = stream.complete()
    every = stream.by(lambda row: True)
    claimed = stream.by(lambda row: inside(row, spans))
    broken = []
    if lost := claimed - stream.stored:
        words = f"{stream.id}: {lost.total()} of what is called complete are not stored"
        broken.append(Broken("I1", f"{words}, such as {list(lost)[:2]}."))
    if more := stream.stored - every:
        words = f"{stream.id}: {more.total()} are stored that did not happen, or not so often"
        broken.append(Broken("I2", f"{words}, such as {list(more)[:2]}."))
    if stream.said["rows"] != stream.stored.total():
        held = f"{stream.stored.total()} rows and says {stream.said['rows']}"
        broken.append(Broken("I6", f"{stream.id} holds {held}."))
    return broken


def _cursor(stream: Stream, now: datetime) -> list[Broken]:
    """Everything from the last gap to the cursor is called complete, and nothing yet to come."""
    cursor, spans = stream.said["cursor"], stream.complete()
    if cursor is None:
        return []
    if not spans or instant(cursor) > spans[-1][1]:
        return [Broken("I3", f"{stream.id}: the cursor {cursor} is beyond what is complete.")]
    if instant(cursor) > now:
        return [Broken("I3", f"{stream.id}: the cursor {cursor} is beyond the org's clock.")]
    return []


def _honest(stream: Stream, status: dict[str, Any], now: datetime) -> list[Broken]:
    """What is not stored may not belong to a source that looks whole: it is before the start, in a
    gap that is named, or so young that it may still be on its way."""
    said = stream.said
    if said["state"] != HEALTHY or said["backfill_from"] is None or status["waiting"]:
        return []
    spans, missing = stream.complete(), stream.missing()
    begin = instant(said["backfill_from"])
    is_log = stream.id.startswith(TYPES)
    young = now - (LATE_FILES if is_log else LAGS)
    due = stream.by(
        lambda row: (
            begin <= instant(row["event_time"]) < young
            and instant(row["visible_from"]) < min(young, instant(said["last_success"]))
            and not inside(row, spans)
            and not inside(row, missing)
        )
    )
    if untold := due - stream.stored:
        words = f"{stream.id} looks healthy and lacks {untold.total()} rows that no gap tells of"
        return [Broken("I6", f"{words}, such as {list(untold)[:2]}.")]
    return []


def counted_calls(truth: Truth) -> int:
    """The API calls the org has counted."""
    return sum(call["count"] for call in truth.control("calls"))


def inside(row: dict[str, Any], spans: Sequence[tuple[datetime, datetime]]) -> bool:
    at = instant(row["event_time"])
    return any(start <= at < end for start, end in spans)


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
