"""Settings through the Metadata API: each is a record, and a changed one an event."""

from __future__ import annotations

import json

from orgwarden.records.models import Run
from tests.support.allowed import allow_what_is_declared
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

LOCK = "sessionSettings.lockSessionsToIp"


def test_a_changed_setting_is_an_event_with_its_value_before_and_after(
    at_home: House, sim: OrgsimServer
) -> None:
    allow_what_is_declared(sim)
    org = at_home.connect(sim, tiers=("metadata",))
    assert at_home.outcome(org, "settings").outcome == Run.Outcome.DONE
    one = f'SELECT "Value" FROM settings WHERE "Path" = \'{LOCK}\''
    assert at_home.ask(one) == [{"Value": "false"}]
    locked = {"sessionSettings": {"lockSessionsToIp": True}}
    sim.control("settings", {"type": "SecuritySettings", "values": locked})
    at_home.outcome(org, "settings")
    assert at_home.ask(one) == [{"Value": "true"}]
    [told] = at_home.ask("SELECT * FROM entity_changes WHERE \"Object\" = 'Settings'")
    assert (told["Name"], told["Change"], told["Fields"]) == (LOCK, "changed", "Value")
    assert json.loads(told["Before"]) == {"Value": "false"}
    assert json.loads(told["After"]) == {"Value": "true"}


def test_a_blocked_app_is_seen_and_unblocked_it_is_gone(at_home: House, sim: OrgsimServer) -> None:
    allow_what_is_declared(sim)
    org = at_home.connect(sim, tiers=("metadata",))
    sim.control("app", {"name": "Call Notes", "blocked": True})
    at_home.outcome(org, "blocked_apps")
    assert "Call Notes" in {r["ConsumerName"] for r in at_home.ask("SELECT * FROM blocked_apps")}
    sim.control("app", {"name": "Call Notes", "blocked": False})
    assert at_home.outcome(org, "blocked_apps").outcome == Run.Outcome.DONE
    assert at_home.ask("SELECT * FROM blocked_apps") == []
    told = at_home.ask('SELECT "Change" FROM entity_changes WHERE "Name" = \'Call Notes\'')
    assert {"Change": "removed"} in told
