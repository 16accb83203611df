"""Rotated refresh tokens under kill -9: whoever dies, the grant lives, and none is sent twice."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from orgwarden.flows.clients import transport
from orgwarden.flows.tokens import OrgCredentials
from orgwarden.records import credentials
from orgwarden.records.models import Credential, Org
from tests.flows.consented import by_consent, is_honoured, token_calls
from tests.flows.knives import ROOT, environment
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

TOKEN = {"prefix": "/services/oauth2/token", "nth": 1}
PATIENCE = 60.0
ASK = """
import django, os, signal, sys
django.setup()
from orgwarden.flows.clients import transport
from orgwarden.flows.tokens import OrgCredentials
from orgwarden.records.models import Org
point, way, seen = sys.argv[1:4]
def at(here):
    if here == point:
        os.kill(os.getpid(), signal.SIGKILL)
holder = OrgCredentials(Org.objects.get(), transport(), at)
(holder._newer_than if way == "keeper" else holder.renew_here)(int(seen))
"""


@pytest.fixture
def sim(orgsim_server: StartOrgsim, house: House) -> OrgsimServer:
    """An org whose app rotates refresh tokens and ends the family when an old one comes back."""
    server = orgsim_server(users=4, days=1, speed=0, event_monitoring="none")
    house.admit(server)
    server.control("app", {"rotate_refresh_token": True})
    return server


@pytest.fixture
def org(sim: OrgsimServer) -> Org:
    return by_consent(sim)


def asker(
    house: House, sim: OrgsimServer, point: str = "", way: str = "keeper"
) -> subprocess.Popen[bytes]:
    """A process that renews the org's tokens; with `point` it kills itself there."""
    seen = Credential.objects.get(kind="access_token").version
    return subprocess.Popen(
        [sys.executable, "-c", ASK, point, way, str(seen)],
        cwd=ROOT,
        env=environment(house.home, sim),
    )


def until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < end, "it did not happen"
        time.sleep(0.02)


def assert_the_grant_lives(org: Org, sim: OrgsimServer) -> None:
    """The token we hold is the family's live one, and works for the next renewal."""
    assert is_honoured(sim, credentials.need(org, "refresh_token"))
    OrgCredentials(Org.objects.get(pk=org.pk), transport()).probe()
    assert is_honoured(sim, credentials.need(org, "refresh_token"))
    assert org.credentials.filter(kind="refresh_token").count() == 1


@pytest.mark.fault("A5")
@pytest.mark.parametrize(
    "fault",
    [
        pytest.param({"delay": 3}, id="while-salesforce-has-not-begun"),
        pytest.param({"trickle": 300}, id="while-the-answer-is-on-its-way"),
    ],
)
def test_who_waits_for_a_rotation_may_be_killed_and_the_new_token_is_kept(
    house: House, sim: OrgsimServer, org: Org, fault: dict[str, object]
) -> None:
    before = credentials.need(org, "refresh_token")
    sim.control("faults", TOKEN | fault)
    process = asker(house, sim)
    until(lambda: sim.control("faults")[0]["struck"] == 1)
    os.kill(process.pid, signal.SIGKILL)
    assert process.wait(PATIENCE) == -signal.SIGKILL
    until(lambda: credentials.need(org, "refresh_token") != before)
    assert_the_grant_lives(org, sim)


@pytest.mark.fault("A5")
@pytest.mark.parametrize("point", ["asking", "rotated", "kept"])
def test_the_one_who_exchanges_may_be_killed_before_and_after_it_holds_the_answer(
    house: House, sim: OrgsimServer, org: Org, point: str
) -> None:
    assert asker(house, sim, point, "here").wait(PATIENCE) == -signal.SIGKILL
    assert_the_grant_lives(org, sim)


@pytest.mark.fault("A6", "A7")
def test_several_processes_at_once_make_one_token_call(
    house: House, sim: OrgsimServer, org: Org
) -> None:
    sim.control("faults", TOKEN | {"delay": 2})
    before = token_calls(sim)
    processes = [asker(house, sim) for _ in range(3)]
    assert [p.wait(PATIENCE) for p in processes] == [0, 0, 0]
    assert token_calls(sim) - before == 1
    assert_the_grant_lives(org, sim)


def test_a_keeper_runs_nothing_that_lies_in_the_folder_it_was_started_from(
    house: House, sim: OrgsimServer, org: Org, tmp_path: Path
) -> None:
    (tmp_path / "django.py").write_text("raise SystemExit('somebody else\\'s module')")
    seen = Credential.objects.get(kind="access_token").version
    asking = [sys.executable, "-P", "-c", ASK, "", "keeper", str(seen)]
    process = subprocess.Popen(asking, cwd=tmp_path, env=environment(house.home, sim))
    assert process.wait(PATIENCE) == 0
    assert Credential.objects.get(kind="access_token").version > seen


def test_no_token_is_in_a_process_list(house: House, sim: OrgsimServer, org: Org) -> None:
    sim.control("faults", TOKEN | {"delay": 3})
    process = asker(house, sim)
    until(lambda: sim.control("faults")[0]["struck"] == 1)
    seen = b""
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            for name in ("cmdline", "environ"):
                try:
                    seen += (folder / name).read_bytes()
                except OSError:
                    continue
    assert b"orgwarden.flows.keeper" in seen
    for kind in ("refresh_token", "access_token", "client_secret"):
        assert credentials.need(org, kind).encode() not in seen
    assert process.wait(PATIENCE) == 0
