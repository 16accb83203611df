"""Does what landed equal what happened? Judged from outside: the emulator's ledger on one side,
rows by SQL and the coverage that Orgwarden claims on the other. Shares no code with the product.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from tests.support.orgsim import OrgsimServer

Ask = Callable[[str], list[dict[str, Any]]]  # the rows of a SELECT
LAGS = {"LoginHistory": timedelta(minutes=5), "SetupAuditTrail": timedelta(minutes=5)}
VIEWS = {"LoginHistory": "login_history", "SetupAuditTrail": "setup_audit_trail"}


def log_types(sim: OrgsimServer) -> list[str]:
    """The event types the org lists files of."""
    token = sim.token()
    found: set[str] = set()
    path: str | None = "/services/data/v62.0/query"
    params: dict[str, str] | None = {"q": "SELECT EventType FROM EventLogFile"}
    while path:
        answer = sim.session.get(
            sim.url + path,
            params=params,
            headers={"Authorization": f"Bearer {token}"},
            timeout=60,
        )
        answer.raise_for_status()
        page = answer.json()
        found |= {row["EventType"] for row in page["records"]}
        path, params = page.get("nextRecordsUrl"), None
    return sorted(found)


def assert_landed(sim: OrgsimServer, ask: Ask, sources: list[dict[str, Any]]) -> None:
    """Every event inside the ranges called complete is in the lake exactly as often as it happened,
    none is there that did not happen, and rows of a source are never doubled. `sources` are the
    sources of one org in `status --json`."""
    by_id = {s["id"]: s for s in sources}
    types = log_types(sim)
    landed = _landed(ask, [kind for kind in types if f"event_log_{kind.lower()}" in by_id])
    for thing, view in VIEWS.items():
        _compare(view, sim.ledger(thing), landed[view], _spans(by_id[view]), "id")
    for kind in types:
        view = f"event_log_{kind.lower()}"
        happened = sim.ledger(f"EventLogFile:{kind}")
        if view in by_id:
            _compare(view, happened, landed[view], _spans(by_id[view]), "hash")
        else:
            assert not happened, f"{view} was never collected"


def _landed(ask: Ask, types: list[str]) -> dict[str, Counter[str]]:
    """Every stored row by view, in one question: starting a command costs more than reading."""
    asked = [f"SELECT '{view}' AS v, \"Id\" AS k FROM {view}" for view in VIEWS.values()]
    for kind in types:
        view = f"event_log_{kind.lower()}"
        asked.append(f"SELECT '{view}' AS v, row_sha256 AS k FROM {view}")
    found: dict[str, Counter[str]] = defaultdict(Counter)
    for row in ask(" UNION ALL ".join(asked)):
        found[row["v"]][row["k"]] += 1
    return found


def assert_everything_landed(sim: OrgsimServer, ask: Ask, sources: list[dict[str, Any]]) -> None:
    """For an org that stands still: from the backfill's start on the lake holds exactly what
    happened, whatever coverage claims. A log file that the org has deleted meanwhile may be there
    or not: it may have gone before anybody connected."""
    start = {s["id"]: _instant(s["backfill_from"]) for s in sources if s["backfill_from"]}
    logged, kept = {}, {}
    for kind in log_types(sim):
        files = sim.ledger(f"EventLogFile:{kind}")
        there = [row for row in files if row["gone_from"] is None]
        begin = start["event_log_file"]
        logged[kind] = _since(begin, files, "created_time", "hash")
        kept[kind] = _since(begin, there, "created_time", "hash")
    landed = _landed(ask, [kind for kind, happened in kept.items() if happened])
    for thing, view in VIEWS.items():
        happened = _since(start[view], sim.ledger(thing), "event_time", "id")
        _same(view, happened, happened, landed[view])
    for kind, happened in logged.items():
        view = f"event_log_{kind.lower()}"
        _same(view, happened, kept[kind], landed[view])


def _since(start: datetime, rows: list[dict[str, Any]], time: str, key: str) -> Counter[str]:
    return Counter(row[key] for row in rows if _instant(row[time]) >= start)


def _same(view: str, happened: Counter[str], kept: Counter[str], landed: Counter[str]) -> None:
    lost, invented = kept - landed, landed - happened
    assert not lost, f"{view}: {lost.total()} lost, such as {list(lost)[:3]}"
    assert not invented, f"{view}: {invented.total()} too many, such as {list(invented)[:3]}"


def assert_up_to_date(sim: OrgsimServer, sources: list[dict[str, Any]], name: str) -> None:
    """The complete ranges of a row source reach from the backfill's start to now less the lag."""
    [source] = [s for s in sources if s["id"] == VIEWS[name]]
    now = _instant(sim.control("state")["now"])
    [[start, end]] = source["complete"]
    assert _instant(start) == _instant(source["backfill_from"])
    assert now - _instant(end) < LAGS[name] + timedelta(minutes=2)


def _compare(
    view: str,
    happened: list[dict[str, Any]],
    landed: Counter[str],
    complete: list[tuple[datetime, datetime]],
    key: str,
) -> None:
    every = Counter(row[key] for row in happened)
    claimed = Counter(
        row[key]
        for row in happened
        if any(a <= _instant(row["event_time"]) < b for a, b in complete)
    )
    _same(view, claimed, claimed, landed & claimed)
    _same(view, landed & every, landed & every, landed)


def _spans(source: dict[str, Any]) -> list[tuple[datetime, datetime]]:
    return [(_instant(a), _instant(b)) for a, b in source["complete"]]


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text)
