"""The activity page as people ask for it: over HTTP, signed in, no question asked twice.

What is timed is the whole page: the bars, the facets, the newest hundred rows, rendered. Half of
the questions ask for everything of their time, the others narrow it by a source, an outcome, a
person, an address or an action. A search for a piece of text reads twelve columns of every row; it
is asked too, but told in the notes and not among the others.
"""

from __future__ import annotations

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta
from math import ceil
from pathlib import Path
from random import Random
from typing import Any

import requests

from benchmarks.big_lake import ADMIN, Built, build
from benchmarks.logs import FIRST_DAY
from benchmarks.measure import Benchmark, Figure, Setting, timed
from orgwarden.lake import activity as lake
from orgwarden.lake.activity import PATIENCE
from orgwarden.lake.days import DaysReader
from orgwarden.lake.overview import overview
from tests.support.command import ORGWARDEN
from tests.support.postgres import free_port

QUESTIONS = 40
SEARCHES = 3
PHASED = 7  # questions taken apart for a profile
READY_WITHIN = 60.0  # seconds
NARROWED = (
    {"source": "event_log_restapi"},
    {"outcome": "failure"},
    {"actor": "person.12"},
    {"ip": "10"},
    {"action": "query"},
)


def page(rows: int, *, days: int, span: timedelta) -> Callable[[Setting], Figure]:
    """The page's 95th percentile for questions over `span`, of a lake of `rows` in `days`."""

    def body(setting: Setting) -> Figure:
        port = free_port()
        address = f"http://127.0.0.1:{port}"
        home = setting.shared / f"lake-{setting.scaled(rows)}-{days}"
        made, built = build(
            home, rows=setting.scaled(rows), days=days, ORGWARDEN_PUBLIC_URL=address
        )
        with (
            serving(made.env, port, setting.folder / "web.log") as (web, peak),
            signed_in(address) as session,
        ):
            rng = Random(span.days)
            ask(session, address, built.days, span, {}, rng)  # Python has loaded everything
            took = []
            with timed() as watch:
                for number in range(QUESTIONS):
                    narrow = NARROWED[number // 2 % len(NARROWED)] if number % 2 else {}
                    took.append(ask(session, address, built.days, span, narrow, rng))
            searched = [
                ask(session, address, built.days, span, {"text": text}, rng)
                for text in ("account", "lightning", "outreach")[:SEARCHES]
            ]
            notes: dict[str, float | str] = {
                "rows": f"{built.rows:,}",
                "days": built.days,
                "rows_in_the_time_asked": f"{round(built.rows / built.days * span.days):,}",
                "GB_on_disk": round(built.size / 1e9, 1),
                "questions": QUESTIONS,
                "median_ms": round(sorted(took)[len(took) // 2] * 1000),
                "slowest_ms": round(max(took) * 1000),
                # The page gives a question up after so long, and says so.
                "text_search_ms": round(max(searched) * 1000)
                if max(searched) < PATIENCE
                else f"given up after {PATIENCE:.0f} s",
                "peak_MB": peak(),
            }
            assert web.poll() is None
        p95 = sorted(took)[ceil(len(took) * 0.95) - 1]
        phased = phases(built, span) if setting.profile else None
        return Figure(QUESTIONS, watch.seconds, notes, told=p95 * 1000, profile=phased)

    return body


def ask(
    session: requests.Session,
    address: str,
    days: int,
    span: timedelta,
    narrow: dict[str, str],
    rng: Random,
) -> float:
    """Seconds of one page. Raises RuntimeError when it shows no events or a reason instead."""
    since = begin(days, span, rng)
    asked = {"from": f"{since:%Y-%m-%dT%H:%M:%SZ}", "to": f"{since + span:%Y-%m-%dT%H:%M:%SZ}"}
    begun = time.perf_counter()
    answer = session.get(f"{address}/activity/", params=asked | narrow, timeout=120)
    took = time.perf_counter() - begun
    empty = not narrow and "/activity/event/" not in answer.text
    given_up = "took longer than" in answer.text and "text" not in narrow
    if answer.status_code != 200 or empty or given_up:
        raise RuntimeError(f"the page of {asked | narrow} shows no events: {answer.status_code}")
    return took


def phases(built: Built, span: timedelta) -> dict[str, Any]:
    """What a page asks of the lake, step by step in this process: median milliseconds of each."""
    [key] = [p.name for p in (built.home / "lake").iterdir() if (p / "_delta_log").is_dir()]
    rng = Random(1)
    took: dict[str, list[float]] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        with timed() as watch:
            yield
        took.setdefault(name, []).append(watch.seconds * 1000)

    for _ in range(PHASED):
        since = begin(built.days, span, rng)
        asked = lake.Question(since, since + span)
        with ExitStack() as opened:
            with step("opening the snapshot"):
                reader = opened.enter_context(
                    DaysReader(built.home / "lake", [key], since=since, until=since + span)
                )
            with step("bars over time and facets"):
                bars = overview(reader, asked).bars
            with step("the newest hundred rows"):
                lake.newest(reader, asked, bars=bars)
    return {"phases": {name: sorted(ms)[len(ms) // 2] for name, ms in took.items()}}


def begin(days: int, span: timedelta, rng: Random) -> datetime:
    """When a question's time begins, to the minute, so that all of it is within the lake's days."""
    minutes = int((timedelta(days=days) - span) / timedelta(minutes=1))
    return FIRST_DAY + timedelta(minutes=rng.randint(0, max(0, minutes)))


@contextmanager
def serving(
    env: dict[str, str], port: int, log: Path
) -> Iterator[tuple[subprocess.Popen[bytes], Callable[[], float]]]:
    """`orgwarden web`, and how much memory it had resident at most, in MB."""
    with log.open("wb") as out:
        web = subprocess.Popen(
            [str(ORGWARDEN), "web", "--port", str(port)],
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
        )

    def peak() -> float:
        told = Path(f"/proc/{web.pid}/status").read_text()
        return round(int(re.findall(r"VmHWM:\s+(\d+) kB", told)[0]) * 1024 / 1e6)

    try:
        until = time.monotonic() + READY_WITHIN
        while True:
            try:
                if requests.get(f"http://127.0.0.1:{port}/health/", timeout=10).ok:
                    break
            except requests.ConnectionError:
                if web.poll() is not None or time.monotonic() > until:
                    raise RuntimeError(f"the pages do not answer: {log.read_text()}") from None
            time.sleep(0.1)
        yield web, peak
    finally:
        web.terminate()
        web.wait(20)


@contextmanager
def signed_in(address: str) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        form = session.get(f"{address}/sign-in/", timeout=30)
        found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', form.text)
        if found is None:
            raise RuntimeError("the sign-in page has no form")
        given = {
            "csrfmiddlewaretoken": found.group(1),
            "username": ADMIN["ORGWARDEN_ADMIN_USER"],
            "password": ADMIN["ORGWARDEN_ADMIN_PASSWORD"],
        }
        there = f"{address}/sign-in/"
        answer = session.post(there, data=given, headers={"Referer": there}, timeout=60)
        if answer.url.rstrip("/") != address:
            raise RuntimeError(f"signing in led to {answer.url}")
        yield session


DAY, MONTH = timedelta(days=1), timedelta(days=30)
BENCHMARKS = tuple(
    Benchmark(
        f"activity-{key}-{asked}",
        f"The activity page for {said}, {rows // 10**6} million rows in {days} days, 95th"
        " percentile",
        "pages",
        page(rows, days=days, span=span),
        measure="ms",
        aim=aim,
        less=True,
        times=1,
        large=rows > 5_000_000,
    )
    for key, rows, days in (
        ("5m", 5_000_000, 60),
        ("50m", 50_000_000, 60),
        ("50m-in-a-year", 50_000_000, 365),
        ("200m-in-a-year", 200_000_000, 365),
    )
    for asked, said, span, aim in (
        ("day", "a day", DAY, 400),
        ("30-days", "30 days", MONTH, 1_500),
    )
)
