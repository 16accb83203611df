"""Fixtures for every test; each lives beside what it makes, in `tests/support`."""

import os

pytest_plugins = [
    "tests.support.sockets",
    "tests.support.assurance",
    "tests.support.fixtures",
    "tests.support.longest_first",
    "tests.support.left",
    "tests.support.mailbox",
]


def pytest_configure() -> None:
    # Settings are loaded by now. Programs that tests start shall use the product's own.
    os.environ["DJANGO_SETTINGS_MODULE"] = "orgwarden.site.settings"
