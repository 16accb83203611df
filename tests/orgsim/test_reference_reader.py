"""An independent reader and the ledger agree: at first, after late and newer files, after days."""

from __future__ import annotations

from collections import Counter

import requests

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.reference_reader import Reader, ledger
from tests.orgsim.worlds import NOW, make
from tests.support.postgres import free_port

TIMES = {"LoginHistory": "LoginTime", "SetupAuditTrail": "CreatedDate"}
HEAD = '"EVENT_TYPE","TIMESTAMP","REQUEST_ID","TEXT"\n'
DAY = "2026-11-20T00:00:00Z"


def line(n: int) -> str:
    return f'"RestApi","202611201{n % 10}0000.000","r{n}","a ""quoted""\nline"\n'


def publish(server: OrgServer, body: str, **params: str) -> None:
    wanted = {"type": "RestApi", "date": DAY} | params
    url = f"{server.base_url}/_sim/logfile"
    answer = requests.post(url, params=wanted, data=body.encode(), timeout=10)
    assert answer.status_code == 201, answer.text


def agree(server: OrgServer, reader: Reader) -> dict[str, Counter[str]]:
    """Compare everything. What the living org adds in between is in the later ledger only."""
    reader.sign_in()
    for name, time in TIMES.items():
        before = ledger(server.base_url, name, "id")
        read = reader.ids(name, time)
        assert before <= read <= ledger(server.base_url, name, "id"), name
        assert before.total() > 20
    reader.read_files()
    events = reader.events()
    assert {"Login", "ApiTotalUsage", "RestApi"} <= events.keys()
    for kind, read in events.items():
        assert read == ledger(server.base_url, f"EventLogFile:{kind}", "hash"), kind
    return events


def test_the_reader_and_the_ledger_agree() -> None:
    # Hours and days of every type, each kept for a day: quick to read, and seen to go.
    org = make(
        users=40,
        days=6,
        port=free_port(),
        speed=1,
        event_monitoring="licensed",
        edition="Developer Edition",
    )
    assert org.options.now_ms == NOW
    with standin.serving(org) as server:
        app = requests.get(f"{server.base_url}/_sim/app", timeout=10).json()
        reader = Reader(server.base_url, app["consumer_key"], app["consumer_secret"])
        first = agree(server, reader)["RestApi"].total()
        # A late file brings two rows, one of them twice; an hour's earlier file held the third.
        publish(
            server, HEAD + line(1), interval="Hourly", sequence="1", date="2026-11-20T10:00:00Z"
        )
        late = HEAD + line(2) + line(3) + line(3)
        publish(server, late, interval="Hourly", sequence="2", date="2026-11-20T10:00:00Z")
        assert agree(server, reader)["RestApi"].total() == first + 4
        # The day's file is published again: with what was late, and a row more.
        publish(server, HEAD + "".join(map(line, range(1, 5))))
        agree(server, reader)
        publish(server, HEAD + "".join(map(line, (1, 2, 3, 3, 4, 5))))
        assert agree(server, reader)["RestApi"]
        # Days pass: new sign-ins, new files, and the oldest files are gone.
        for _ in range(2):
            asked = {"advance": "PT20H"}
            requests.post(f"{server.base_url}/_sim/clock", json=asked, timeout=60)
            later = agree(server, reader)
        assert later["Login"].total() > 0
