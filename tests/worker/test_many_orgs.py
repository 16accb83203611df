"""Many orgs, several workers, PostgreSQL and an object store; workers die, the database restarts.

Every org is due again long before its turn comes: there is more work than the workers can do, which
is when somebody could starve. All that is asserted is order and content, never a duration of ours.
"""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest

from orgwarden.core.spans import instant_of
from orgwarden.lake import place, proof
from orgwarden.lake.reading import Reader
from orgwarden.lake.table import OrgLake
from orgwarden.records import leases
from scripts import parts
from tests.support.object_store import SECRET_KEY, ObjectStore
from tests.support.postgres import PostgresCluster
from tests.worker.fleet import Orgs, Records, Worker, prepare, until

SOURCES = {"login_history": "LoginHistory", "setup_audit_trail": "SetupAuditTrail"}
ROUNDS = 3  # before, between and after the readings of an org no other is read more often
WORKERS = 4
PACE = 5  # and a cadence of a minute: due every 12 seconds; a round takes longer


@dataclass
class Fleet:
    """Orgs, their records and lake, and the workers."""

    orgs: Orgs
    keys: list[str]
    cluster: PostgresCluster
    records: Records
    lake: place.Place
    env: dict[str, str]
    logs: Path
    workers: list[Worker]

    def start(self) -> None:
        self.logs.mkdir(exist_ok=True)
        log = self.logs / f"{len(list(self.logs.iterdir()))}.log"
        self.workers.append(Worker(self.env, log))

    def alive(self) -> bool:
        return all(w.process.poll() is None for w in self.workers)

    def read(self) -> int:
        """How many orgs had each of the sources read."""
        done = {(r.org, r.source) for r in self.records.runs() if r.outcome == "done"}
        return sum(all((key, s) in done for s in SOURCES) for key in self.keys)

    def complete(self, newest: dict[tuple[str, str], datetime]) -> bool:
        """Whether each source of each org is called complete from its beginning to beyond this
        instant. That a reading began later is not enough: what it was answered may have been asked
        with an earlier one."""
        found = self.records.complete()
        return all(
            at in found and len(found[at].items) == 1 and found[at].items[0].end > when
            for at, when in newest.items()
        )

    def kill_at_work(self) -> tuple[str, int]:
        """Kill -9 a worker while it reads an org; the org and its epoch."""
        while True:
            for worker in self.workers:
                worker.send(signal.SIGSTOP)  # so that it cannot let go meanwhile
                held = self.records.held_by(worker.pid)
                if held is not None and held[0] in self.records.reading():
                    worker.send(signal.SIGKILL)
                    worker.process.wait()
                    self.workers.remove(worker)
                    return held[0], held[2]
                worker.send(signal.SIGCONT)

    def restart_database(self) -> None:
        until(lambda: all(w.at_work() for w in self.workers), self.alive)
        self.cluster.crash()
        self.cluster.start_again()

    def now(self) -> float:
        [[now]] = self.records.ask("SELECT extract(epoch FROM clock_timestamp())::float8")
        return float(now)

    def epoch(self, org: str) -> int:
        [[epoch]] = self.records.ask(
            "SELECT l.epoch FROM records_lease l JOIN records_org o ON o.id = l.org_id"
            " WHERE o.key = %s", org,
        )  # fmt: skip
        return int(epoch)


@pytest.fixture
def fleet(tmp_path: Path, object_store: ObjectStore, scale: int) -> Iterator[Fleet]:
    programs = parts.find_postgres()
    assert programs is not None, "PostgreSQL's initdb was not found; `make test` installs it"
    with ExitStack() as after:
        orgs = Orgs(scale)
        after.callback(orgs.stop)
        # What a crash of the server loses by configuration is not what this is about.
        cluster = PostgresCluster(Path(programs), settings=("synchronous_commit=on",))
        after.callback(cluster.stop)
        url = cluster.create_database("fleet")
        env = {
            **{k: v for k, v in os.environ.items() if not k.startswith("ORGWARDEN_")},
            **object_store.environment("fleet"),
            "ORGWARDEN_HOME": str(tmp_path / "home"),
            "ORGWARDEN_DATABASE_URL": url,
            "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": ",".join(
                f"127.0.0.1:{port}" for port in orgs.ports
            ),
            "ORGWARDEN_LOG_LEVEL": "WARNING",
            "ORGWARDEN_PACE": str(PACE),
        }
        keys = prepare(env, orgs, only=list(SOURCES), cadence=dict.fromkeys(SOURCES, 1))
        lake = place.root("s3://lake/fleet", object_store.store())
        held = Fleet(orgs, keys, cluster, Records(url), lake, env, tmp_path / "logs", [])
        after.callback(lambda: [w.end() for w in held.workers])
        yield held


@pytest.mark.postgres
@pytest.mark.fault("F1", "F6", "F7")
@pytest.mark.parametrize("scale", [50])
def test_no_org_starves_and_nothing_is_lost_when_workers_die_and_the_database_restarts(
    fleet: Fleet, scale: int
) -> None:
    disturbed: set[str] = set()
    for _ in range(WORKERS):
        fleet.start()
    until(lambda: fleet.read() >= scale // 5, fleet.alive)

    # A worker on another machine dies: nobody here can see that, so its lease has to run out.
    killed, epoch = fleet.kill_at_work()
    fleet.records.ask(
        "UPDATE records_lease SET holder = 'elsewhere/another-boot:1/1/1/' || left(holder, 9)"
        " WHERE epoch = %s AND org_id = (SELECT id FROM records_org WHERE key = %s)", epoch, killed,
    )  # fmt: skip
    [[ends]] = fleet.records.ask(
        "SELECT extract(epoch FROM l.expires_at)::float8 FROM records_lease l"
        " JOIN records_org o ON o.id = l.org_id WHERE o.key = %s", killed,
    )  # fmt: skip
    assert ends <= fleet.now() + leases.LENGTH.total_seconds()
    disturbed.add(killed)
    fleet.start()

    # The database dies while orgs are in hand, commits are on their way, and once more while the
    # workers recover from that.
    until(lambda: fleet.read() >= scale // 2, fleet.alive)
    for _ in range(2):
        disturbed |= {org for org, _, _ in fleet.records.held()}
        fleet.restart_database()
    # A worker of this machine dies, and the database right after it.
    second, _ = fleet.kill_at_work()
    disturbed |= {second, *(org for org, _, _ in fleet.records.held())}
    fleet.restart_database()
    fleet.start()

    for n in range(scale):
        fleet.orgs.hour_passes(n)
    newest = {
        (key, view): max(instant_of(r["event_time"]) for r in fleet.orgs.ledger(n, name))
        for n, key in enumerate(fleet.keys)
        for view, name in SOURCES.items()
    }
    until(lambda: fleet.complete(newest), fleet.alive)
    assert fleet.epoch(killed) > epoch
    for worker in fleet.workers:
        worker.tell()
    assert [worker.end() for worker in fleet.workers] == [0] * WORKERS

    runs = [r for r in fleet.records.runs() if r.source == "login_history"]
    after = [r.org for r in runs if r.started > ends]
    assert len(set(after[: after.index(killed)])) <= 2 * WORKERS, "it was not taken over at once"
    for org in set(fleet.keys) - disturbed:
        at = [n for n, r in enumerate(runs) if r.org == org]
        for before, next_ in pairwise([-1, *at, len(runs)]):
            between = Counter(r.org for r in runs[before + 1 : next_])
            assert max(between.values(), default=0) <= ROUNDS, f"{org} waited: {between}"
    for n, key in enumerate(fleet.keys):
        holds_the_truth(fleet, n, key)
    assert not any(SECRET_KEY in log.read_text() for log in fleet.logs.iterdir())


def holds_the_truth(fleet: Fleet, n: int, key: str) -> None:
    """What the org says happened in a span that is called complete is in its table, each once;
    nothing else is but what the org says happened later; and every proof holds."""
    lake = OrgLake.open(fleet.lake / key)
    ledger = lake.ledger()
    with Reader(fleet.lake, [key]) as reader:
        for view, name in SOURCES.items():
            happened = {r["id"]: instant_of(r["event_time"]) for r in fleet.orgs.ledger(n, name)}
            [complete] = ledger.of(view).complete.items
            assert complete.start == ledger.of(view).backfill_from
            promised = {row for row, at in happened.items() if complete.start <= at < complete.end}
            assert len(promised) >= 2, "nothing happened"
            rows = Counter(reader.run(f'SELECT "Id" FROM {view}').column(0).to_pylist())
            assert promised <= rows.keys() <= happened.keys(), view
            assert set(rows.values()) == {1}, view
    assert proof.verify(lake).wrong == ()
