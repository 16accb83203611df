"""Make the pictures of the documents from a running product: `make demo`, then this, beside it.

    .venv/bin/python -m scripts.pictures [--port 8800]
    .venv/bin/python -m scripts.pictures --base-url https://… --user NAME --password WORD

Each page is taken in light and dark, as wide as a desk (`docs/pictures/<name>-<scheme>.png`) and
as wide as a telephone (`…-<scheme>-360.png`). Without a name and password, the demo's are used.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import BrowserContext, Page, sync_playwright

from scripts import parts
from scripts.demo import SIGN_IN

PICTURES = parts.ROOT / "docs/pictures"
FLAGS = (
    "--no-sandbox",  # Chromium's own does not start as root; the pages are our own
    "--disable-gpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
)
SIZES = {"": (1440, 900), "-360": (360, 800)}
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def sign_in(page: Page, address: str, user: str, password: str) -> None:
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=username]", user)
    page.fill("input[name=password]", password)
    page.click("form button[type=submit]")
    page.wait_for_url(f"{address}/")


def demo_org(page: Page, address: str) -> str:
    """The address of the demo org's page, as the integrations page links it."""
    page.goto(f"{address}/integrations/")
    link = page.locator("a[href^='/orgs/']").first
    return str(link.get_attribute("href"))


def take(context: BrowserContext, address: str, user: str, password: str, ending: str) -> None:
    """Every page once, in the look and size of this context."""
    page = context.new_page()
    sign_in(page, address, user, password)
    org = demo_org(page, address)
    page.goto(f"{address}/apps/")
    worst = page.locator("table [data-row-link]").first.get_attribute("href")
    pages = {
        "overview": "/",
        "integrations": "/integrations/?open=salesforce",
        "org": org,
        "activity": "/activity/",
        "apps": "/apps/",
        "app": str(worst),
        "add": "/integrations/add/salesforce/",
        "edit": f"{org}edit/",
        "notifications": "/settings/notifications/",
        "audit": "/audit/",
    }
    for name, path in pages.items():
        page.goto(address + path)
        page.wait_for_load_state("networkidle")
        page.wait_for_timeout(1000)  # charts draw themselves in
        file: Path = PICTURES / f"{name}-{ending}.png"
        page.screenshot(path=file)
        print(f"wrote {file.relative_to(parts.ROOT)}")


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8800, help="of the demo on this machine")
    parser.add_argument("--base-url", help="another address than the demo's")
    parser.add_argument("--user")
    parser.add_argument("--password")
    chosen = parser.parse_args()
    address = (chosen.base_url or f"http://127.0.0.1:{chosen.port}").rstrip("/")
    user, password = chosen.user, chosen.password
    if not (user and password):
        if not SIGN_IN.is_file():
            print("Start `make demo` first, or give --user and --password.", file=sys.stderr)
            return 1
        said = SIGN_IN.read_text().split()
        user, password = said[1], said[3]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=parts.chromium(), args=list(FLAGS))
        for size, (width, height) in SIZES.items():
            for scheme in SCHEMES:
                context = browser.new_context(
                    color_scheme=scheme,
                    viewport={"width": width, "height": height},
                    locale="en-GB",
                )
                take(context, address, user, password, f"{scheme}{size}")
                context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
