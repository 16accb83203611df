"""Managing a tenant from the command line, against a real installation and a real org."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest

from tests.support.command import Installation
from tests.support.fixtures import StartOrgsim


@pytest.mark.seed("Z30", "Z28", "Z31", "Z24")
def test_a_tenant_is_edited_paused_resumed_reconnected_bundled_and_deleted(
    tmp_path: Path, orgsim_server: StartOrgsim
) -> None:
    server = orgsim_server(users=4, days=1, speed=0, event_monitoring="none")
    here = Installation(tmp_path / "home", server)
    here.init()
    here.connect("prod", server)
    edited = here.run(
        "org", "edit", "prod", "--rename", "live", "--cadence", "users=90",
        "--backfill-days", "30", "--tell", "ops@example.com", "--json", exits=0,
    ).json  # fmt: skip
    assert set(edited["changed"]) == {
        "name",
        "cadence_minutes",
        "backfill_days",
        "told_addresses",
    }
    assert "cannot be read" in here.run("org", "edit", "live", "--backfill-days", "0").sentence
    assert here.run("org", "edit", "live", "--cadence", "users", exits=2).sentence
    limits = here.run(
        "org", "budget", "live", "--own", "10", "--protected", "0", "--count", "own", "--json",
        exits=0,
    ).json  # fmt: skip
    assert limits["changed"] == ["own", "protected_calls", "only_own"]
    assert limits["rules"]["floor"] == 10
    told = here.run("org", "budget", "live", exits=0).text
    assert "at most 10 %" in told
    assert "our own calls only" in told
    assert "resume" in here.run("org", "budget", "live", "--resume", "80", exits=1).sentence
    paused = here.run("org", "pause", "live", "--json", exits=0).json
    assert paused["paused_at"]
    assert "is paused since" in here.run("collect", "live", exits=1).err
    here.run("org", "resume", "live", exits=0)
    here.run("collect", "live", "--source", "users", exits=0)
    secret = server.app()["consumer_secret"]
    refused = here.run("org", "reconnect", "live", "--client-secret-stdin", stdin="wrong", exits=1)
    assert "secret" in refused.sentence
    done = here.run("org", "reconnect", "live", "--client-secret-stdin", stdin=secret, exits=0)
    assert "live is reconnected" in done.err
    bundle = tmp_path / "bundle.zip"
    here.run("support-bundle", "live", "--output", str(bundle), exits=0)
    assert bundle.stat().st_mode & 0o077 == 0
    with zipfile.ZipFile(bundle) as parts:
        text = b"".join(parts.read(name) for name in parts.namelist())
    assert b"live" in text
    assert secret.encode() not in text
    here.run("support-bundle", "live", "--output", str(bundle), exits=2)
    here.run("org", "delete", "live", "--yes", exits=0)
    [receipt] = here.run("org", "receipts", "--json", exits=0).json
    assert receipt["name"] == "live"
    assert any("revoked" in told for told in receipt["done"])
