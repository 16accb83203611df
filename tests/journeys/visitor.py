"""A person before the browser, in the words of the product.

The browser tells on the pages: a report of the content security policy, an error in a script, or
a part of a page that does not load fails the journey. Each stop leaves a picture and its page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from playwright.sync_api import (
    BrowserContext,
    ConsoleMessage,
    Page,
    Request,
    Response,
    expect,
)

from tests.journeys.place import ADMIN, PASSWORD, Place
from tests.support.orgsim import OrgsimServer

WATCH_POLICY = (
    "document.addEventListener('securitypolicyviolation',"
    " e => console.error('policy: ' + e.violatedDirective + ' ' + e.blockedURI))"
)
SIM_PASSWORD = "orgsim-password"


class Visitor:
    """Somebody at the pages of one place."""

    def __init__(self, context: BrowserContext, place: Place, pictures: Path) -> None:
        self.place, self.pictures = place, pictures
        self.context = context
        context.add_init_script(WATCH_POLICY)
        self.page: Page = context.new_page()
        self.seen: list[str] = []  # what the browser complained about
        self.accepted = {200, 204, 301, 302, 303, 304}
        self.shots = 0
        self.page.on("console", self._said)
        self.page.on("pageerror", lambda error: self.seen.append(f"script: {error}"))
        self.page.on("requestfailed", self._failed)
        self.page.on("response", self._answered)

    def _ours(self, url: str) -> bool:
        return url.startswith(f"{self.place.address}/")

    def _said(self, message: ConsoleMessage) -> None:
        loading = message.text.startswith("Failed to load resource")  # judged by its answer
        where = str(message.location.get("url", ""))
        if message.type == "error" and not loading and (self._ours(where) or not where):
            self.seen.append(f"console: {message.text}")

    def _failed(self, request: Request) -> None:
        # A page that is left gives up what it was still fetching.
        if self._ours(request.url) and "ERR_ABORTED" not in str(request.failure):
            self.seen.append(f"failed: {request.url} {request.failure}")

    def _answered(self, response: Response) -> None:
        if not self._ours(response.url):
            return
        if "csp-report" in response.url:
            self.seen.append(f"policy report: {response.request.post_data}")
        if response.status not in self.accepted:
            self.seen.append(f"{response.status} for {response.request.method} {response.url}")

    @contextmanager
    def refused(self, *statuses: int) -> Iterator[None]:
        """The pages are expected to answer with these while it lasts."""
        before = set(self.accepted)
        self.accepted |= set(statuses)
        yield
        self.accepted = before

    def goto(self, path: str) -> None:
        self.page.goto(self.place.address + path)

    def at(self) -> str:
        """The path of the page."""
        return urlsplit(self.page.url).path

    def shot(self, word: str) -> None:
        """Keep this stop: a picture, and the page as it stands."""
        self.shots += 1
        name = f"{self.shots:02d}-{re.sub(r'[^a-z0-9]+', '-', word.lower()).strip('-')}"
        self.pictures.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=self.pictures / f"{name}.png", full_page=True)
        (self.pictures / f"{name}.html").write_text(self.page.content(), encoding="utf-8")

    # What people do.

    def sign_in(self, who: str = ADMIN, password: str = PASSWORD) -> None:
        self.goto("/sign-in/")
        self.page.get_by_label("Username").fill(who)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").click()
        self.page.wait_for_url(f"{self.place.address}/")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).click()

    def follow(self, name: str) -> None:
        self.page.get_by_role("link", name=re.compile(rf"^\s*{re.escape(name)}\b")).first.click()

    def reads(self, words: str | re.Pattern[str]) -> None:
        """The words are there to be seen."""
        expect(self.page.get_by_text(words).first).to_be_visible()

    def sign_in_at_salesforce(self, sim: OrgsimServer, username: str = "") -> None:
        """The emulator's own sign-in page."""
        self.page.wait_for_url(f"{sim.url}/**")
        self.page.get_by_label("Username").fill(username or sim.app()["run_as"])
        self.page.get_by_label("Password").fill(SIM_PASSWORD)
        self.page.get_by_role("button", name="Log In").click()

    def allow(self, sim: OrgsimServer, username: str = "") -> None:
        """Sign in at Salesforce and allow the app; back at our pages afterwards."""
        self.sign_in_at_salesforce(sim, username)
        self._decide("Allow")

    def deny(self, sim: OrgsimServer, username: str = "") -> None:
        self.sign_in_at_salesforce(sim, username)
        self._decide("Deny")

    def _decide(self, decision: str) -> None:
        button = self.page.get_by_role("button", name=decision, exact=True)
        button.or_(self.page.locator("#sidebar-menu, .navbar")).first.wait_for()
        if button.is_visible():  # an app that was allowed before is not asked about again
            button.click()
        self.page.wait_for_url(f"{self.place.address}/**")
