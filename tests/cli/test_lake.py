"""`lake verify`, `rebuild-cache` and `compact`: the table proves itself and mends the caches."""

from __future__ import annotations

import sqlite3

from tests.support.command import Installation
from tests.support.orgsim import OrgsimServer


def test_a_sound_table_proves_itself_and_a_damaged_one_fails(
    fresh: Installation, still_org: OrgsimServer
) -> None:
    fresh.init()
    fresh.connect("prod", still_org)
    fresh.run("collect", exits=0)
    [proof] = fresh.run("lake", "verify", "--json", exits=0).json
    assert proof["wrong"] == []
    assert proof["rows"] > 100
    [few] = fresh.run("lake", "compact", "--json", exits=0).json
    assert few["after"] <= few["before"]
    [still] = fresh.run("lake", "verify", "prod", "--json", exits=0).json
    assert (still["rows"], still["wrong"]) == (proof["rows"], [])

    before = fresh.org("prod")["sources"]
    with sqlite3.connect(fresh.home / "records.sqlite3") as records:
        records.execute("UPDATE records_sourcestate SET rows = 0, coverage = '{}', cursor = NULL")
    records.close()
    assert fresh.org("prod")["sources"] != before
    [rebuilt] = fresh.run("lake", "rebuild-cache", "--json", exits=0).json
    assert rebuilt["rows"] == proof["rows"]
    assert fresh.org("prod")["sources"] == before

    victim = next(fresh.home.glob("lake/*/source=login_history/date=*/*.parquet"))
    victim.unlink()
    ended = fresh.run("lake", "verify", "--json", exits=1)
    assert any("missing" in words for words in ended.json[0]["wrong"])
    assert "Traceback" not in ended.err
