"""How everything stands, for the command line, the API and scripts."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from orgwarden.flows.status import everything, of_org
from orgwarden.records.models import Org, SourceState, WorkerBeat
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


@pytest.mark.parametrize("state", ["running", "current", "dark"])
def test_a_log_type_stands_as_the_list_of_log_files_until_a_run_was_judged(
    at_home: House, sim: OrgsimServer, state: str
) -> None:
    org = at_home.connect(sim)
    now = datetime.now(UTC)
    family = {"state": state, "reason": "Because.", "fix": "Do it.", "since": now}
    SourceState.objects.create(org=org, source="event_log_file", **family)
    SourceState.objects.create(org=org, source="event_log_login", rows=15_305)
    SourceState.objects.create(org=org, source="event_log_api", state="failing", reason="Odd.")
    SourceState.objects.create(org=org, source="users")
    told = {s["id"]: (s["state"], s["reason"], s["rows"]) for s in of_org(org)["sources"]}
    assert told["event_log_login"] == (state, "Because.", 15_305)
    assert told["event_log_api"] == ("failing", "Odd.", 0)
    assert told["users"] == ("never", None, 0)


def test_paused_tenants_and_missing_workers_are_told(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    assert of_org(org)["paused_at"] is None
    assert everything()["workers"] == 0
    now = datetime.now(UTC)
    WorkerBeat.objects.create(holder="elsewhere/m/1/1/n", started_at=now, seen_at=now)
    Org.objects.update(paused_at=now)
    value = everything()
    assert value["workers"] == 1
    assert value["orgs"][0]["paused_at"] is not None
