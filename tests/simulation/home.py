"""A home for simulations outside of pytest: in memory where that is possible, gone afterwards."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

MEMORY = Path("/dev/shm")


def prepare() -> None:
    """Make the home, point Django at it, make its records. Once in a process, before any model is
    imported."""
    where = MEMORY if MEMORY.is_dir() and os.access(MEMORY, os.W_OK) else None
    home = tempfile.mkdtemp(prefix="orgwarden-simulation-", dir=where)
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    for name in [n for n in os.environ if n.startswith("ORGWARDEN_")]:
        del os.environ[name]
    os.environ["ORGWARDEN_HOME"] = home
    os.environ["ORGWARDEN_LOG_LEVEL"] = "CRITICAL"
    os.environ["ORGWARDEN_ALLOWED_SALESFORCE_HOSTS"] = "127.0.0.1:8911"
    os.environ["DJANGO_SETTINGS_MODULE"] = "orgwarden.site.settings"
    from orgwarden.site import home as site_home

    site_home.prepare()
    import django

    django.setup()
    from orgwarden.records import envelope
    from orgwarden.records.setup import prepare_database

    prepare_database()
    envelope.prepare_key_file()
