"""`backup`, `backups` and `restore`, as a person or a script runs them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.support.command import Installation
from tests.support.orgsim import OrgsimServer


@pytest.mark.fault("F11")
def test_an_installation_moves_to_another_home_by_a_backup(
    collected: Installation, still_org: OrgsimServer, tmp_path: Path
) -> None:
    target = str(tmp_path / "orgwarden.tar")
    [made] = [collected.run("backup", target, "--json", exits=0).json]
    assert (made["with_key"], [t["name"] for t in made["tenants"]]) == (False, ["prod"])
    again = collected.run("backup", target, exits=1)
    assert "is there already" in again.sentence
    [listed] = collected.run("backups", target, "--verify", "--json", exits=0).json
    assert (listed["id"], listed["wrong"]) == (made["id"], [])

    moved = Installation(tmp_path / "home", still_org)
    refused = moved.run("restore", target, exits=1)
    assert "There is no key file at" in refused.sentence
    assert "--without-key" in refused.sentence
    shutil.copy(collected.home / "keys" / "key.json", moved.home / "keys" / "key.json")
    done = moved.run("restore", target, exits=0)
    assert f"Restored {made['id']}" in done.err
    assert [o["name"] for o in moved.run("status", "--json", exits=0).json["orgs"]] == ["prod"]
    full = moved.run("restore", target, exits=1)
    assert "--replace" in full.sentence
    [proof] = moved.run("lake", "verify", "--json", exits=0).json
    assert (proof["rows"], proof["wrong"]) == (made["events"], [])
