"""The checker's verdicts, for a simulated org: in between and at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from tests.simulation.installation import Installed
from tests.support.checker import Broken, Checker, Stream, instant

IN_TIME = timedelta(minutes=5)  # later than that, a row may be called complete and still come


@dataclass
class Judge(Checker):
    """Beside what the checker looks at: calls in any 24 hours, and that nothing is left."""

    installed: Installed | None = None

    @classmethod
    def of(cls, installed: Installed) -> Judge:
        return cls(installed.life, installed.shown(), installed=installed)

    def _streams(self, status: dict[str, Any]) -> Iterator[Stream]:
        for stream in super()._streams(status):
            kept = [r for r in stream.happened if not _very_late(r) or stream.stored[r[stream.key]]]
            yield replace(stream, happened=kept, said=self._by_the_orgs_clock(stream.said))

    def _by_the_orgs_clock(self, said: dict[str, Any]) -> dict[str, Any]:
        """What we say by our clock, which may have gone wrong by so much when it was said."""
        assert self.installed is not None
        if said["last_success"] is None:
            return said
        at = instant(said["last_success"]) - timedelta(seconds=self.installed.time.ahead)
        return {**said, "last_success": at.isoformat()}

    def _within_budget(self, status: dict[str, Any], most: int | None) -> list[Broken]:
        assert self.installed is not None
        seen, ours = sum(self.installed.life.server.quota.calls.values()), self.installed.calls()
        if seen > ours:
            return [Broken("I5", f"the org counted {seen} calls of ours, we {ours}.")]
        return []

    def at_the_end(self) -> list[Broken]:
        """Everything that happened since the start is stored, or told to be lost."""
        assert self.installed is not None
        status = self.output.status()
        broken = []
        for stream in super()._streams(status):
            begin = stream.said["backfill_from"]
            if begin is None:
                broken.append(Broken("I12", f"{stream.id} was never read."))
                continue
            is_file = stream.id.startswith("event_log_")
            time = "created_time" if is_file else "event_time"
            lacking = stream.since(begin, time) - stream.stored
            lost = self.installed.life.deleted
            if is_file and any(h in lost for h in lacking):
                if not stream.said["missing"]:
                    broken.append(Broken("I6", f"{stream.id}: a lost file is not told of."))
                lacking = Counter({h: n for h, n in lacking.items() if h not in lost})
            if lacking:
                words = f"{lacking.total()} rows of {stream.id} are never read"
                broken.append(Broken("I12", f"{words}, such as {list(lacking)[:2]}."))
        if "users" in self.installed.chosen:
            broken += self._users()
        states = {s["id"]: s["state"] for s in status["sources"]}
        if status["status"] != "success":
            broken.append(Broken("I12", f"the tenant ends as {status['status']}: {states}"))
        return broken

    def _users(self) -> list[Broken]:
        """The last versions of the users are what the org holds."""
        assert self.installed is not None
        key, users = self.installed.org.key, self.installed.life.server.org.store["User"]
        held = self.output.query(f"""SELECT "Id", "Title" FROM users WHERE n_org = '{key}'""")
        shown = Counter((r["Id"], r["Title"] or "") for r in held)
        places = [at for at in range(len(users.rows)) if at not in users.deleted]
        true = Counter((users.value(p, "Id"), users.value(p, "Title") or "") for p in places)
        if shown == true:
            return []
        return [Broken("I1", f"users: {list((true - shown) + (shown - true))[:3]} differ.")]


def _very_late(row: dict[str, Any]) -> bool:
    seen: datetime = instant(row["visible_from"])
    return seen - instant(row["event_time"]) > IN_TIME and "hash" not in row
