"""A process that forks one child per order and kills or stops it: `python -m tests.flows.knife`.

Orders and answers are JSON lines. Everything is imported before the first fork and nothing of it
is used: no thread runs and no connection is open when a child is born, so that a child begins
within milliseconds. The child's work is one of the functions below.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import time
import traceback
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import django

from orgwarden.site import home

home.prepare()
django.setup()

from django.conf import settings  # noqa: E402

from orgwarden.catalog.sources import BY_ID  # noqa: E402
from orgwarden.core.problems import Problem  # noqa: E402
from orgwarden.flows import upkeep  # noqa: E402
from orgwarden.flows.collect import collect  # noqa: E402
from orgwarden.flows.connecting.connect import connect_org  # noqa: E402
from orgwarden.records.envelope import prepare_key_file  # noqa: E402
from orgwarden.records.models import Org, Run, SourceState  # noqa: E402
from orgwarden.records.setup import prepare_database  # noqa: E402


def prepare() -> None:
    prepare_database()
    prepare_key_file()


def connect(name: str, url: str, key: str, secret: str, days: int) -> str:
    settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS = [url.removeprefix("http://")]
    org = connect_org(
        name=name,
        url=url,
        client_id=key,
        client_secret=secret,
        flow=Org.Flow.CLIENT_CREDENTIALS,
        actor="knife",
        backfill_days=days,
        tiers=("sign_ins",),
    )
    return org.key


def gather(
    org: str,
    sources: list[str],
    lease: float,
    wait: float = 0,
    signals: dict[str, Any] | None = None,
) -> dict[str, Any]:
    """Collect. `signals` is {point, nth, signal}: sent to ourselves when we get there."""
    row = Org.objects.get(key=org)
    settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS = [row.url.removeprefix("http://")]
    met: dict[str, int] = {}

    def at(point: str) -> None:
        met[point] = met.get(point, 0) + 1
        if signals and signals["point"] == point and signals["nth"] == met[point]:
            os.kill(os.getpid(), signals["signal"])

    try:
        done = collect(
            row,
            sources=[BY_ID[s] for s in sources],
            length=timedelta(seconds=lease),
            wait=timedelta(seconds=wait),
            at=at,
        )
    except Problem as problem:
        return {"problem": type(problem).__name__, "sentence": problem.sentence(), "met": met}
    return {"outcomes": {o.source: [o.outcome, o.reason, o.stored] for o in done.outcomes},
            "met": met}  # fmt: skip


def rebuild(org: str) -> dict[str, Any]:
    return upkeep.rebuild(Org.objects.get(key=org))


def records(org: str) -> dict[str, Any]:
    """What the pages would show."""
    row = Org.objects.get(key=org)
    states = SourceState.objects.filter(org=row)
    return {
        "rows": {s.source: s.rows for s in states},
        "coverage": {s.source: s.coverage for s in states},
        "running": Run.objects.filter(org=row, outcome=Run.Outcome.RUNNING).count(),
    }


ACTS: dict[str, Callable[..., Any]] = {
    act.__name__: act for act in (prepare, connect, gather, rebuild, records)
}


def say(answer: dict[str, Any]) -> None:
    print(json.dumps(answer), flush=True)


def obey(order: dict[str, Any]) -> dict[str, Any]:
    """Run one act in a child. With `kill_after` seconds it is killed then, unless it is done."""
    reader, writer = os.pipe()
    began = time.monotonic()
    child = os.fork()
    if child == 0:
        _be_child(order, writer)
    os.close(writer)
    watched = os.pidfd_open(child)
    try:
        say({"child": child})
        until = order.get("kill_after")
        ended, _, _ = select.select([watched], [], [], until)
        if not ended:
            signal.pidfd_send_signal(watched, signal.SIGKILL)
        with os.fdopen(reader, "rb") as answer:
            told = answer.read()
        _, status = os.waitpid(child, 0)
    finally:
        os.close(watched)
    return {
        "killed": os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL,
        "seconds": time.monotonic() - began,
        "value": json.loads(told) if told else None,
    }


def _be_child(order: dict[str, Any], writer: int) -> None:
    code = 1
    try:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # orders are answered by the parent alone
        value = ACTS[order["do"]](**order["with"])
        os.write(writer, json.dumps({"returned": value}).encode())
        code = 0
    except BaseException:  # noqa: BLE001  handed to the test
        os.write(writer, json.dumps({"raised": traceback.format_exc()[-3000:]}).encode())
    finally:
        os._exit(code)


def main() -> None:
    say({"ready": True, "threads": len(os.listdir("/proc/self/task"))})
    for line in sys.stdin:
        say(obey(json.loads(line)))


if __name__ == "__main__":
    main()
