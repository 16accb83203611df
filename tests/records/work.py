"""What the tests' own processes do: `python -m tests.records.work NAME '[arguments]'`.

It prints JSON lines; the first is `"ready"`, after which it waits for a line on stdin.
"""

from __future__ import annotations

import json
import logging
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import django

django.setup()

from django.db import connections  # noqa: E402

from orgwarden.core.problems import LostLease  # noqa: E402
from orgwarden.records import audit, calls, credentials, envelope, leases  # noqa: E402
from orgwarden.records.first_admin import ensure_first_admin  # noqa: E402
from orgwarden.records.models import Org  # noqa: E402
from orgwarden.records.setup import prepare_database  # noqa: E402


def say(what: object) -> None:
    print(json.dumps(what), flush=True)


def hold(org: str, seconds: float) -> None:
    """Take the lease, keep it by a heartbeat, and say when it is lost."""
    held = leases.take(
        Org.objects.get(key=org), holder=leases.Holder.here(), length=timedelta(seconds=seconds)
    )
    with leases.Heartbeat(held) as beat:
        say(held.epoch)
        while True:
            time.sleep(0.02)
            try:
                beat.check()
            except LostLease as lost:
                say(lost.code)
                return


def take_turns(org: str, times: int, inside: str) -> None:
    """Take and give back the lease; nobody else may be inside meanwhile."""
    row, epochs = Org.objects.get(key=org), []
    for _ in range(times):
        held = leases.take(row, holder=leases.Holder.here(), wait=timedelta(seconds=60))
        with Path(inside).open("x", encoding="ascii"):
            epochs.append(held.epoch)
        Path(inside).unlink()
        leases.release(held)
    say(epochs)


def write(org: str, times: int) -> None:
    """One transaction after the other: a lease, a count, an entry of the audit chain."""
    row, epochs = Org.objects.get(key=org), []
    hour = datetime(2026, 11, 21, 12, tzinfo=UTC)
    for n in range(times):
        if n % 3 == 0:
            held = leases.take(row, holder=leases.Holder.here(), wait=timedelta(seconds=100))
            leases.release(held)
            epochs.append(held.epoch)
        elif n % 3 == 1:
            calls.count(row, "login_history", hour, 2)
        else:
            audit.record("worker", audit.Action.COLLECT_STARTED, row.name, {"n": n})
    say(epochs)


def append(times: int) -> None:
    for n in range(times):
        audit.record("worker", audit.Action.ORG_TESTED, "Acme", {"n": n})
    say("done")


def refresh(org: str, threads: int, log: str) -> None:
    """Many threads find the token they saw too old at the same moment."""
    row = Org.objects.get(key=org)

    def ask() -> None:
        with open(log, "a", encoding="ascii") as out:
            out.write("asked\n")
        time.sleep(0.3)  # Salesforce takes its time
        credentials.store(row, "refresh_token", "rotated")
        credentials.store(row, "access_token", "fresh")

    def one() -> None:
        try:
            got.append(credentials.single_flight(row, seen=1, refresh=ask).value)
        finally:
            connections.close_all()

    got: list[str] = []
    crowd = [threading.Thread(target=one) for _ in range(threads)]
    for thread in crowd:
        thread.start()
    for thread in crowd:
        thread.join()
    say(got)


def refresh_and_hang(org: str) -> None:
    with credentials.refresh_lock(Org.objects.get(key=org)):
        say("inside")
        time.sleep(600)


def rotate() -> None:
    done = envelope.rotate()
    say([done.is_new, done.resealed])


def prepare() -> None:
    prepare_database()
    envelope.prepare_key_file()
    made = ensure_first_admin()
    say([made.created, made.generated_password])


def fail_loudly(org: str) -> None:
    """Log every secret of the org in every way a careless line could."""
    log = logging.getLogger("orgwarden.careless")
    row = Org.objects.get(key=org)
    for kind in credentials.KINDS:
        stored = credentials.newest(row, kind)
        assert stored is not None
        log.warning("stored %s", stored)
        log.warning("%s=%s", kind, stored.value)
        log.warning('answer was {"%s": "%s"}', kind, stored.value)
        try:
            raise RuntimeError(f"400 for url /token?{kind}={stored.value}")
        except RuntimeError:
            log.exception("Authorization: Bearer %s", stored.value)
    say("logged")


if __name__ == "__main__":
    name, arguments = sys.argv[1], json.loads(sys.argv[2])
    act = globals()[name]
    say("ready")
    sys.stdin.readline()
    act(*arguments)
    connections.close_all()
