"""`orgwarden audit`: a whole chain verifies, a broken or shortened one is told by number."""

from __future__ import annotations

import json
import sqlite3
from pathlib import Path

from tests.support.command import Installation


def test_verify_tip_and_export_agree_and_find_what_an_intruder_did(
    fresh: Installation, tmp_path: Path
) -> None:
    fresh.init()
    for name in ("ann", "bob", "eve"):
        fresh.run("people", "add", name, exits=0)
    tip = tmp_path / "tip.json"
    fresh.run("audit", "tip", "--to", str(tip), exits=0)
    fresh.run("audit", "verify", "--tip", str(tip), exits=0)
    csv = fresh.run("audit", "export", "--format", "csv", "--action", "console:person", exits=0)
    assert csv.out.decode().count("console:person:added") == 4  # the first administrator too
    noted = json.loads(tip.read_text())

    file = sqlite3.connect(fresh.home / "records.sqlite3", isolation_level=None)
    try:
        # The database refuses the careless; an intruder who owns the file drops the guard.
        for verb in ("update", "delete"):
            file.execute(f"DROP TRIGGER audit_chain_no_{verb}")
        file.execute("DELETE FROM records_auditentry WHERE id >= ?", [noted["id"]])
        whole = fresh.run("audit", "verify", exits=0)
        assert "whole" in whole.err
        cut = fresh.run("audit", "verify", "--tip", str(tip))
        assert cut.code == 1
        assert f"at entry {noted['id']}" in cut.sentence
        file.execute("UPDATE records_auditentry SET actor = 'nobody' WHERE id = 1")
    finally:
        file.close()
    broken = fresh.run("audit", "verify", "--json")
    assert broken.code == 1
    assert json.loads(broken.out)["broken_at"] == 1
    tip.write_text("hello")
    assert fresh.run("audit", "verify", "--tip", str(tip)).code == 2
