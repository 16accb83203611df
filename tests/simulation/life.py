"""What happens in the emulated org: people sign in, change the setup, log files come and go."""

from __future__ import annotations

import functools
import hashlib
import io
import json
import pickle
from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from cryptography.hazmat.primitives.asymmetric import rsa

from orgsim.build import make_org
from orgsim.oauth.keys import private_key
from orgsim.objects import OBJECTS
from orgsim.org import Options, Org
from orgsim.schema import ObjectType
from orgsim.server import OrgServer
from tests.simulation.clocks import BEGIN, OrgClock, Time
from tests.simulation.dice import Dice

URL = "http://127.0.0.1:8911"
LAG = timedelta(minutes=4, seconds=30)  # how late a row may be seen and still be in time
TYPES = ("API", "Logout")  # one that only a licence gives, one that every org has files of
FREE = ("ApiTotalUsage", "Logout")  # what an org without a licence has, in a daily file a type


class _Pickler(pickle.Pickler):
    """Leaves out the object types, which every org shares."""

    def persistent_id(self, thing: Any) -> str | None:
        return thing.name if isinstance(thing, ObjectType) else None


class _Unpickler(pickle.Unpickler):
    def persistent_load(self, name: Any) -> ObjectType:
        return _types()[name]


@functools.cache
def _types() -> dict[str, ObjectType]:
    return {kind.name: kind for kind in OBJECTS}


@functools.cache
def _built() -> tuple[Org, bytes]:
    """The org before anything happens in it, made once: its history is the same for every seed.
    The first of its kind stays, because the folder of its log files is that of all."""
    start = int(BEGIN.timestamp() * 1000)
    made = make_org(Options(now_ms=start, users=2, days=1, speed=0, event_monitoring="none"))
    assert made.log_files is not None
    made.log_files.folder()
    kept = io.BytesIO()
    _Pickler(kept).dump(made)
    return made, kept.getvalue()


def _org() -> Org:
    org = _Unpickler(io.BytesIO(_built()[1])).load()
    assert isinstance(org, Org)
    return org


@functools.cache
def _key() -> rsa.RSAPrivateKey:
    """The key that signs identity tokens: making one takes longer than a whole seed."""
    return private_key(_org())


@dataclass
class Life:
    """One org and its ledger. It stands still by itself; `passes` makes things happen."""

    server: OrgServer
    time: Time
    dice: Dice
    licensed: bool
    drawn: Counter[str]
    very_late: bool
    deleted: set[str] = field(default_factory=set)  # hashes of rows of files we could not get
    unknown: set[str] = field(default_factory=set)  # … of which only a process knew that is dead
    ragged: set[str] = field(default_factory=set)  # hashes of rows with a field too many
    _hours: dict[tuple[str, datetime], list[str]] = field(default_factory=dict)
    _sequence: Counter[tuple[str, datetime]] = field(default_factory=Counter)
    _told: int = 0

    @classmethod
    def begun(cls, time: Time, dice: Dice, drawn: Counter[str]) -> Life:
        org = _org()
        org.clock = OrgClock(time)  # type: ignore[assignment]
        licensed = dice.chance("licence", 0.6)
        limit = dice.choice("limit", (1_000, 3_000, 15_000, 100_000))
        kind = "licensed" if licensed else "none"
        org.options = replace(org.options, event_monitoring=kind, daily_api_limit=limit)
        server = OrgServer(org, URL)
        server.key = _key()
        begun = cls(server, time, dice, licensed, drawn, dice.chance("very late", 0.2))
        if not licensed:
            begun._days_before()
        return begun

    # --- the ledger, as tests.support.checker asks for it

    def ledger(self, source: str, *, everything: bool = False) -> list[dict[str, Any]]:
        org, now = self.server.org, self.server.org.clock.now()
        if source.startswith("EventLogFile:"):
            assert org.log_files is not None
            return list(org.log_files.ledger(source.partition(":")[2], now, everything))
        from orgsim.control import _rows

        return list(_rows(org.store[source], now, everything))

    def secrets(self, since: int = 0) -> list[dict[str, str]]:
        return [{"kind": k, "value": v} for k, v in self.server.sessions.issued[since:]]

    # --- what happens

    def passes(self, hours: float) -> None:
        """What happens in a span that ends now."""
        now, dice = self.time.org_now(), self.dice
        self._sign_ins(now, hours)
        self._changes(now, hours)
        if dice.chance("user changes", 0.25 * hours):
            self._user(now)
        if dice.chance("files", min(0.9, 0.5 * hours)):
            self._hour_file(now.replace(minute=0, second=0, microsecond=0))

    def _late(self, at: datetime) -> int:
        """When a row of this time is seen, epoch ms."""
        dice = self.dice
        late = timedelta()
        if dice.chance("late", 0.4):
            self.drawn["late row"] += 1
            late = LAG * dice.random("late")
            if self.very_late and dice.chance("late", 0.3):
                self.drawn["very late row"] += 1
                late = timedelta(minutes=dice.between("late", 6, 50))
        return int((at + late).timestamp() * 1000)

    def _add(self, thing: str, values: dict[str, Any], at: datetime) -> None:
        org = self.server.org
        kind = org.store.type(thing)
        assert kind is not None
        made = {"Id": org.new_id(kind.prefix), **values}
        table = org.store[thing]
        for one in kind.fields:
            if one.type == "datetime" and not one.nillable:
                made.setdefault(one.name, int(at.timestamp()) * 1000)
        table.add(table.make(made), self._late(at))

    def _user_id(self) -> str:
        users = self.server.org.store["User"]
        return str(users.value(self.dice.of("who").randrange(len(users.rows)), "Id"))

    def _sign_ins(self, now: datetime, hours: float) -> None:
        number = self.dice.of("sign-ins").randrange(0, 6)
        if self.dice.chance("burst", 0.1):
            number = 430  # more than two pages, within a minute
            self.drawn["burst"] += 1
        span = 1.0 if number > 10 else hours * 60
        for _ in range(number):
            at = now - timedelta(minutes=self.dice.between("sign-ins", 0, span))
            at = at.replace(microsecond=0)
            values = {"UserId": self._user_id(), "LoginTime": int(at.timestamp()) * 1000}
            self._add("LoginHistory", values, at)

    def _changes(self, now: datetime, hours: float) -> None:
        for _ in range(self.dice.of("audit").randrange(0, 4)):
            at = now - timedelta(minutes=self.dice.between("audit", 0, hours * 60))
            values = {"Action": "PermSetAssign", "CreatedById": self._user_id()}
            self._add("SetupAuditTrail", values, at.replace(microsecond=0))

    def _user(self, now: datetime) -> None:
        users = self.server.org.store["User"]
        at = self.dice.of("user").randrange(len(users.rows))
        self._told += 1
        stamp = int(now.timestamp()) * 1000
        users.update(
            at,
            {"Title": f"Title {self._told}", "LastModifiedDate": stamp, "SystemModstamp": stamp},
        )
        self.drawn["user changed"] += 1

    # --- log files

    def _days_before(self) -> None:
        """Days that were over before anybody came. Without a licence a file goes a day after it was
        made: of one day a type's file may be there still and another's not."""
        now, dice = self.time.org_now(), self.dice
        today = now.replace(hour=0, minute=0, second=0, microsecond=0)
        for back in (2, 1):
            day = today - timedelta(days=back)
            for kind in FREE:
                made = day + timedelta(days=1, hours=dice.between("before", 1, 30))
                if made < now and dice.chance("before", 0.8):
                    self._rows_of(kind, day + timedelta(hours=dice.of("before").randrange(24)))
                    self._daily(kind, day, made)

    def _hour_file(self, hour: datetime) -> None:
        kind = self.dice.choice("kind", TYPES if self.licensed else FREE)
        day = hour.replace(hour=0)
        today = BEGIN.replace(hour=0)  # what was over before is not told again
        known = [h for k, h in self._hours if k == kind and h != hour and h >= today]
        what = self.dice.random("file")
        if self.licensed and known and what < 0.25:
            self._late_file(kind, self.dice.choice("file", known))
        elif self.licensed and known and what < 0.45:
            self._again(kind, self.dice.choice("file", known))
        elif known and what < 0.65:
            self._daily(kind, self.dice.choice("file", known).replace(hour=0))
        elif not self.licensed:
            self._rows_of(kind, hour)
            self._daily(kind, day)
        else:
            self._rows_of(kind, hour)
            self._sequence[kind, hour] = max(self._sequence[kind, hour], 1)
            self._publish(kind, hour, "Hourly", 1, self._hours[kind, hour])

    def _rows_of(self, kind: str, hour: datetime) -> list[str]:
        rows = []
        for _ in range(self.dice.of("file").randrange(1, 6)):
            self._told += 1
            at = hour + timedelta(seconds=self.dice.between("file", 0, 3599))
            row = f'"{kind}","{at:%Y%m%d%H%M%S}.000","{self._told}"'
            rows += [row] * (2 if self.dice.chance("file", 0.2) else 1)  # true duplicates
        if self.dice.chance("ragged", 0.15):
            self.drawn["ragged row"] += 1
            values = (kind, f"{hour:%Y%m%d%H%M%S}.000", str(self._told), "one too many")
            self.ragged.add(hashlib.sha256("\x1f".join(values).encode()).hexdigest())
            rows.append(",".join(f'"{value}"' for value in values))
        self._hours.setdefault((kind, hour), []).extend(rows)
        return rows

    def _late_file(self, kind: str, hour: datetime) -> None:
        """Events that came late, in a file of their own with a higher Sequence."""
        self.drawn["late file"] += 1
        rows = self._rows_of(kind, hour)
        self._sequence[kind, hour] += 1
        self._publish(kind, hour, "Hourly", self._sequence[kind, hour], rows)

    def _again(self, kind: str, hour: datetime) -> None:
        """The hour once more, under another id: what it held and more."""
        self.drawn["hour issued again"] += 1
        self._rows_of(kind, hour)
        self._sequence[kind, hour] = max(self._sequence[kind, hour], 1)
        self._publish(kind, hour, "Hourly", 1, self._hours[kind, hour])

    def _daily(self, kind: str, day: datetime, made: datetime | None = None) -> None:
        """The whole day, its hours among it. `made`: now, if nothing else is said."""
        self.drawn["daily file"] += 1
        rows = [
            row
            for (k, hour), rows in sorted(self._hours.items())
            if k == kind and hour.replace(hour=0) == day
            for row in rows
        ]
        self._publish(kind, day, "Daily", 0, rows, made)

    def _publish(
        self,
        kind: str,
        date: datetime,
        interval: str,
        sequence: int,
        rows: list[str],
        made: datetime | None = None,
    ) -> None:
        files = self.server.org.log_files
        assert files is not None
        lines = ['"EVENT_TYPE","TIMESTAMP","REQUEST_ID"', *rows]
        now = self.server.org.clock.now() if made is None else int(made.timestamp() * 1000)
        late = int(self.dice.between("list", 0, 240)) * 1000 if self.dice.chance("list", 0.3) else 0
        files.publish(
            event_type=kind,
            body=("\r\n".join(lines) + "\r\n").encode(),
            log_date_ms=int(date.timestamp() * 1000),
            interval=interval,
            sequence=sequence,
            created_ms=now - late,
            visible_from_ms=now,
        )

    def delete_file(self, id18: str) -> bool:
        """Somebody deletes a log file. Its rows that no other file holds are gone for good."""
        files = self.server.org.log_files
        assert files is not None
        file = files.files.get(id18[:18])
        if file is None or file.at in files.table.deleted:
            return False
        files.table.delete(file.at)
        file.gone = self.server.org.clock.now()
        return True

    def state(self) -> dict[str, Any]:
        files = self.server.org.log_files
        assert files is not None
        now = self.time.org_now().isoformat()
        return {"now": now, "log_types": files.types(self.server.org.clock.now())}

    def control(
        self, path: str, body: Any = None, *, method: str | None = None, params: Any = None
    ) -> Any:
        """The two questions that the checker asks."""
        if path == "state":
            return self.state()
        if path == "secrets":
            return {"issued": len(self.server.sessions.issued)}
        assert path == "calls", json.dumps([path, body, method, params])
        return [{"count": n} for n in self.server.quota.calls.values()]
