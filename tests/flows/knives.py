"""The knife as tests hold it: an installation, an emulated org, and the truth about both."""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from orgwarden.core.ledger import Ledger
from orgwarden.core.spans import Span, Spans, instant_of
from orgwarden.lake import proof
from orgwarden.lake.reading import Reader
from orgwarden.lake.table import OrgLake
from tests.support.orgsim import OrgsimServer

ROOT = Path(__file__).parents[2]
BEYOND = datetime(9999, 1, 1, tzinfo=UTC)
SOURCES = ["users", "login_history", "setup_audit_trail", "event_log_file"]
ROWS = {"login_history": "LoginHistory", "setup_audit_trail": "SetupAuditTrail"}


def environment(home: Path, server: OrgsimServer) -> dict[str, str]:
    """Of a process that works in `home` and may speak to `server`."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith("ORGWARDEN_")}
    return {
        **kept,
        "ORGWARDEN_HOME": str(home),
        "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": f"127.0.0.1:{server.port}",
        "ORGWARDEN_LOG_LEVEL": "ERROR",
        "DJANGO_SETTINGS_MODULE": "orgwarden.site.settings",
        # Threads that libraries start when they are imported would be there before the first fork.
        "OPENBLAS_NUM_THREADS": "1",
        "JE_ARROW_MALLOC_CONF": "background_thread:false",
        "_RJEM_MALLOC_CONF": "background_thread:false",
    }


class Knife:
    """The forking process. One order at a time; `begin` and `end` for one that is stopped."""

    def __init__(self, home: Path, server: OrgsimServer) -> None:
        self._log = (home.parent / f"knife-{os.urandom(3).hex()}.log").open("w+b")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.flows.knife"],
            cwd=ROOT,
            env=environment(home, server),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
        )
        ready = self._hears()
        assert ready == {"ready": True, "threads": 1}, ready

    def begin(self, act: str, *, kill_after: float | None = None, **arguments: Any) -> int:
        """Give the order; the child's process id."""
        order = {"do": act, "with": arguments, "kill_after": kill_after}
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps(order).encode() + b"\n")
        self._process.stdin.flush()
        child: int = self._hears()["child"]
        return child

    def end(self) -> dict[str, Any]:
        answer = self._hears()
        value = answer["value"] or {}
        assert "raised" not in value, value["raised"]
        return {**answer, "value": value.get("returned")}

    def run(self, act: str, *, kill_after: float | None = None, **arguments: Any) -> dict[str, Any]:
        self.begin(act, kill_after=kill_after, **arguments)
        return self.end()

    def call(self, act: str, **arguments: Any) -> Any:
        return self.run(act, **arguments)["value"]

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(120)
        self._process.stdout.close()
        self._log.close()

    def _hears(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            self._log.seek(0)
            raise AssertionError(self._log.read().decode()[-3000:])
        heard: dict[str, Any] = json.loads(line)
        return heard


@dataclass
class Truth:
    """What the emulated org says happened, asked anew after `changed`."""

    server: OrgsimServer
    _kinds: list[str] = field(default_factory=list)
    _rows: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def changed(self) -> None:
        self._rows.clear()
        self._kinds.clear()

    def kinds(self) -> list[str]:
        """The event types that have a log file."""
        if not self._kinds:
            answer = self.server.session.get(
                f"{self.server.url}/services/data/v62.0/query",
                params={"q": "SELECT EventType FROM EventLogFile GROUP BY EventType"},
                headers={"Authorization": f"Bearer {self.server.token()}"},
                timeout=60,
            )
            self._kinds.extend(r["EventType"] for r in answer.json()["records"])
        return self._kinds

    def of(self, name: str) -> list[dict[str, Any]]:
        if name not in self._rows:
            self._rows[name] = self.server.ledger(name)
        return self._rows[name]

    def within(self, name: str, key: str, when: str, spans: Spans) -> Counter[str]:
        """The multiset of rows whose time `when` lies in the spans."""
        return Counter(r[key] for r in self.of(name) if spans.holds(instant_of(r[when])))


@dataclass
class Seen:
    """One look at a lake: its newest commit and all its rows by view and key."""

    ledger: Ledger
    version: int
    epoch: int
    rows: dict[str, Counter[str]]
    arrived: dict[str, int]


def look(lake_root: Path, org: str) -> Seen | None:
    """None before the first commit."""
    if not any((lake_root / org / "_delta_log").glob("*.json")):
        return None
    lake = OrgLake.open(lake_root / org)
    rows: dict[str, Counter[str]] = {}
    arrived: dict[str, int] = {}
    with Reader(lake_root, [org]) as reader:
        for view in reader.sources():
            key = "row_sha256" if view.startswith("event_log_") else '"Id"'
            if view not in ROWS and not view.startswith("event_log_"):
                continue
            found = reader.run(f"SELECT {key} AS k, event_uid, arrived_seq FROM {view}")
            assert len(set(found["event_uid"].to_pylist())) == found.num_rows, f"{view} doubled"
            rows[view] = Counter(found["k"].to_pylist())
            arrived |= dict(
                zip(found["event_uid"].to_pylist(), found["arrived_seq"].to_pylist(), strict=True)
            )
        counts = reader.row_counts()
    ledger = lake.ledger()
    for source, one in ledger.sources.items():
        assert one.stored == counts.get(source, 0), f"the ledger miscounts {source}"
    return Seen(ledger, lake.version, lake.epoch, rows, arrived)


def check(truth: Truth, seen: Seen, before: Seen | None) -> None:
    """The cursor is not ahead of the rows, nothing is doubled or made up, nothing was undone."""
    for source, name in ROWS.items():
        spans = seen.ledger.of(source).complete
        landed = seen.rows.get(source, Counter())
        _none_missing(source, truth.within(name, "id", "event_time", spans), landed)
        assert not landed - Counter(r["id"] for r in truth.of(name)), f"{source}: rows from nowhere"
    files = seen.ledger.of("event_log_file").complete
    for kind in truth.kinds():
        landed = seen.rows.get(f"event_log_{kind.lower()}", Counter())
        name = f"EventLogFile:{kind}"
        _none_missing(name, truth.within(name, "hash", "created_time", files), landed)
        everything = Counter(r["hash"] for r in truth.of(name))
        assert not landed - everything, f"{name}: {landed - everything} were never there so often"
    if before is not None:
        for source, was in before.ledger.sources.items():
            now = seen.ledger.of(source)
            assert not any(now.complete.gaps(s) for s in was.complete.items), f"{source} shrank"
            assert now.backfill_from == was.backfill_from
        changed = {u for u, seq in before.arrived.items() if seen.arrived.get(u) != seq}
        assert not changed, f"rows lost or numbered anew: {sorted(changed)[:3]}"


def _none_missing(name: str, expected: Counter[str], landed: Counter[str]) -> None:
    missing = expected - landed
    assert not missing, f"{name}: {missing.total()} rows in a complete range are not in the lake"


class World:
    """Makes the emulated org live on. A daily file holds the rows of the day's hourly ones, true
    duplicates included, and a few of its own; each hour's replaces the last."""

    def __init__(self, server: OrgsimServer, chance: random.Random) -> None:
        self._server, self._chance = server, chance
        self._user = server.app()["run_as"]
        self._days: dict[tuple[str, str], list[str]] = {}

    def hour_passes(self) -> None:
        """People sign in, somebody changes the setup, log files appear."""
        control, chance = self._server.control, self._chance
        control("clock", {"advance": "PT1H"})
        now = instant_of(control("state")["now"])
        logins = [
            {"UserId": self._user, "LoginTime": _text(now - timedelta(seconds=n))} for n in range(3)
        ]
        control("rows", {"object": "LoginHistory", "rows": logins})
        changes = [{"Action": "PermSetAssign", "CreatedById": self._user}] * chance.randrange(1, 4)
        control("rows", {"object": "SetupAuditTrail", "rows": changes})
        hour = now.replace(minute=0, second=0, microsecond=0)
        for kind in ("API", "Logout"):
            rows = [_line(kind, hour, chance.randrange(4)) for _ in range(6)]
            file = {"type": kind, "interval": "Hourly", "sequence": "1", "date": _text(hour)}
            control("logfile", _file(rows), params=file)
            day = self._days.setdefault((kind, f"{hour:%Y-%m-%d}"), [])
            day += [*rows, *[_line(kind, hour, 9)] * 2]
            control(
                "logfile", _file(day), params={"type": kind, "date": _text(hour.replace(hour=0))}
            )


def _text(instant: datetime) -> str:
    return instant.strftime("%Y-%m-%dT%H:%M:%S.%f")[:-3] + "Z"


def _line(kind: str, hour: datetime, n: int) -> str:
    return f'"{kind}","{hour:%Y%m%d%H}{n:02}00.000","{n}"'


def _file(rows: list[str]) -> bytes:
    return ("\r\n".join(['"EVENT_TYPE","TIMESTAMP","REQUEST_ID"', *rows]) + "\r\n").encode()


class Life:
    """One org from its connection on, looked at again and again."""

    def __init__(
        self, knife: Knife, server: OrgsimServer, home: Path, name: str, days: int = 1
    ) -> None:
        self.name = name
        self._server, self._knife, self._lakes = server, knife, home / "lake"
        app = server.app()
        self.org: str = knife.call(
            "connect",
            name=name,
            url=server.url,
            key=app["consumer_key"],
            secret=app["consumer_secret"],
            days=days,
        )
        self.truth = Truth(server)
        self.seen: Seen | None = None

    def now(self) -> datetime:
        return instant_of(self._server.control("state")["now"])

    def look_again(self) -> bool:
        """Check all that must hold at any moment; True if a run has fenced the table since."""
        before, self.seen = self.seen, look(self._lakes, self.org)
        if self.seen is None:
            assert before is None
            return False
        check(self.truth, self.seen, before)
        return before is None or self.seen.epoch > before.epoch

    @staticmethod
    def finished(done: dict[str, Any]) -> bool:
        value = done["value"] or {}
        return "outcomes" in value and all(o[0] == "done" for o in value["outcomes"].values())

    def converged(self) -> None:
        """All that is true is stored, once; the caches say what the lake says."""
        self.truth.changed()
        self.look_again()
        assert self.seen is not None
        for source, name in ROWS.items():
            assert self.seen.ledger.of(source).complete.items, f"{source} has no complete range"
            begin = self.seen.ledger.of(source).complete.items[0].start
            expected = Counter(
                r["id"] for r in self.truth.of(name) if instant_of(r["event_time"]) >= begin
            )
            assert self.seen.rows.get(source, Counter()) == expected
        files = self.seen.ledger.of("event_log_file").complete
        for kind in self.truth.kinds():  # `check` has seen that no row is there too often
            name = f"EventLogFile:{kind}"
            since = Spans.of([Span(files.items[0].start, BEYOND)])
            expected = self.truth.within(name, "hash", "created_time", since)
            _none_missing(
                name, expected, self.seen.rows.get(f"event_log_{kind.lower()}", Counter())
            )
        lake = OrgLake.open(self._lakes / self.org)
        assert proof.verify(lake).wrong == ()
        shown = self._knife.call("records", org=self.org)
        assert shown["running"] == 0
        stored = {s: x.stored for s, x in self.seen.ledger.sources.items()}
        # Sources that are off have a state, which says so, and no rows.
        assert {s: n for s, n in shown["rows"].items() if n or s in stored} == stored

    def adds_nothing(self, run: Callable[[], object]) -> None:
        """Another run stores no row and numbers none anew."""
        assert self.seen is not None
        before = self.seen
        run()
        self.truth.changed()
        self.look_again()
        assert self.seen.rows == before.rows
        assert self.seen.arrived == before.arrived
