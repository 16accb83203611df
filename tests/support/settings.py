"""The product's settings, in a temporary home that is made before Django reads them.

Every test process has a home of its own. `ORGWARDEN_…` variables of the person who runs the tests
are put aside, so that no test can touch a real installation; only `ORGWARDEN_TEST_DATABASE_URL`
passes, as the address of the records database.
"""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

KEPT = ("ORGWARDEN_TEST_", "ORGWARDEN_ASSURANCE_")

for name in list(os.environ):
    if name.startswith("ORGWARDEN_") and not name.startswith(KEPT):
        del os.environ[name]
os.environ["ORGWARDEN_HOME"] = tempfile.mkdtemp(prefix="orgwarden-test-")
if address := os.environ.get("ORGWARDEN_TEST_DATABASE_URL"):
    os.environ["ORGWARDEN_DATABASE_URL"] = address
atexit.register(shutil.rmtree, os.environ["ORGWARDEN_HOME"], ignore_errors=True)

from orgwarden.site import home  # noqa: E402  the environment comes first

home.prepare()

from orgwarden.site.settings import *  # noqa: E402, F403

# Tests of single sign-on configure a provider while they run.
INSTALLED_APPS = [*INSTALLED_APPS, "allauth.socialaccount.providers.openid_connect"]  # noqa: F405
# Argon2 is slow on purpose; tests sign in many times and keep no password.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
