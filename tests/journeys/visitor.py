"""A person before the browser, in the words of the product.

The browser tells on the pages: a report of the content security policy, an error in a script, or
a part of a page that does not load fails the journey. Each stop leaves a picture and its page.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal
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
from tests.journeys.test_pages import serious
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

    def looks_right(self, axe: str) -> None:
        """This page, wide and narrow, light and dark: nothing serious for axe, nothing sideways.
        For pages that only a journey reaches; the others are looked at in test_every_page."""
        looks: tuple[Literal["light", "dark"], ...] = ("light", "dark")
        for width in (360, 1440):
            for look in looks:
                self.page.set_viewport_size({"width": width, "height": 900})
                self.page.emulate_media(color_scheme=look)
                self.page.reload()
                where = f"{self.at()} at {width} px, {look}"
                too_wide = "document.documentElement.scrollWidth - window.innerWidth"
                if self.page.evaluate(too_wide) > 0:
                    self.seen.append(f"{where}: wider than the screen")
                self.seen += [f"{where}: {found}" for found in serious(self.page, axe)]
        self.page.emulate_media(color_scheme="light")
        self.page.reload()

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

    def open_tenant(self, name: str) -> None:
        """The page of a tenant, by way of the list."""
        self.goto("/integrations/?open=salesforce")
        self.page.locator("#tenants").get_by_role("link", name=name, exact=True).click()
        expect(self.page.get_by_role("heading", name=name, exact=True)).to_be_visible()

    def act(self, name: str, label: str) -> None:
        """An item of a tenant's menu in the list."""
        self.goto("/integrations/?open=salesforce")
        row = self.page.locator("#tenants tr", has=self.page.get_by_role("link", name=name))
        row.locator("details.act-menu > summary").click()
        row.locator("details.act-menu").get_by_text(label, exact=True).click()

    def begin_adding(
        self,
        name: str,
        sim: OrgsimServer,
        way: str,
        *,
        told: str = "",
        username: str = "",
        secret: str = "",
        environment: str = "production",
    ) -> None:
        """Connect, Add, and the form of the tenant; ends on the page before consent."""
        page = self.page
        self.follow("Connect")
        page.get_by_role("link", name="Add a Salesforce tenant").first.click()
        page.get_by_label("Display name").fill(name)
        page.locator(f"input[name=environment][value={environment}]").check()
        page.get_by_label("My Domain address").fill(sim.url)
        page.locator(f"input[name=flow][value={way}]").check()
        page.get_by_label("Consumer Key", exact=True).fill(sim.app()["consumer_key"])
        if secret:
            page.get_by_label("Consumer Secret", exact=True).fill(secret)
        if username:
            page.get_by_label("Username of the integration user").fill(username)
        page.get_by_label("Also tell these addresses").fill(told)
        self.shot(f"the form of {name}")
        self.press("Continue")
        expect(page.get_by_role("heading", name=f"Before you connect {name}")).to_be_visible()
        self.shot(f"before connecting {name}")

    def consent(self, button: str) -> None:
        """The explicit yes to what the page before consent shows."""
        egress = self.page.locator("input[name=egress]")
        if egress.count():
            egress.check()
        self.press(button)

    def confirm(self, name: str) -> None:
        """The second yes, to the org and user that answered; back on the list."""
        right = self.page.get_by_role("heading", name="Is this the right org and user?")
        expect(right).to_be_visible(timeout=60_000)
        accept = self.page.locator("input[name=accept]")
        if accept.count():
            accept.check()
        self.shot(f"what answered for {name}")
        self.press(f"Yes, this is {name}")

    def add_by_client_credentials(self, name: str, sim: OrgsimServer, *, told: str = "") -> None:
        secret = sim.app()["consumer_secret"]
        self.begin_adding(name, sim, "client-credentials", told=told, secret=secret)
        self.consent("Allow and connect")
        self.confirm(name)
        self.reads(f"{name} is connected.")

    def add_by_consent(
        self, name: str, sim: OrgsimServer, *, told: str = "", axe: str = ""
    ) -> None:
        """With `axe`, the pages on the way are looked at closely."""
        self.know_us(sim)
        secret = sim.app()["consumer_secret"]
        self.begin_adding(name, sim, "web-server", told=told, secret=secret)
        self.consent("Allow and go to Salesforce")
        self.shot("the way to Salesforce")
        if axe:
            self.looks_right(axe)
        self.follow("Go to Salesforce")
        self.allow(sim)
        if axe:
            self.looks_right(axe)
        self.confirm(name)
        self.reads(f"{name} is connected.")

    def know_us(self, sim: OrgsimServer) -> None:
        """An administrator of the org registers our callback address with the app."""
        sim.control("app", {"callback_url": f"{self.place.address}/connect/callback"})

    def reads(self, words: str | re.Pattern[str]) -> None:
        """The words are there to be seen."""
        expect(self.page.get_by_text(words).filter(visible=True).first).to_be_visible()

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
        button.or_(self.page.get_by_role("link", name="Connect")).first.wait_for()
        if button.is_visible():  # an app that was allowed before is not asked about again
            button.click()
        self.page.wait_for_url(f"{self.place.address}/**")
