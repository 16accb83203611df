"""Make the pictures of the documents from a running demo: `make demo`, then this, beside it.

    .venv/bin/python -m scripts.pictures [--port 8800]

Each page is taken in light and dark, as `docs/pictures/<name>-<scheme>.png`.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Literal

from playwright.sync_api import Page, sync_playwright

from scripts import parts
from scripts.demo import SIGN_IN

PICTURES = parts.ROOT / "docs/pictures"
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


def sign_in(page: Page, address: str) -> None:
    words = SIGN_IN.read_text().split()
    page.goto(f"{address}/sign-in/")
    page.fill("input[name=username]", words[1])
    page.fill("input[name=password]", words[3])
    page.click("form button[type=submit]")
    page.wait_for_load_state("networkidle")


def demo_org(page: Page, address: str) -> str:
    """The address of the demo org's page, as the integrations page links it."""
    page.goto(f"{address}/integrations/")
    link = page.locator("a[href^='/orgs/']").first
    return str(link.get_attribute("href"))


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--port", type=int, default=8800)
    chosen = parser.parse_args()
    address = f"http://127.0.0.1:{chosen.port}"
    if not SIGN_IN.is_file():
        print("Start `make demo` first; the pictures are of it.", file=sys.stderr)
        return 1
    with sync_playwright() as playwright:
        # Chromium's own sandbox does not start as root; the pages are our own.
        browser = playwright.chromium.launch(
            executable_path=parts.chromium(), args=["--no-sandbox"], headless=True
        )
        for scheme in SCHEMES:
            context = browser.new_context(
                color_scheme=scheme, viewport={"width": 1280, "height": 800}, locale="en-GB"
            )
            page = context.new_page()
            sign_in(page, address)
            pages = {
                "integrations": "/integrations/",
                "org": demo_org(page, address),
                "activity": "/activity/",
            }
            for name, path in pages.items():
                page.goto(address + path)
                page.wait_for_load_state("networkidle")
                page.wait_for_timeout(1000)  # charts draw themselves in
                file: Path = PICTURES / f"{name}-{scheme}.png"
                page.screenshot(path=file)
                print(f"wrote {file.relative_to(parts.ROOT)}")
            context.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
