"""The support bundle: enough to help, and nothing that must not leave."""

from __future__ import annotations

import base64
import io
import json
import zipfile
from typing import Any

import pytest
from django.db import connection

from orgwarden.flows.support_bundle import clean, support_bundle
from orgwarden.records import credentials
from orgwarden.records.models import AuditEntry, Org, SourceState
from tests.flows.consented import by_consent
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


def parts_of(body: bytes) -> dict[str, Any]:
    with zipfile.ZipFile(io.BytesIO(body)) as bundle:
        texts = {name: bundle.read(name).decode() for name in bundle.namelist()}
    return {n: json.loads(t) if n.endswith(".json") else t for n, t in texts.items()}


@pytest.mark.seed("Z24", "L13")
def test_a_bundle_holds_what_helps_and_no_secret_even_where_an_error_quotes_one(
    at_home: House, sim: OrgsimServer
) -> None:
    org = by_consent(sim)
    at_home.collect(org, "users")
    kinds = ("refresh_token", "access_token", "client_secret")
    secrets = [credentials.need(org, kind) for kind in kinds]
    # Salesforce, a proxy or a library may quote what we sent, in words no pattern knows.
    canary = secrets[2]
    told = f"Proxy said: you sent {canary} and Bearer {secrets[1]}"
    SourceState.objects.filter(org=org, source="users").update(reason=told, fix=told)
    org.runs.update(reason=told)
    Org.objects.filter(pk=org.pk).update(problem=told, status="error", problem_code="ODD")
    body = support_bundle(org, actor="ann")
    parts = parts_of(body)
    text = json.dumps(parts)
    for secret in secrets:
        assert secret not in text
        assert base64.b64encode(secret.encode()).decode() not in text
    assert "Proxy said" in text
    [status] = parts["status.json"]
    assert (status["name"], status["code"]) == ("prod", "ODD")
    assert parts["versions.json"]["orgwarden"]
    [tenant] = parts["settings.json"]["tenants"]
    assert tenant["flow"] == "web-server"
    assert {c["kind"] for c in tenant["credentials"]} >= {"refresh_token", "access_token"}
    assert any(run["source"] == "users" for run in parts["runs.json"])
    [row] = at_home.ask("SELECT Username FROM users LIMIT 1")
    assert org.connected_user in text  # who is connected is no secret…
    others = at_home.ask(f"SELECT Username FROM users WHERE Username <> '{org.connected_user}'")
    assert row["Username"]
    assert not any(other["Username"] in text for other in others)  # …but no event row is in it
    assert AuditEntry.objects.filter(action="org:support-bundle:taken", actor="ann").exists()
    _take_away(org)


def _take_away(org: Org) -> None:
    """The secrets this test wrote into the records, out of the file too: what is left behind is
    searched for secrets."""
    SourceState.objects.filter(org=org).update(reason="", fix="")
    org.runs.update(reason="")
    Org.objects.filter(pk=org.pk).update(problem="")
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")
        cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def test_everything_in_a_bundle_is_text_that_drives_no_terminal() -> None:
    found = clean({"a": ["x\x1b[2J", {"b": "line\nline"}], "n": 3, "none": None})
    assert found == {"a": ["x\\x1b[2J", {"b": "line\\nline"}], "n": 3, "none": None}
