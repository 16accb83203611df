"""What has landed equals what the emulated org says happened, row by row, value by value."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import os
import subprocess
import sys
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.support.fixtures import StartOrgsim
from tests.support.orgsim import OrgsimServer

ORGWARDEN = Path(sys.executable).parent / "orgwarden"
OBJECTS = {
    "login_history": "LoginHistory",
    "setup_audit_trail": "SetupAuditTrail",
    "users": "User",
    "organization": "Organization",
}
FIXTURES = Path(__file__).resolve().parents[3] / "shared" / "fixtures" / "elf"


class Installation:
    """An Orgwarden of its own, spoken to through its command line only."""

    def __init__(self, home: Path, server: OrgsimServer, **env: str) -> None:
        self.server = server
        self.env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ORGWARDEN_")},
            "ORGWARDEN_HOME": str(home),
            "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": f"127.0.0.1:{server.port}",
            "ORGWARDEN_LOG_LEVEL": "WARNING",
            **env,
        }
        self.run("init")
        app = server.app()
        self.run(
            "org", "connect", "demo", "--url", server.url, "--client-id", app["consumer_key"],
            "--client-secret-stdin", "--tier", "sign_ins", stdin=app["consumer_secret"],
        )  # fmt: skip

    def run(self, *words: str, stdin: str = "", exits: tuple[int, ...] = (0,)) -> str:
        done = subprocess.run(
            [str(ORGWARDEN), *words],
            input=stdin, env=self.env, capture_output=True, text=True, timeout=300, check=False,
        )  # fmt: skip
        assert done.returncode in exits, f"{words} ended with {done.returncode}: {done.stderr}"
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.run(*words, "--json"))

    def query(self, sql: str) -> list[dict[str, Any]]:
        rows: list[dict[str, Any]] = self.json("events", "query", sql, "--limit", "1000000")
        return rows


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text)


def inside(row: dict[str, Any], spans: list[tuple[datetime, datetime]]) -> bool:
    return any(a <= instant(row["event_time"]) < b for a, b in spans)


@pytest.mark.fault("D2")
@pytest.mark.seed("M15", "M16", "D13")
@pytest.mark.parametrize("event_monitoring", ["none", "licensed"])
def test_complete_ranges_equal_the_ledger_and_a_second_run_adds_none(
    tmp_path: Path, orgsim_server: StartOrgsim, event_monitoring: str
) -> None:
    days = 60 if event_monitoring == "none" else 33
    users = 15 if event_monitoring == "none" else 3
    server = orgsim_server(users=users, days=days, speed=0, event_monitoring=event_monitoring)
    home = Installation(tmp_path / "home", server)
    home.run("collect", "demo", "--until-idle")
    views = [v["view"] for v in home.json("events", "sources")]
    status = home.json("status")
    now = instant(status["as_of"])
    coverage = {
        s["id"]: [(instant(a), instant(b)) for a, b in s["complete"]]
        for s in status["orgs"][0]["sources"]
    }
    for view in views:
        if view.startswith("event_log_"):
            landed = home.query(f"SELECT row_sha256 AS k, EVENT_TYPE AS t FROM {view}")
            object_name, key = f"EventLogFile:{landed[0]['t']}", "hash"
        elif view in OBJECTS:
            landed = home.query(f'SELECT "Id" AS k FROM {view}')
            object_name, key = OBJECTS[view], "id"
        else:
            continue
        ledger = server.ledger(object_name)
        spans = coverage[view]
        expected = Counter(str(r[key]) for r in ledger if inside(r, spans))
        held = Counter(str(r["k"]) for r in landed)
        lost = expected - held
        assert not lost, f"{view}: {lost.total()} rows lost, such as {list(lost)[:3]}"
        invented = held - Counter(str(r[key]) for r in ledger)
        assert not invented, f"{view} holds {invented.total()} rows that never were"
        if view in ("login_history", "setup_audit_trail"):
            assert len(spans) == 1
            assert now - spans[0][1] < timedelta(minutes=10)
            assert now - spans[0][0] >= timedelta(days=min(days, 60))
        if event_monitoring == "licensed" and view.startswith("event_log_"):
            assert len(spans) == 1
            assert now - spans[0][0] >= timedelta(days=30), spans
            assert now - spans[0][1] < timedelta(days=3, minutes=10), spans
    counts = {v["view"]: v["rows"] for v in home.json("events", "sources")}
    home.run("collect", "demo", "--until-idle")
    again = {v["view"]: v["rows"] for v in home.json("events", "sources")}
    del counts["limits"], again["limits"]
    assert again == counts
    assert not home.json("lake", "verify")[0]["wrong"]


def test_samples_of_real_orgs_land_with_every_value_unchanged(
    tmp_path: Path, orgsim_server: StartOrgsim
) -> None:
    samples = sorted(FIXTURES.glob("*.csv"))
    if not samples:
        pytest.skip("the samples of real orgs are not beside this checkout")
    folder = tmp_path / "files"
    folder.mkdir()
    by_type: dict[tuple[str, str], list[dict[str, str]]] = {}
    for sample in samples:
        text = sample.read_bytes().decode()
        rows = list(csv.DictReader(io.StringIO(text, newline="")))
        first = rows[0]
        slot = (first.get("EVENT_TYPE") or sample.stem, first["TIMESTAMP"][:8])
        if slot in by_type:
            continue  # two files of one type and day are an error of the emulator's caller
        by_type[slot] = rows
        (folder / sample.name).write_bytes(sample.read_bytes())
    server = orgsim_server(users=5, days=2, speed=0, files=folder)
    home = Installation(tmp_path / "home", server)
    home.run("collect", "demo", "--until-idle")
    for event_type in {t for t, _ in by_type}:
        expected = [r for (t, _), rows in by_type.items() if t == event_type for r in rows]
        view = f"event_log_{event_type.lower()}"
        landed = home.query(f"SELECT * FROM {view}")
        columns = list(expected[0])
        want = Counter(tuple(r.get(c) or None for c in columns) for r in expected)
        got = Counter(tuple(r.get(c) for c in columns) for r in landed)
        assert not want - got, f"{event_type}: {list(want - got)[:1]}"
        for (t, _), rows in by_type.items():
            if t == event_type:
                hashes = {_sha(list(r.values())) for r in rows}
                assert hashes <= {r["row_sha256"] for r in landed}


def _sha(values: list[str]) -> str:
    return hashlib.sha256("\x1f".join(values).encode()).hexdigest()
