"""A browser of the tests' own; pages with seeded tenants and a small lake; and whole places."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from orgwarden.web import acts
from tests.journeys.place import Place
from tests.journeys.visitor import Visitor
from tests.support.left import register
from tests.web import seeds, stub_lake

ARTEFACTS = Path(__file__).parents[2] / "test-artefacts" / "journeys"
PATIENCE_MS = 30_000  # of an expectation, on a machine with other work
FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --disable-dev-shm-usage"
).split()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright's synchronous form runs a loop in this thread; Django takes that for asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=chromium, args=FLAGS)
        yield started
        started.close()
    del os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"]


@pytest.fixture
def pages(
    transactional_db: None, live_server: object, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    """The address of the pages. People, tenants and events are there."""
    now = timezone.now()
    seeds.people()
    tenants = seeds.tenants(now)
    held = stub_lake.make([tenants["fine"].key, tenants["broken"].key], now, rows=500)
    monkeypatch.setattr(acts, "open_reader", lambda keys, *_: stub_lake.StubReader(held, keys))
    yield str(live_server.url)  # type: ignore[attr-defined]
    _close(held)


def _close(held: duckdb.DuckDBPyConnection) -> None:
    """A page that nobody waits for any more may still be asking; its question is ended first."""
    ends = time.monotonic() + 30
    while True:
        held.interrupt()
        try:
            held.close()
        except duckdb.Error:
            if time.monotonic() > ends:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture
def wide(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def axe() -> str:
    """The accessibility checker, vendored for tests."""
    return (Path(__file__).parents[1] / "vendor" / "axe" / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """Pages, worker and mailbox as processes, shared by the journeys of a module."""
    there = Place(tmp_path_factory.mktemp("place"))
    try:
        yield there.open()
    finally:
        there.close()


@pytest.fixture
def visitor(browser: Browser, place: Place, request: pytest.FixtureRequest) -> Iterator[Visitor]:
    """The administrator, signed in. What the browser complained about fails the test."""
    pictures = ARTEFACTS / request.node.name.removeprefix("test_")
    shutil.rmtree(pictures, ignore_errors=True)
    context = browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
    context.set_default_timeout(PATIENCE_MS)
    one = Visitor(context, place, pictures)
    place.left.also = [pictures]
    register(place.left)  # searched for secrets when the journey is over
    try:
        one.sign_in()
        yield one
        one.shot("at the end")
        assert one.seen == []
    finally:
        context.close()
