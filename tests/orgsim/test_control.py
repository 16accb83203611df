"""The control API: ground truth, clock, quota, rows, permissions, and what the command prints."""

from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import Any

import pytest

from orgsim import build, cli
from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller
from tests.support.postgres import free_port


def ledger(anna: Caller, source: str, **params: str) -> list[dict[str, Any]]:
    text = anna.get("/_sim/ledger", params={"source": source} | params).text
    return [json.loads(line) for line in text.splitlines()]


def test_the_ledger_shows_what_is_visible_by_the_org_s_clock(anna: Caller) -> None:
    rows = ledger(anna, "LoginHistory")
    assert len(rows) == standin.LOGINS
    assert rows[0].keys() == {"id", "event_time", "created_time", "visible_from"}
    assert rows[0]["event_time"] == "2026-03-18T12:00:00.000Z"
    made = anna.post(
        "/_sim/rows",
        {
            "object": "LoginHistory",
            "visible_from": "2026-03-18T13:00:00Z",
            "rows": [{"UserId": "bert@example.org", "LoginTime": "2026-03-18T11:59:30Z"}],
        },
    )
    (id,) = made.json()["ids"]
    text = f"SELECT Id, UserId, LoginTime FROM LoginHistory WHERE Id = '{id}'"
    assert anna.rows(text) == []
    assert len(ledger(anna, "LoginHistory")) == standin.LOGINS
    assert ledger(anna, "LoginHistory", all="1")[-1] == {
        "id": id,
        "event_time": "2026-03-18T11:59:30.000Z",
        "created_time": "2026-03-18T11:59:30.000Z",
        "visible_from": "2026-03-18T13:00:00.000Z",
    }
    anna.post("/_sim/clock", {"set": "2026-03-18T13:00:01Z"})
    assert anna.rows(text)[0]["LoginTime"] == "2026-03-18T11:59:30.000+0000"
    assert len(ledger(anna, "LoginHistory")) == standin.LOGINS + 1


def test_the_date_header_follows_the_clock(anna: Caller) -> None:
    def date() -> datetime:
        return parsedate_to_datetime(anna.get("/services/data").headers["Date"])

    moved = datetime(2026, 3, 18, 12, 1, 30, tzinfo=UTC)
    assert datetime.fromisoformat(anna.post("/_sim/clock", {"advance": 90}).json()["now"]) >= moved
    assert moved <= date() < moved + timedelta(minutes=10)
    anna.post("/_sim/clock", {"advance": "P1DT2H"})
    moved += timedelta(days=1, hours=2)
    assert moved <= date() < moved + timedelta(minutes=10)


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("clock", {"advance": "soon"}),
        ("clock", {}),
        ("clock", {"set": "yesterday"}),
        ("quota", {"used": "many"}),
        ("rows", {"object": "User", "rows": [{"Nope": 1}]}),
        ("rows", {"object": "LoginHistory", "rows": [{"UserId": "nobody@example.org"}]}),
        ("rows", {"object": "LoginHistory", "rows": [{"LoginTime": "soon"}]}),
        ("permission", {"user": "anna@example.org", "permission": "Nope"}),
        ("faults", {"sorcery": True}),
        ("faults", {"endpoint": "("}),
    ],
)
def test_what_control_cannot_do_it_says(anna: Caller, path: str, body: dict[str, Any]) -> None:
    answer = anna.post(f"/_sim/{path}", body)
    assert answer.status_code == 400
    assert answer.json()[0]["message"]


def test_unknown_controls_name_the_known_ones(anna: Caller) -> None:
    assert "POST clock" in anna.get("/_sim/nothing").json()[0]["message"]


def test_rows_go_into_any_object_with_references_by_name(anna: Caller) -> None:
    rows = [
        {"Action": "PermSetAssign", "CreatedById": "anna@example.org", "Display": "x"},
        {"Action": "PermSetAssign", "CreatedById": None},
    ]
    ids = anna.post("/_sim/rows", {"object": "setupaudittrail", "rows": rows}).json()["ids"]
    found = anna.rows(
        "SELECT Id, CreatedBy.Name FROM SetupAuditTrail WHERE Action = 'PermSetAssign'"
    )
    assert [r["Id"] for r in found] == ids
    assert found[0]["CreatedBy"]["Name"] == "Anna Example"


def test_a_permission_is_taken_from_a_set(anna: Caller, server: OrgServer) -> None:
    name = server.org.store["PermissionSet"].value(0, "Name")
    asked = {"permission_set": name, "permission": "PermissionsManageUsers", "value": False}
    anna.post("/_sim/permission", asked)
    assert anna.soql("SELECT COUNT() FROM LoginHistory")["totalSize"] == standin.LOGINS // 3


def test_state_app_and_token(anna: Caller, server: OrgServer) -> None:
    state = anna.get("/_sim/state").json()
    assert (state["org_id"], state["users"], state["speed"]) == (server.org.id, 5, 0)
    assert anna.get("/_sim/app").json() == {
        "consumer_key": "3MVG9Robot",
        "consumer_secret": "secret-of-Robot",
        "run_as": "robot@example.org",
        "url": server.base_url,
    }


def test_calls_tell_clients_apart(server: OrgServer, anna: Caller) -> None:
    form = {
        "grant_type": "client_credentials",
        "client_id": "3MVG9Robot",
        "client_secret": "secret-of-Robot",
    }
    url = f"{server.base_url}/services/oauth2/token"
    token = anna.http.post(url, data=form, timeout=10).json()["access_token"]
    for _ in range(2):
        anna.get("limits", headers={"Authorization": f"Bearer {token}"})
    first = anna.soql("SELECT Id FROM LoginHistory")
    anna.get(first["nextRecordsUrl"])
    calls = anna.get("/_sim/calls").json()
    assert {"endpoint": "GET /services/data/limits", "client": "Robot", "count": 2} in calls
    named = [c["endpoint"] for c in calls if c["client"] == "orgsim"]
    assert named == ["GET /services/data/query", "GET /services/data/query/{locator}"]


def test_time_that_passes_is_lived_once(monkeypatch: pytest.MonkeyPatch) -> None:
    org = standin.make_org(speed=1)
    server = OrgServer(org, "http://127.0.0.1:1")
    spans: list[tuple[int, int]] = []
    monkeypatch.setattr(build, "live", lambda org, since, until: spans.append((since, until)))
    start = server.lived_ms
    server.live()
    assert spans == []
    org.clock.advance(5000)
    server.moved()
    org.clock.advance(3_600_000)
    server.moved()
    assert spans[0][0] == start
    assert spans[0][1] == spans[1][0]
    assert len(spans) == 2


def test_the_command_prints_the_app_and_a_token(
    server: OrgServer, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    port = str(server.org.options.port)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("ORGSIM_HOME", str(tmp_path))
        assert cli.main(["app", "--port", port]) == 0
        assert json.loads(capsys.readouterr().out)["consumer_key"] == "3MVG9Robot"
        assert cli.main(["token", "--port", port, "--user", "anna@example.org"]) == 0
        token = capsys.readouterr().out.strip()
        assert cli.main(["ca"]) == 0
        assert capsys.readouterr().out.startswith("-----BEGIN CERTIFICATE-----")
    assert server.sessions.find(token) is not None


def test_the_command_says_when_nothing_answers() -> None:
    with pytest.raises(SystemExit, match="nothing answers on port"):
        cli.main(["app", "--port", str(free_port())])
