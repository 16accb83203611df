"""A small lake in memory with the views of `orgwarden.lake.reading`, for tests of the pages."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import duckdb
import pyarrow as pa

from orgwarden.lake.activity import EXPORTED

HOSTILE = "<script>alert(1)</script>"
BIDI = "invoice\u202egpj.exe"
FORMULA = '=HYPERLINK("http://evil.example","x")'
SOURCES = ("login_history", "setup_audit_trail", "event_log_restapi", "event_log_report")
_TYPES = {"time": "TIMESTAMPTZ", "rows": "BIGINT", "bytes": "BIGINT", "arrived_seq": "BIGINT"}
_PEOPLE = [f"{n}@acme.example" for n in "ada grace linus barbara edsger radia tim".split()]
_APPS = ("Salesforce for iOS", "Data Loader", "Marketing Sync", "Slack", "Browser")
_ACTIONS = {
    "login_history": ("Application", "Remote Access 2.0", "SAML Sfdc Initiated SSO"),
    "setup_audit_trail": ("changedUserEmail", "PermSetAssign", "changedPassword"),
    "event_log_restapi": ("GET /query", "POST /sobjects", "GET /limits"),
    "event_log_report": ("Report run", "Report exported"),
}


class StubReader:
    """What the pages need of the reader: `sources`, `run`, `close`."""

    def __init__(self, connection: duckdb.DuckDBPyConnection, org_keys: Sequence[str]) -> None:
        self.connection = connection.cursor()
        keys = ", ".join("'" + k.replace("'", "") + "'" for k in org_keys) or "''"
        columns = ", ".join(f'"{c}"' for c in EXPORTED)
        self.connection.execute(
            f"CREATE OR REPLACE TEMP VIEW activity AS SELECT {columns} FROM held "
            f"WHERE org IN ({keys})"
        )
        twins = ", ".join(f'"{c}", "{c}" AS n_{c}' for c in EXPORTED)
        for source in SOURCES:
            self.connection.execute(
                f'CREATE OR REPLACE TEMP VIEW "{source}" AS SELECT sf_id AS "Id", '
                f'raw AS "Browser", \'\' AS "LoginUrl", {twins} FROM held '
                f"WHERE source = '{source}' AND org IN ({keys})"
            )

    def __enter__(self) -> StubReader:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def sources(self) -> list[str]:
        return list(SOURCES)

    def run(self, sql: str, parameters: Sequence[Any] = (), *, seconds: float = 60) -> pa.Table:
        del seconds
        return self.connection.sql(sql, params=list(parameters) or None).to_arrow_table()

    def close(self) -> None:
        self.connection.close()


def make(orgs: Sequence[str], now: datetime, rows: int = 1200, days: int = 6, seed: int = 7) -> Any:
    """A connection holding `rows` seeded events per org, some failed, some hostile."""
    chance = random.Random(seed)
    connection = duckdb.connect(":memory:", config={"threads": 2})
    connection.execute("SET TimeZone = 'UTC'")
    table = {c: [] for c in (*EXPORTED, "sf_id", "raw")}
    for org in orgs:
        for i in range(rows):
            row = _row(chance, org, i, now, days)
            for column, values in table.items():
                values.append(row[column])
    arrow = pa.table(
        {
            c: pa.array(
                v,
                pa.timestamp("us", "UTC")
                if c == "time"
                else pa.int64()
                if c in _TYPES
                else pa.string(),
            )
            for c, v in table.items()
        }
    )
    connection.register("arrived", arrow)
    connection.execute("CREATE TABLE held AS SELECT * FROM arrived")
    connection.unregister("arrived")
    return connection


def _row(chance: random.Random, org: str, i: int, now: datetime, days: int) -> dict[str, Any]:
    at = now - timedelta(days=days) * chance.random()
    if at.hour < 8 or at.hour > 18:  # people work by day, mostly
        at = at.replace(hour=chance.choice((9, 10, 10, 11, 14, 15, 16, at.hour)))
    at = min(at, now - timedelta(seconds=i % 50 + 1)).astimezone(UTC)
    source = chance.choices(SOURCES, (9, 1, 14, 4))[0]
    failed = source == "login_history" and chance.random() < 0.08
    who = chance.choice(_PEOPLE)
    odd = {3: HOSTILE, 5: BIDI, 11: FORMULA}.get(i)
    return {
        "time": now - timedelta(minutes=3, seconds=i) if odd else at,
        "org": org,
        "source": "login_history" if odd else source,
        "actor_id": f"005{i % 7:015d}",
        "actor": odd or who,
        "ip": f"203.0.113.{chance.randrange(1, 9)}",
        "country": chance.choice(("DE", "DE", "US", "GB", None)),
        "app": chance.choice(_APPS),
        "client": "Chrome 142",
        "action": chance.choice(_ACTIONS[source]),
        "object": "Account" if source == "event_log_restapi" else None,
        "target": None,
        "rows": i if source == "event_log_restapi" else None,
        "bytes": None,
        "outcome": ("failure" if failed else "success") if source != "event_log_report" else None,
        "session": f"s{i % 40}",
        "event_uid": f"{org}-{i:08d}",
        "arrived_seq": i // 100,
        "sf_id": f"0Ya{i:015d}",
        "raw": odd or "Chrome 142",
    }
