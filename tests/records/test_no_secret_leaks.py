"""Canaries: no secret lies open in the database's files or in the logs, in whatever spelling."""

from __future__ import annotations

import base64
import secrets
from pathlib import Path
from urllib.parse import quote

import pytest
from django.db import connection

from orgwarden.records import audit, credentials, envelope
from orgwarden.records.models import ConsentRequest, Org
from tests.records.conftest import Database


def spellings(canary: str) -> dict[str, bytes]:
    """The canary as careless code could have written it."""
    plain = canary.encode()
    found = {
        "plain": plain,
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "percent": quote(canary, safe="").encode(),
        "utf-16": canary.encode("utf-16-le"),
    }
    for shift in range(3):  # base64 looks different at each of three alignments
        coded = base64.b64encode(b"\0" * shift + plain)
        inner = coded[4 if shift else 0 : -4]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def where(canary: str, blob: bytes) -> list[str]:
    return [name for name, spelling in spellings(canary).items() if spelling in blob]


def test_the_search_finds_every_spelling() -> None:
    canary = "c4n4ry/+?&=" + secrets.token_urlsafe(24)
    for text in (
        canary.encode(),
        base64.b64encode(b"x" + canary.encode() + b"yz"),
        base64.urlsafe_b64encode(b"xy" + canary.encode()),
        canary.encode().hex().encode(),
        f"a=1&token={quote(canary, safe='')}".encode(),
        canary.encode("utf-16-le"),
    ):
        assert where(canary, b"before" + text + b"after")
    assert not where(canary, secrets.token_bytes(10_000))


@pytest.fixture
def canaries(database: Database) -> dict[str, str]:
    """Secrets of forms that Salesforce's have, stored, rotated and resealed."""
    org = database.org()
    made = {
        "client_secret": secrets.token_hex(32).upper(),
        "private_key": "-----BEGIN PRIVATE KEY-----\n"
        + secrets.token_urlsafe(60)
        + "\n-----END PRIVATE KEY-----",
        "refresh_token": "5Aep861" + secrets.token_urlsafe(60),
        "access_token": "00Dxx0000001gER!AQEAQ" + secrets.token_urlsafe(60),
    }
    for kind, value in made.items():
        credentials.store(org, kind, "first " + secrets.token_urlsafe(20))
        credentials.store(org, kind, value)
    ConsentRequest.objects.create(
        state="s",
        session_key="k",
        sealed=envelope.seal(
            b"verifier-canary-0123456789abcdef", bound_to=envelope.consent_name("s")
        ),
        payload={"name": "Acme"},
        created_at=org.connected_at,
    )
    made["verifier"] = "verifier-canary-0123456789abcdef"
    envelope.rotate()
    audit.record("ann", audit.Action.ORG_CONNECTED, org.name, {"flow": org.flow})
    return made


def files_of(database: Database) -> list[Path]:
    """Every file that holds rows of this database or their journal."""
    folders = [database.home]
    if database.kind == "postgres":
        with connection.cursor() as cursor:
            cursor.execute("CHECKPOINT")  # what is in memory goes into the files that are read
            cursor.execute("SELECT oid FROM pg_database WHERE datname = current_database()")
            oid = cursor.fetchone()[0]
        folders += [database.files / "base" / str(oid), database.files / "pg_wal"]
    return [f for folder in folders for f in folder.rglob("*") if f.is_file()]


def test_no_secret_lies_in_the_database_or_its_journal(
    database: Database, canaries: dict[str, str]
) -> None:
    if database.kind == "sqlite":
        assert (database.home / "records.sqlite3-wal").stat().st_size > 0
    acme = 0
    for file in files_of(database):
        blob = file.read_bytes()
        acme += b"Acme" in blob
        for kind, canary in canaries.items():
            assert where(canary, blob) == [], (kind, file.name)
    assert acme  # it is the right place that was searched


def test_no_secret_reaches_the_logs(database: Database, canaries: dict[str, str]) -> None:
    [worker] = database.workers(1, "fail_loudly", Org.objects.get().key)
    assert worker.hears() == "logged"
    logged = worker.ends()
    assert logged.count("orgwarden.careless") == 16
    assert "RuntimeError" in logged
    for kind, canary in canaries.items():
        for part in (canary, canary.splitlines()[len(canary.splitlines()) // 2]):
            assert where(part, logged.encode()) == [], kind


def test_the_installation_s_files_are_its_owner_s_alone(
    database: Database, canaries: dict[str, str]
) -> None:
    for path in (database.home, *database.home.rglob("*")):
        assert path.stat().st_mode & 0o077 == 0, path
