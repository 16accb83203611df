"""What a person's browser does at the emulator's sign-in and consent pages."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urljoin, urlsplit

import requests

PASSWORD = "orgsim-password"


def consent(url: str, username: str, *, decision: str = "allow") -> dict[str, str]:
    """Sign in, allow or deny; what comes back to the callback."""
    with requests.Session() as browser:
        browser.trust_env = False
        page = browser.get(url, timeout=30)
        page = browser.post(
            urljoin(url, "/login"),
            {**hidden(page.text), "username": username, "password": PASSWORD},
            timeout=30,
            allow_redirects=False,
        )
        while page.status_code == 302 and "/services/oauth2/authorize" in page.headers["Location"]:
            there = urljoin(url, page.headers["Location"])
            page = browser.get(there, timeout=30, allow_redirects=False)
        if page.status_code != 302:  # an app that was allowed before is not asked about again
            page = browser.post(
                urljoin(url, "/services/oauth2/approve"),
                {**hidden(page.text), "decision": decision},
                allow_redirects=False,
                timeout=30,
            )
    back = parse_qs(urlsplit(page.headers["Location"]).query)
    return {name: values[0] for name, values in back.items()}


def hidden(page: str) -> dict[str, str]:
    """The hidden fields of a form."""
    found = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page)
    return {name: html.unescape(value) for name, value in found}
