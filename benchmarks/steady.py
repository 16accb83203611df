"""Steady state: many orgs in which events keep happening, and one installation that keeps up.

Every source that is on by default is collected at its cadence, and the sign-ins among them. Once
every org has been read, so many sign-ins a second happen for so many minutes, evenly over the orgs.
How late one is: from its time in the org, cut to the second, to the time of the commit that holds
it, after which anybody who asks sees it. `python -m benchmarks.steady --orgs 10 --minutes 3 --rate
200 --cadence 3` tries another size and prints what it was.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path

import requests

from benchmarks.measure import Benchmark, Figure, Setting
from orgwarden.lake.reading import Reader
from tests.support.postgres import free_port
from tests.worker.fleet import ORGWARDEN, ROOT, Orgs, prepare

ORGS, MINUTES, RATE = 50, 15, 1000
SHORT_ORGS, SHORT_MINUTES, SHORT_RATE, SHORT_CADENCE = 10, 3, 200, 3
CADENCE = 15  # minutes, of sign-ins where nothing else is said
BESIDES = 30  # seconds that may pass besides
FEEDERS = 4
WARM = 3600.0  # seconds within which every org has to be read once
LIMIT_MB = 1500
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Size:
    """`rate` is of events a second in all orgs, `cadence` in minutes."""

    orgs: int
    minutes: float
    rate: int
    cadence: int = CADENCE


@dataclass(frozen=True)
class Seen:
    """Seconds from an event to its commit; resident memory is of all our processes at once."""

    events: int
    seconds: float
    p50: float
    p99: float
    latest: float
    resident_mb: float
    ours_s: float
    emulator_s: float


def measured(size: Size, folder: Path) -> Seen:
    """Run it. Raises RuntimeError when an org could not be read or an event is missing."""
    orgs = Orgs(size.orgs, speed=1)
    port = free_port()
    hosts = ",".join(f"127.0.0.1:{p}" for p in orgs.ports)
    env = {
        **{k: v for k, v in os.environ.items() if not k.startswith("ORGWARDEN_")},
        "ORGWARDEN_HOME": str(folder / "home"),
        "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": hosts,
        "ORGWARDEN_LOG_LEVEL": "WARNING",
    }
    words = [str(ORGWARDEN), "serve", "--port", str(port)]
    try:
        keys = prepare(env, orgs, cadence={"login_history": size.cadence})
        with (folder / "serve.log").open("wb") as log:
            serving = subprocess.Popen(words, env=env, cwd=ROOT, stdout=log, stderr=log)
        try:
            return _watched(size, orgs, keys, folder / "home", serving)
        finally:
            serving.terminate()
            serving.wait(60)
    finally:
        orgs.stop()


def _watched(
    size: Size, orgs: Orgs, keys: list[str], home: Path, serving: subprocess.Popen[bytes]
) -> Seen:
    [database] = home.glob("*.sqlite3")
    _until(
        lambda: (
            _ask(database, "SELECT count(*) FROM records_org WHERE last_synced_at IS NULL") == 0
        ),
        WARM,
        serving,
    )
    watch = Resident(serving.pid)
    watch.start()
    ours, theirs = processor(family(serving.pid)), processor([orgs.process.pid])
    begun = time.time()
    fed = feed(size, orgs)
    ended = time.time()
    there: dict[str, float] = {}
    for number in (1, 2):  # the first reading may have been asked together with an earlier one
        _until(partial(_read, database, ended, number), 4500, serving)
        # An org's clock has whole seconds, and need not agree with ours to the second.
        found = (row for key in keys for row in lateness(home / "lake", key, begun - 60))
        there = {row: seconds for row, seconds in found if row in fed}
        if len(there) == len(fed):
            break
    ours = processor(family(serving.pid)) - ours
    theirs = processor([orgs.process.pid]) - theirs
    watch.stop()
    late = sorted(there.values())
    if len(there) < len(fed):
        raise RuntimeError(f"{len(fed) - len(there):,} of {len(fed):,} events had not come")
    return Seen(
        events=len(late),
        seconds=round(ended - begun, 1),
        p50=round(late[len(late) // 2], 1),
        p99=round(late[min(len(late) - 1, len(late) * 99 // 100)], 1),
        latest=round(late[-1], 1),
        resident_mb=round(watch.peak / 1e6),
        ours_s=round(ours, 1),
        emulator_s=round(theirs, 1),
    )


def feed(size: Size, orgs: Orgs) -> set[str]:
    """Let sign-ins happen, each second the same number in every org; the ids of all."""
    each = max(1, size.rate // size.orgs)
    users = [orgs.control(n, "app")["run_as"] for n in range(size.orgs)]
    begun = time.monotonic()
    ids: list[set[str]] = [set() for _ in range(FEEDERS)]
    failures: list[str] = []

    def some(turn: int) -> None:
        session = requests.Session()
        session.trust_env = False
        for second in range(round(size.minutes * 60)):
            time.sleep(max(0.0, begun + second - time.monotonic()))
            for n in range(turn, size.orgs, FEEDERS):
                rows = [{"UserId": users[n]}] * each
                asked = {"object": "LoginHistory", "rows": rows}
                answer = session.post(f"{orgs.url(n)}/_sim/rows", json=asked, timeout=60)
                if answer.status_code != 201:
                    failures.append(answer.text[:200])
                    return
                ids[turn].update(answer.json()["ids"])

    threads = [threading.Thread(target=some, args=(turn,)) for turn in range(FEEDERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise RuntimeError(f"orgsim answered {failures[0]}")
    return set().union(*ids)


def lateness(lake: Path, key: str, since: float) -> Iterator[tuple[str, float]]:
    """Of each sign-in of an org since then, its id and its seconds until the commit."""
    committed: dict[int, float] = {}
    for file in sorted((lake / key / "_delta_log").glob("*.json")):
        for line in file.open():
            told = json.loads(line).get("commitInfo")
            if told and "orgwarden" in told:
                # The fence of the next collection carries the same number, later.
                committed.setdefault(json.loads(told["orgwarden"])["seq"], told["timestamp"] / 1000)
    with Reader(lake, [key]) as reader:
        found = reader.run(
            'SELECT "Id", epoch(n_time) AS at, arrived_seq FROM login_history'
            " WHERE epoch(n_time) >= ?",
            [since],
            limit=10_000_000,
            seconds=300,
        )
    for row in found.to_pylist():
        yield row["Id"], committed[row["arrived_seq"]] - row["at"]


class Resident(threading.Thread):
    """Looks twice a second at what a process and its children have resident; `peak` in bytes."""

    def __init__(self, pid: int) -> None:
        super().__init__(daemon=True)
        self._pid, self._stop_now, self.peak = pid, threading.Event(), 0

    def run(self) -> None:
        while not self._stop_now.wait(0.5):
            self.peak = max(self.peak, sum(map(_resident, family(self._pid))))

    def stop(self) -> None:
        self._stop_now.set()
        self.join()


def family(pid: int) -> list[int]:
    """A process and all below it."""
    below: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue  # ended meanwhile
        below.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [pid]
    for one in found:
        found += below.get(one, [])
    return found


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def processor(pids: list[int]) -> float:
    """Seconds of processor time that these have used, and their children that ended."""
    used = 0
    for pid in pids:
        try:
            fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        except OSError:
            continue
        used += sum(map(int, fields[11:15]))
    return used / os.sysconf("SC_CLK_TCK")


def _read(database: Path, since: float, times: int) -> bool:
    """Whether the sign-ins of every org have been read so often since then."""
    fewest = _ask(
        database,
        "SELECT min((SELECT count(*) FROM records_run r WHERE r.org_id = o.id"
        " AND r.source = 'login_history' AND r.outcome = 'done'"
        f" AND julianday(r.started_at) > julianday({since}, 'unixepoch'))) FROM records_org o",
    )
    return fewest >= times


def _ask(database: Path, sql: str) -> int:
    with closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)) as records:
        [count] = records.execute(sql).fetchone()
    return int(count)


def _until(done: Callable[[], bool], seconds: float, serving: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + seconds
    while not done():
        if serving.poll() is not None:
            raise RuntimeError(f"orgwarden ended with {serving.returncode}")
        if time.monotonic() > end:
            raise RuntimeError(f"it did not come to that within {seconds:.0f} s")
        time.sleep(1)


def seen(setting: Setting, size: Size) -> Seen:
    """Measured once for all figures that are told of it."""
    kept = setting.shared / f"steady-{size.orgs}-{size.minutes}-{size.rate}-{size.cadence}.json"
    if not kept.is_file():
        kept.write_text(json.dumps(asdict(measured(size, setting.folder))))
    return Seen(**json.loads(kept.read_text()))


def late(size: Size) -> Callable[[Setting], Figure]:
    def body(setting: Setting) -> Figure:
        found = seen(setting, size)
        return Figure(found.events, found.seconds, _notes(size, found), told=found.p99)

    return body


def resident(size: Size) -> Callable[[Setting], Figure]:
    def body(setting: Setting) -> Figure:
        found = seen(setting, size)
        return Figure(found.events, found.seconds, told=found.resident_mb)

    return body


def _notes(size: Size, found: Seen) -> dict[str, float | str]:
    return {
        "orgs": size.orgs,
        "minutes": size.minutes,
        "cadence_min": size.cadence,
        "events_a_s": round(found.events / found.seconds),
        "p50_s": found.p50,
        "latest_s": found.latest,
        "processor_s": found.ours_s,
        "emulator_s": found.emulator_s,
    }


def _rows(key: str, title: str, size: Size) -> tuple[Benchmark, Benchmark]:
    same = partial(Benchmark, unit="events", less=True, times=1, large=True)
    aim = size.cadence * 60 + BESIDES
    memory = f"{key}-memory"
    return (
        same(key, title, body=late(size), measure="s p99", aim=aim),
        same(memory, "The same", body=resident(size), measure="MB resident", aim=LIMIT_MB),
    )


BENCHMARKS = (
    *_rows(
        "steady-short",
        "Ten orgs in which 200 sign-ins a second happen, from event to queryable",
        Size(SHORT_ORGS, SHORT_MINUTES, SHORT_RATE, SHORT_CADENCE),
    ),
    *_rows(
        "steady",
        "Fifty orgs in which 1,000 sign-ins a second happen, from event to queryable",
        Size(ORGS, MINUTES, RATE),
    ),
)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--orgs", type=int, default=ORGS)
    parser.add_argument("--minutes", type=float, default=MINUTES)
    parser.add_argument("--rate", type=int, default=RATE, help="events a second, in all orgs")
    parser.add_argument("--cadence", type=int, default=CADENCE, help="minutes")
    size = Size(**vars(parser.parse_args()))
    with tempfile.TemporaryDirectory(prefix="orgwarden-bench-") as folder:
        print(json.dumps(asdict(size) | asdict(measured(size, Path(folder)))))


if __name__ == "__main__":
    main()
