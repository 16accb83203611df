"""`collect` and `status`: what they print, and how they end."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from orgwarden.cli.work import print_org
from tests.support.command import Installation
from tests.support.landed import assert_everything_landed, assert_landed, assert_up_to_date
from tests.support.opted import ON
from tests.support.orgsim import OrgsimServer

SOURCES = [s.id for s in ON]


def test_a_collection_until_idle_lands_everything_and_the_next_adds_nothing(
    fresh: Installation, still_org: OrgsimServer
) -> None:
    fresh.init()
    connected = fresh.connect("prod", still_org).json
    assert connected["organization_id"].startswith("00D")
    [done] = fresh.run("collect", "prod", "--until-idle", "--json", exits=0).json
    assert done["name"] == "prod"
    assert done["exit"] == 0
    assert done["rows"] > 100
    assert {o["source"] for o in done["sources"]} == set(SOURCES)
    assert all(isinstance(o[k], int) for o in done["sources"] for k in ("rows", "stored", "calls"))
    sources = fresh.org("prod")["sources"]
    assert_everything_landed(still_org, fresh.query, sources)
    assert_landed(still_org, fresh.query, sources)
    for name in ("LoginHistory", "SetupAuditTrail"):
        assert_up_to_date(still_org, sources, name)
    [again] = fresh.run("collect", "prod", "--json", exits=0).json
    assert {o["source"] for o in again["sources"] if o["stored"]} <= {"limits"}
    [one] = fresh.run("collect", "--source", "login_history", "--json", exits=0).json
    assert [o["source"] for o in one["sources"]] == ["login_history"]
    [kind] = fresh.run("collect", "--source", "event_log_login", "--json", exits=0).json
    assert [o["source"] for o in kind["sources"]] == ["event_log_file"]


def test_what_a_person_sees_of_a_collection(collected: Installation) -> None:
    ended = collected.run("collect", "prod", exits=0)
    assert "login_history" in ended.text
    assert "done" in ended.text
    assert "Warning" not in ended.err


def test_the_status_is_one_document_with_times_in_utc(collected: Installation) -> None:
    ended = collected.run("status", "--json", exits=0)
    assert ended.err == ""
    told = ended.json
    assert list(told) == ["as_of", "workers", "orgs"]
    assert told["workers"] == 0
    assert told["as_of"].endswith("Z")
    [org] = told["orgs"]
    assert (org["name"], org["status"], org["waiting"]) == ("prod", "success", None)
    assert datetime.fromisoformat(org["last_synced"]).tzinfo == UTC
    assert org["budget"]["limit"] == 100_000
    assert 0 < org["budget"]["own_24h"] <= org["budget"]["used"]
    assert {s["id"] for s in org["sources"]} >= set(SOURCES)
    for source in org["sources"]:
        assert isinstance(source["rows"], int)
        assert all(a.endswith("Z") and b.endswith("Z") for a, b in source["complete"])
    ended = collected.run("status", exits=0)
    assert "prod: success" in ended.text
    assert "No worker is running" in ended.err
    types = [s for s in org["sources"] if s["id"].startswith("event_log_")]
    assert len(types) > 2
    assert {s["state"] for s in types} == {"current"}
    assert f"event_log_* ({len(types) - 1})" in ended.text


def an_org(**more: Any) -> dict[str, Any]:
    """One org as `status --json` shows it, with one log type that stands apart."""

    def source(name: str, **own: Any) -> dict[str, Any]:
        reach = "2026-11-19T05:34:20.549880Z"
        told = {"state": "current", "rows": 1000, "calls": 2, "complete_to": reach}
        return {"id": name, **told, "reason": None, "fix": None, **own}

    return {
        "name": "prod",
        "status": "success",
        "paused_at": None,
        "problem": None,
        "waiting": None,
        "budget": {"used": 3549, "limit": 100_000, "as_of": "2026-11-22T05:34:59Z", "own_24h": 12},
        "sources": [
            source("event_log_file", rows=2000, calls=7),
            source("event_log_api", calls=0),
            source("event_log_login", calls=0),
            source("event_log_report", calls=0, state="dark", reason="No licence."),
            source("event_log_uri", calls=0, state="dark", reason="No licence."),
            source("setup_audit_trail"),
        ],
        **more,
    }


def printed(capsys: pytest.CaptureFixture[str], org: dict[str, Any]) -> list[str]:
    print_org(org, folded=True)
    return capsys.readouterr().out.splitlines()


def test_a_terminal_of_80_columns_holds_a_source_in_a_line(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    lines = printed(capsys, an_org())
    rows = [line.split("│")[1:-1] for line in lines if line.startswith("│")]
    cells = [[cell.strip() for cell in row] for row in rows]
    assert [row[0] for row in cells if row[0]] == [
        "event_log_* (2)", "event_log_report", "event_log_uri", "setup_audit_trail",
    ]  # fmt: skip
    assert cells[0][1:5] == ["current", "2,000", "7", "2026-11-19 05:34Z"]
    assert len([line for line in lines if "05:34Z" in line]) == 4
    assert lines[-1] == "event_log_report, event_log_uri: No licence."


@pytest.mark.parametrize(
    ("used", "own", "told"),
    [
        (3549, 12, "API calls in 24 hours: 3,549 of 100,000, 12 ours."),
        (3549, 6446, "6,446 of 100,000, 6,446 ours. Salesforce said 3,549 at 2026-11-22 05:34Z."),
    ],
)
def test_our_calls_are_never_more_than_all_calls(
    capsys: pytest.CaptureFixture[str], used: int, own: int, told: str
) -> None:
    org = an_org()
    org["budget"] |= {"used": used, "own_24h": own}
    assert told in printed(capsys, org)[1]
    org["budget"] |= {"used": None, "limit": None}
    assert f"unknown, {own:,} ours" in printed(capsys, org)[1]


def test_a_paused_tenant_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    [first, *_] = printed(capsys, an_org(paused_at="2026-11-22T05:34:59Z"))
    assert first == "prod: success, paused since 2026-11-22 05:34Z"


def test_the_tenants_are_listed_and_shown(collected: Installation) -> None:
    listed = collected.run("org", "list", "--json", exits=0).json
    assert [o["name"] for o in listed] == ["prod"]
    assert collected.run("org", "show", "PROD", "--json", exits=0).json["key"] == listed[0]["key"]
    assert "prod" in collected.run("org", "list", exits=0).text
    assert "login_history" in collected.run("org", "show", "prod", exits=0).text


def test_a_shell_that_lacks_a_setting_is_told_so_and_the_tenant_stands_as_it_did(
    collected: Installation, still_org: OrgsimServer
) -> None:
    before = collected.org("prod")
    unset = {"ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": ""}
    ended = collected.run("collect", "prod", exits=1, env=unset)
    assert f"ORGWARDEN_ALLOWED_SALESFORCE_HOSTS=127.0.0.1:{still_org.port}" in ended.sentence
    after = collected.org("prod")
    told = ("status", "status_since", "problem", "code", "sources")
    assert [after[k] for k in told] == [before[k] for k in told]


def test_nothing_connected_is_said_and_is_no_error(fresh: Installation) -> None:
    fresh.init()
    for command in ("collect", "status", "org list"):
        ended = fresh.run(*command.split(), exits=0)
        assert "org connect" in ended.err
    assert fresh.run("collect", "--json", exits=0).json == []
    assert fresh.run("org", "list", "--json", exits=0).json == []
    assert fresh.run("status", "--json", exits=0).json["orgs"] == []
    assert fresh.run("lake", "verify", "--json", exits=0).json == []


@pytest.mark.seed("M13", "C25")
def test_a_test_of_the_connection_says_what_works_thing_by_thing(
    collected: Installation, still_org: OrgsimServer
) -> None:
    ended = collected.run("org", "test", "prod", "--json", exits=0)
    names = {s["name"] for s in ended.json}
    assert {"Sign-in", "REST API", "Sign-ins", "Setup audit trail", "Event log files"} <= names
    assert {"Limits", "Users", "View Setup and Configuration"} <= names
    assert not [s for s in ended.json if s["ok"] is False]
    keys = {"name", "ok", "words", "fix", "verdict", "seconds", "calls", "kind", "id"}
    assert all(set(s) == keys for s in ended.json)
    connected = f"Connected! {len(SOURCES)} of {len(SOURCES)} sources work."
    assert connected in collected.run("org", "test", "prod", exits=0).err
    taken = {"user": still_org.app()["run_as"], "permission": "ViewEventLogFiles"}
    still_org.control("permission", {**taken, "value": False})
    try:
        ended = collected.run("org", "test", "prod", "--json", exits=1)
        failed = [s for s in ended.json if s["ok"] is False]
        assert [s["name"] for s in failed] == ["View Event Log Files", "Event log files"]
        assert all(s["fix"] for s in failed)
    finally:
        still_org.control("permission", {**taken, "value": True})


@pytest.fixture
def busy(collected: Installation, still_org: OrgsimServer) -> object:
    """The org's quota is given back afterwards."""
    yield still_org
    still_org.control("quota", {"used": 0})


def test_the_budget_stops_a_collection_with_75_and_says_until_when(
    fresh: Installation, busy: OrgsimServer
) -> None:
    fresh.init()
    fresh.connect("prod", busy)
    fresh.run("collect", exits=0)
    busy.control("quota", {"used": 76_000})
    # The first answer of a run tells what others used; from then on only sign-ins are read.
    ended = fresh.run("collect", "--json", exits=75)
    [done] = ended.json
    assert done["exit"] == 75
    assert set(done["waiting"]) == {"reason", "rule", "until"}
    assert done["waiting"]["rule"] == "stop"
    assert datetime.fromisoformat(done["waiting"]["until"]) > datetime.now(UTC)
    assert {o["source"]: o["outcome"] for o in done["sources"]}["login_history"] == "done"
    assert "waits until" in ended.err
    assert fresh.org("prod")["waiting"]["rule"] == "stop"


def test_at_90_percent_nothing_is_called_and_the_exit_code_is_75(
    fresh: Installation, busy: OrgsimServer
) -> None:
    fresh.init()
    fresh.connect("prod", busy)
    busy.control("quota", {"used": 90_500})
    fresh.run("collect", exits=75)  # learns it from its first answer
    before = calls(busy)
    ended = fresh.run("collect", "--json", exits=75)
    [done] = ended.json
    assert done["waiting"]["rule"] == "floor"
    assert calls(busy) == before
    assert json.loads(ended.out)


def calls(sim: OrgsimServer) -> int:
    return sum(c["count"] for c in sim.control("calls"))
