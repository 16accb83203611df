"""Many emulated orgs in one process, the workers that collect them, and what their records say."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg
import requests

from orgwarden.core.spans import Spans
from tests.support.orgsim import ORGSIM, READY_WITHIN
from tests.support.postgres import free_port

ROOT = Path(__file__).parents[2]
ORGWARDEN = Path(sys.executable).parent / "orgwarden"
PATIENCE = 900.0  # seconds; a test that needs it has failed
SCOPES = ("api", "refresh_token", "id")  # not openid: making a key to sign with takes long


class Orgs:
    """`count` small orgs on consecutive ports. Their clocks stand still, or go at a `speed`."""

    def __init__(self, count: int, *, users: int = 2, speed: int = 0) -> None:
        self.session = requests.Session()
        self.session.trust_env = False
        while True:  # until the ports are all free
            base = free_port()
            self.ports = range(base, base + count)
            self._output = tempfile.TemporaryFile("w+")  # noqa: SIM115  as long as the process
            words = ["--orgs", count, "--users", users, "--days", 1, "--speed", speed]
            self.process = subprocess.Popen(
                [str(ORGSIM), "serve", "--port", str(base), *map(str, words)],
                stdin=subprocess.DEVNULL,
                stdout=self._output,
                stderr=subprocess.STDOUT,
            )
            if self._ready(count):
                return

    def _ready(self, count: int) -> bool:
        until = time.monotonic() + READY_WITHIN
        while True:
            ended = self.process.poll() is not None
            self._output.seek(0)
            said = self._output.read()
            if said.count("orgsim ready") == count:
                return True
            if ended and "is in use" in said:
                return False
            assert not ended, said
            assert time.monotonic() < until, said
            time.sleep(0.05)

    def url(self, n: int) -> str:
        return f"http://127.0.0.1:{self.ports[n]}"

    def control(self, n: int, path: str, body: Any = None) -> Any:
        method = "GET" if body is None else "POST"
        answer = self.session.request(method, f"{self.url(n)}/_sim/{path}", json=body, timeout=60)
        answer.raise_for_status()
        return answer.json()

    def ledger(self, n: int, source: str) -> list[dict[str, Any]]:
        answer = self.session.get(
            f"{self.url(n)}/_sim/ledger", params={"source": source}, timeout=60
        )
        answer.raise_for_status()
        return [json.loads(line) for line in answer.text.splitlines() if line]

    def app(self, n: int) -> dict[str, Any]:
        """The app of org `n` that is always there, with what it needs here and no more."""
        found: dict[str, Any] = self.control(n, "app", {"scopes": SCOPES})
        return found

    def asked(self) -> list[dict[str, str]]:
        """What `prepare_fleet` is told of each."""
        apps = [self.app(n) for n in range(len(self.ports))]
        return [
            {"name": f"org {n}", "url": self.url(n), "key": app["consumer_key"],
             "secret": app["consumer_secret"]}
            for n, app in enumerate(apps)
        ]  # fmt: skip

    def hour_passes(self, n: int) -> None:
        """Somebody signs in and changes the setup, long enough ago to be called complete."""
        user = self.control(n, "app")["run_as"]
        self.control(n, "clock", {"advance": "PT1H"})
        self.control(n, "rows", {"object": "LoginHistory", "rows": [{"UserId": user}] * 3})
        change = {"Action": "PermSetAssign", "CreatedById": user}
        self.control(n, "rows", {"object": "SetupAuditTrail", "rows": [change] * 2})
        # Complete is what is older than the sources' lag; a clock that stands still gets no older.
        self.control(n, "clock", {"advance": "PT6M"})

    def stop(self) -> None:
        self.session.close()
        self.process.terminate()
        try:
            self.process.wait(20)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        self._output.close()


def prepare(env: dict[str, str], orgs: Orgs, **more: Any) -> list[str]:
    """Connect these orgs, see `prepare_fleet`. The key of each."""
    made = subprocess.run(
        [sys.executable, "-m", "tests.worker.prepare_fleet"],
        input=json.dumps({"orgs": orgs.asked(), **more}),
        env=env,
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert made.returncode == 0, made.stderr[-3000:]
    keys: list[str] = json.loads(made.stdout)
    return keys


class Worker:
    """One `orgwarden worker`."""

    def __init__(self, env: dict[str, str], log: Path) -> None:
        self.log, self._told = log, False
        with log.open("ab") as out:
            self.process = subprocess.Popen(
                [str(ORGWARDEN), "worker"],
                env={**env, "PYTHONFAULTHANDLER": "1"},
                cwd=ROOT,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
            )
        self.pid = self.process.pid

    def at_work(self) -> bool:
        """It has started: one that finds no database when it does says so and ends."""
        return "The worker is running" in self.log.read_text()

    def send(self, number: signal.Signals) -> None:
        os.kill(self.pid, number)

    def tell(self) -> None:
        """Ask it to end, once: a second signal finds a Python that is on its way out, and kills."""
        if not self._told and self.process.poll() is None:
            self._told = True
            self.process.terminate()

    def end(self) -> int:
        """How it ended when it was told to. A store that does not answer holds up all its threads
        for a minute; raises AssertionError if it takes much longer."""
        self.tell()
        try:
            return self.process.wait(150)
        except subprocess.TimeoutExpired:
            self.send(signal.SIGABRT)  # its log then tells what each of its threads was doing
            self.process.wait()
            raise AssertionError(f"it did not end:\n{self.log.read_text()[-6000:]}") from None


@dataclass(frozen=True)
class Started:
    """A run of one source of an org."""

    org: str
    source: str
    started: float  # seconds since 1970
    outcome: str


class Records:
    """The records as a stranger with a database client sees them."""

    def __init__(self, url: str) -> None:
        self.url = url

    def ask(self, sql: str, *parameters: Any) -> list[tuple[Any, ...]]:
        """Asked again for as long as the server is away."""
        until = time.monotonic() + PATIENCE
        while True:
            try:
                with psycopg.connect(self.url, autocommit=True, connect_timeout=5) as connection:
                    found = connection.execute(sql.encode(), parameters)
                    return found.fetchall() if found.description else []
            except psycopg.OperationalError:
                assert time.monotonic() < until
                time.sleep(0.1)

    def runs(self) -> list[Started]:
        """Oldest first."""
        return [
            Started(*row)
            for row in self.ask(
                "SELECT o.key, r.source, extract(epoch FROM r.started_at)::float8, r.outcome"
                " FROM records_run r JOIN records_org o ON o.id = r.org_id ORDER BY r.started_at"
            )
        ]

    def complete(self) -> dict[tuple[str, str], Spans]:
        """By org and source, what the org's pages call complete."""
        return {
            (key, source): Spans.from_json(coverage.get("complete", ()))
            for key, source, coverage in self.ask(
                "SELECT o.key, s.source, s.coverage FROM records_sourcestate s"
                " JOIN records_org o ON o.id = s.org_id"
            )
        }

    def reading(self) -> set[str]:
        """The orgs that are being read."""
        return {r.org for r in self.runs() if r.outcome == "running"}

    def held(self) -> list[tuple[str, str, int]]:
        """Org, holder and epoch of each lease that somebody holds."""
        return [
            (key, holder, epoch)
            for key, holder, epoch in self.ask(
                "SELECT o.key, l.holder, l.epoch FROM records_lease l"
                " JOIN records_org o ON o.id = l.org_id WHERE l.holder <> ''"
            )
        ]

    def held_by(self, pid: int) -> tuple[str, str, int] | None:
        mine = (h for h in self.held() if h[1].split("/")[2] == str(pid))
        return next(mine, None)


def until(condition: Callable[[], bool], alive: Callable[[], bool] = lambda: True) -> None:
    """Look again and again; the condition decides, not the clock."""
    end = time.monotonic() + PATIENCE
    while not condition():
        assert alive(), "a process ended by itself"
        assert time.monotonic() < end, "it never came to that"
        time.sleep(0.5)
