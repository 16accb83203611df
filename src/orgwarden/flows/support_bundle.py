"""A support bundle: what somebody needs who is asked for help, and nothing else.

Versions, settings without secrets, states, runs, errors, the last test. No event row, no secret,
no token: every text is redacted once more on its way in, whoever wrote it.
"""

from __future__ import annotations

import io
import json
import platform
import zipfile
from collections.abc import Collection
from datetime import UTC, datetime
from importlib import metadata
from typing import Any

from django.conf import settings
from django.db import connection

from orgwarden import __version__
from orgwarden.core.problems import Problem
from orgwarden.core.redaction import GONE, one_line, redacted
from orgwarden.flows import status
from orgwarden.records import audit, audit_reading, credentials, preferences
from orgwarden.records.models import Org

RUNS, ENTRIES = 200, 200
PACKAGES = ("Django", "deltalake", "duckdb", "pyarrow", "requests", "urllib3", "Authlib")
READ_ME = """\
Orgwarden support bundle

versions.json  what runs here
settings.json  settings of the installation and of the tenant, no secret among them
status.json    how each tenant and source stands
runs.json      the last runs with what they met
test.json      the last connection test
activity.json  what was done to the tenant, by whom

There is no event, no token, no key and no password in it. Look before you send it.
"""


def support_bundle(org: Org | None, *, actor: str) -> bytes:
    """A zip file about one tenant, or about all of them."""
    orgs = list(Org.objects.all() if org is None else Org.objects.filter(pk=org.pk))
    parts: dict[str, Any] = {
        "versions.json": _versions(),
        "settings.json": _settings(orgs),
        "status.json": [status.of_org(o) for o in orgs],
        "runs.json": [run for o in orgs for run in _runs(o)],
        "test.json": [test for o in orgs for test in _test(o)],
        "activity.json": [entry for o in orgs for entry in _activity(o)],
    }
    file, known = io.BytesIO(), _secrets(orgs)
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as bundle:
        bundle.writestr("README.txt", READ_ME)
        for name, value in parts.items():
            bundle.writestr(name, json.dumps(clean(value, known), indent=1, ensure_ascii=False))
    audit.record(actor, audit.Action.ORG_BUNDLE_TAKEN, org.name if org else "all tenants", {})
    return file.getvalue()


def clean(value: Any, known: Collection[str] = ()) -> Any:
    """`value` with every text in it redacted and made visible, the `known` secrets first, because
    not every secret can be told by its form; times as ISO 8601."""
    if isinstance(value, dict):
        return {str(k): clean(v, known) for k, v in value.items()}
    if isinstance(value, list | tuple | set | frozenset):
        return [clean(v, known) for v in value]
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat()
    if value is None or isinstance(value, bool | int | float):
        return value
    text = str(value)
    for secret in known:
        text = text.replace(secret, GONE)
    return one_line(redacted(text))


def _secrets(orgs: list[Org]) -> list[str]:
    found = []
    for org in orgs:
        for kind in credentials.KINDS:
            try:
                found.append(credentials.as_stored(org, kind))
            except Problem:  # it does not open, so nothing here can hold it in the open
                continue
    return sorted((s for s in found if s), key=len, reverse=True)


def _versions() -> dict[str, Any]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return {
        "orgwarden": __version__,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.release()} {platform.machine()}",
        "database": connection.vendor,
        "packages": found,
        "made_at": datetime.now(UTC),
    }


def _settings(orgs: list[Org]) -> dict[str, Any]:
    """Fields are named one by one, so that a new one is left out until somebody thought of it."""
    fields = (
        "name", "key", "url", "instance_url", "salesforce_id", "edition", "instance_name",
        "is_sandbox", "environment", "flow", "features", "tiers", "web_scope", "legacy",
        "backfill_days", "cadence_minutes", "event_monitoring", "language", "connected_user",
        "intended_user", "first_connected_at", "connected_at", "paused_at", "grant_used_at",
        "probed_at", "next_due_at",
    )  # fmt: skip
    return {
        "public_address": settings.ORGWARDEN_PUBLIC_URL,
        "pace": str(settings.ORGWARDEN_PACE),
        "preferences": {p.key: preferences.value(p) for p in preferences.PREFERENCES},
        "tenants": [
            {name: getattr(org, name) for name in fields}
            | {"credentials": list(org.credentials.values("kind", "version", "created_at"))}
            for org in orgs
        ],
    }


def _runs(org: Org) -> list[dict[str, Any]]:
    names = ("source", "trigger", "started_at", "ended_at", "outcome", "rows_read", "rows_stored",
             "rows_duplicate", "rows_quarantined", "calls", "bytes", "reason", "fix")  # fmt: skip
    return [{"tenant": org.name, **run} for run in org.runs.values(*names)[:RUNS]]


def _test(org: Org) -> list[dict[str, Any]]:
    names = ("asked_at", "started_at", "ended_at", "state", "connected", "lines", "sources")
    return [{"tenant": org.name, **test} for test in org.tests.values(*names)[:1]]


def _activity(org: Org) -> list[dict[str, Any]]:
    names = ("at", "actor", "action", "detail")
    entries = audit_reading.about(org)
    return [{"tenant": org.name, **entry} for entry in entries.values(*names)[:ENTRIES]]
