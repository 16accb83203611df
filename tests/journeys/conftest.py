"""A browser of the tests' own, and the pages served with seeded tenants and a small lake."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from orgwarden.web import acts
from tests.web import seeds, stub_lake

FLAGS = (
    "--no-sandbox --disable-gpu --disable-background-networking --disable-component-update "
    "--disable-sync --no-first-run --disable-dev-shm-usage"
).split()


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright's synchronous form runs a loop in this thread; Django takes that for asynchronous.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
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
    held.close()


@pytest.fixture
def wide(browser: Browser) -> Iterator[BrowserContext]:
    context = browser.new_context(viewport={"width": 1440, "height": 900})
    yield context
    context.close()


@pytest.fixture
def axe() -> str:
    """The accessibility checker, vendored for tests."""
    return (Path(__file__).parents[1] / "vendor" / "axe" / "axe.min.js").read_text()
