"""The checker's verdicts, for a simulated org: in between and at the end."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import unquote_plus

from orgwarden.flows.lakes import lake_of
from orgwarden.lake.sql_check import Refused
from orgwarden.lake.table import OrgLake
from tests.simulation.installation import Installed
from tests.simulation.wire import TOKEN
from tests.support.checker import Broken, Checker, Stream, inside, instant

IN_TIME = timedelta(minutes=5)  # later than that, a row may be called complete and still come
FLOOR = 0.90  # of the org's calls in 24 hours: from here on none is ours
STOP = 0.75  # … and from here on none of what can wait
CAN_WAIT = ("FROM SetupAuditTrail ", "FROM User ")
# Faults after which nobody knows what the org said of its calls.
UNHEARD = ("timeout", "dropped", "html 200")
SOON = 600.0  # seconds: what was heard so long ago still holds
TRIES = 20  # of one and the same thing, one after the other, and each in vain


@dataclass
class Judge(Checker):
    """Beside what the checker looks at: each call as the org saw it, each commit in the log, each
    row that could not be placed, each change of a user, and that nothing is left."""

    installed: Installed | None = None
    _judged: int = field(default=1, init=False)  # calls that need no second look

    @classmethod
    def of(cls, installed: Installed) -> Judge:
        return cls(installed.life, installed.shown(), installed=installed)

    def look(self, *, most_calls: int | None = None) -> list[Broken]:
        try:
            return super().look(most_calls=most_calls)
        except Refused as why:
            return [Broken("I6", f"what is said to be stored cannot be asked for: {why}")]

    def _streams(self, status: dict[str, Any]) -> Iterator[Stream]:
        for stream in super()._streams(status):
            assert self.installed is not None
            unknown = self.installed.life.unknown
            stream = self._placed(stream)
            kept = [
                r
                for r in stream.happened
                if stream.stored[r[stream.key]]
                or not (_very_late(r) or r.get("hash") in unknown or _before_us(r, stream))
            ]
            yield replace(stream, happened=kept, said=self._when_asked(stream.said))

    def _placed(self, stream: Stream) -> Stream:
        """Without rows that cannot be placed in a table."""
        assert self.installed is not None
        ragged = self.installed.life.ragged
        return replace(stream, happened=[r for r in stream.happened if r.get("hash") not in ragged])

    def _when_asked(self, said: dict[str, Any]) -> dict[str, Any]:
        """With the beginning of the last success in the place of its end: a row that was seen
        only while it was collected is there after the next reading."""
        assert self.installed is not None
        if said["last_success"] is None:
            return said
        began = self.installed.began(instant(said["last_success"]))
        return {**said, "last_success": began.isoformat()}

    def _within_budget(self, status: dict[str, Any], most: int | None) -> list[Broken]:
        assert self.installed is not None
        seen, ours = sum(self.installed.life.server.quota.calls.values()), self.installed.calls()
        broken = [*self._calls(), *self._quarantined(status), *self._commits()]
        if seen > ours:
            broken.append(Broken("I5", f"the org counted {seen} calls of ours, we {ours}."))
        return broken

    def _calls(self) -> Iterator[Broken]:
        """None once an answer has said that too much is spent; none again and again."""
        assert self.installed is not None
        calls, again = self.installed.wire.calls, 1
        for before, call in zip(calls[self._judged - 1 :], calls[self._judged :], strict=False):
            counts = call.counted > before.counted and not call.path.endswith("/limits")
            heard = before.status == 200 and before.fault not in UNHEARD
            heard = heard and call.at - before.at < SOON
            waits = any(one in unquote_plus(call.path) for one in CAN_WAIT)
            most = STOP if waits else FLOOR
            if counts and heard and before.used >= most and not before.path.startswith(TOKEN):
                yield Broken("I5", f"a call when {before.used:.0%} were spent: {call.path[:90]}.")
            same = (before.method, before.path) == (call.method, call.path)
            same = same and call.at - before.at < SOON
            again = again + 1 if same and not before.status == call.status == 200 else 1
            if again == TRIES:
                yield Broken("I11", f"{TRIES} calls one after the other: {call.path[:90]}.")
        self._judged = max(1, len(calls))

    def _commits(self) -> list[Broken]:
        """In the log of the table no commit is of an earlier holder than the one before it."""
        assert self.installed is not None
        table = OrgLake.open_or_create(lake_of(self.installed.org)).folder
        log, epochs = table / "_delta_log", []
        for commit in sorted(log.glob("*.json")):
            for line in commit.read_text().splitlines():
                if "txn" in (action := json.loads(line)):
                    epochs.append(action["txn"]["version"])
        if epochs == sorted(epochs):
            return []
        return [Broken("I4", f"holders committed in the order {epochs}.")]

    def _quarantined(self, status: dict[str, Any]) -> list[Broken]:
        """What could not be placed is kept and counted."""
        assert self.installed is not None
        if not self.installed.life.ragged:
            return []
        said = {s["id"]: s["quarantined"] for s in status["sources"] if s["quarantined"]}
        held = self.output.query('SELECT "Source" AS s, count(*) AS n FROM quarantine GROUP BY 1')
        kept = {row["s"]: row["n"] for row in held}
        if kept == said:
            return []
        return [Broken("I6", f"{kept} rows are in the quarantine and {said} are told.")]

    def at_the_end(self) -> list[Broken]:
        """Everything that happened since the start is stored, or told to be lost."""
        try:
            return self._left()
        except Refused as why:
            return [Broken("I6", f"what is said to be stored cannot be asked for: {why}")]

    def _left(self) -> list[Broken]:
        assert self.installed is not None
        status = self.output.status()
        broken = []
        for stream in map(self._placed, super()._streams(status)):
            begin = stream.said["backfill_from"]
            if begin is None:
                broken.append(Broken("I12", f"{stream.id} was never read."))
                continue
            is_file = stream.id.startswith("event_log_")
            time = "created_time" if is_file else "event_time"
            life = self.installed.life
            lost, unknown, missing = life.deleted, life.unknown, stream.missing()
            due = [
                row
                for row in stream.happened
                if instant(row[time]) >= instant(begin)
                and not (is_file and row["hash"] in unknown)
                and not _before_us(row, stream)
                and not (row.get("gone_from") and inside(row, missing))
            ]
            lacking = Counter(str(row[stream.key]) for row in due) - stream.stored
            if is_file and any(h in lost for h in lacking):
                if not stream.said["missing"]:
                    broken.append(Broken("I6", f"{stream.id}: a lost file is not told of."))
                lacking = Counter({h: n for h, n in lacking.items() if h not in lost})
            if lacking:
                words = f"{lacking.total()} rows of {stream.id} are never read"
                broken.append(Broken("I12", f"{words}, such as {list(lacking)[:2]}."))
        if "users" in self.installed.chosen:
            broken += self._users(status)
        states = {s["id"]: s["state"] for s in status["sources"]}
        if status["status"] != "success":
            broken.append(Broken("I12", f"the tenant ends as {status['status']}: {states}"))
        return broken

    def _users(self, status: dict[str, Any]) -> list[Broken]:
        """The last versions of the users are what the org holds."""
        assert self.installed is not None
        key, users = self.installed.org.key, self.installed.life.server.org.store["User"]
        held = self.output.query(f"""SELECT "Id", "Title" FROM users WHERE n_org = '{key}'""")
        shown = Counter((r["Id"], r["Title"] or "") for r in held)
        changes = self.output.query(
            """SELECT "EntityId" FROM entity_changes WHERE "Object" = 'User' AND "Version" != '1'"""
        )
        [versions] = [s["rows"] for s in status["sources"] if s["id"] == "users"]
        if len(changes) != versions - len(held):
            words = f"{versions} versions of {len(held)} users, and {len(changes)} changes"
            return [Broken("I1", f"users: {words} are stored.")]
        places = [at for at in range(len(users.rows)) if at not in users.deleted]
        true = Counter((users.value(p, "Id"), users.value(p, "Title") or "") for p in places)
        if shown == true:
            return []
        return [Broken("I1", f"users: {list((true - shown) + (shown - true))[:3]} differ.")]


def _very_late(row: dict[str, Any]) -> bool:
    seen: datetime = instant(row["visible_from"])
    return seen - instant(row["event_time"]) > IN_TIME and "hash" not in row


def _before_us(row: dict[str, Any], stream: Stream) -> bool:
    """Of a file that was gone before all that is called complete begins: nobody could have it, and
    nobody says so."""
    if not row.get("gone_from"):
        return False
    spans = stream.complete()
    return not spans or instant(row["event_time"]) < spans[0][0]
