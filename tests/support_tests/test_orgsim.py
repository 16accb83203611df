"""The emulator as a fixture: started, asked, ended."""

from __future__ import annotations

import pytest

from tests.support.fixtures import StartOrgsim
from tests.support.orgsim import OrgsimFailed, as_arguments


def test_options_become_arguments() -> None:
    options: dict[str, object] = {"event_monitoring": "licensed", "tls": True, "files": None}
    assert as_arguments(options) == ["--event-monitoring", "licensed", "--tls"]


def test_a_started_org_answers_and_ends(orgsim_server: StartOrgsim) -> None:
    server = orgsim_server(users=5, days=2, speed=0)
    assert server.app()["url"] == server.url
    assert server.token()
    ledger = server.ledger("LoginHistory")
    assert ledger
    assert {"id", "event_time", "created_time", "visible_from"} <= ledger[0].keys()
    server.stop()
    assert server.process.returncode is not None


def test_what_the_emulator_complains_about_is_in_the_error(orgsim_server: StartOrgsim) -> None:
    with pytest.raises(OrgsimFailed, match="no-such-option"):
        orgsim_server(no_such_option=1)


def test_whoever_asks_for_a_shared_org_gets_it_as_it_was_when_it_started(
    shared_orgsim: StartOrgsim,
) -> None:
    options = {"users": 5, "days": 2, "speed": 0, "now": "2026-03-18T12:00:00Z"}
    sim = shared_orgsim(**options)
    sim.control("clock", {"advance": "P3D"})
    sim.control("quota", {"used": 90, "limit": 100})
    sim.control("faults", {"status": 503})
    assert shared_orgsim(**options) is sim
    state = sim.control("state")
    assert state["now"].startswith("2026-03-18T12:")
    assert (state["quota"]["used"], state["quota"]["limit"]) == (0, 100_000)
    assert state["faults"] == 0
