"""The host at fault: a disk that fails or fills up, a wrong clock, no zones and no locale."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orgwarden.records.models import Org
from scripts import parts
from tests.support.checker import Checker
from tests.support.command import Installation
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

ROOT = Path(__file__).resolve().parents[2]
SHIM = Path(__file__).with_name("failing_disk.c")
AUDIT = "setup_audit_trail"
# What has to do with times: parsing, arithmetic of spans, SQL over instants, queries.
TIMES = (
    "tests/core/test_spans.py",
    "tests/salesforce/test_soql.py::test_times_are_written_in_utc",
    "tests/lake/test_render.py::test_instants_are_read_in_every_documented_form",
    "tests/lake/test_render.py::test_a_time_that_no_calendar_of_ours_holds_is_missing",
)  # fmt: skip


@pytest.fixture
def server(orgsim_server: StartOrgsim) -> OrgsimServer:
    return orgsim_server(users=3, days=1, speed=0, event_monitoring="none")


@pytest.fixture
def small(tmp_path: Path, server: OrgsimServer) -> Installation:
    made = Installation(tmp_path / "home", server)
    made.init()
    made.connect("prod", server)
    return made


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The library that makes a disk fail, made of its source."""
    compiler = parts.find_compiler()
    assert compiler is not None, "A C compiler was not found; `make test` installs one"
    made = tmp_path_factory.mktemp("shim") / "failing_disk.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O1", "-o", str(made), str(SHIM), "-ldl"], check=True
    )
    return made


@pytest.mark.fault("F4", "F5")
def test_a_disk_that_fails_anywhere_ends_in_a_sentence_and_loses_nothing(
    small: Installation, server: OrgsimServer, shim: Path, tmp_path: Path
) -> None:
    checker = Checker.beginning(server, small.shown("prod"))
    told = tmp_path / "told"
    hit = 0
    for kind, nth in (("SYNC", 5), ("WRITE", 2), ("SYNC", 14)):
        failing = {
            "LD_PRELOAD": str(shim), f"FAIL_{kind}": str(nth), "FAIL_TOLD": str(told),
            "FAIL_UNDER": str(small.home),
        }  # fmt: skip
        told.unlink(missing_ok=True)
        ended = small.run("collect", env=failing)
        assert "Traceback" not in ended.err, (kind, nth, ended.err)
        hit += told.exists()
    assert hit == 3
    checker.assert_drains(lambda: small.run("collect", exits=0), rounds=2)


@pytest.mark.fault("F4")
def test_a_disk_with_too_little_room_pauses_collecting_with_the_reason(
    house: House, server: OrgsimServer
) -> None:
    house.admit(server)
    org = house.connect(server)
    checker = Checker.beginning(server, house.shown(org))
    enough = house.settings.ORGWARDEN_LEAST_FREE
    house.settings.ORGWARDEN_LEAST_FREE = 1 << 60
    done = house.collect(org, AUDIT, "login_history")
    assert {(o.outcome, o.code) for o in done.outcomes} == {("waiting", "DISK_LOW")}
    shown = house.status(org)
    assert shown["waiting"]["rule"] == "disk"
    assert "MB left; collecting pauses below" in shown["waiting"]["reason"]
    assert shown["status"] != Org.Status.SUCCESS
    assert checker.withheld(AUDIT, "login_history") == []
    checker.assert_true()
    house.settings.ORGWARDEN_LEAST_FREE = enough
    checker.assert_drains(lambda: house.collect(org))
    assert house.status(org)["waiting"] is None


@pytest.mark.fault("E8")
@pytest.mark.parametrize("minutes", [-10, 10])
def test_a_clock_that_is_wrong_is_told_and_nothing_is_lost(
    house: House, server: OrgsimServer, minutes: int
) -> None:
    house.admit(server)
    org = house.connect(server)
    checker = Checker.beginning(server, house.shown(org))
    server.control("clock", {"set": (datetime.now(UTC) - timedelta(minutes=minutes)).isoformat()})
    house.collect(org, AUDIT)
    assert abs(house.status(org)["clock_ahead"] - minutes * 60) < 30
    checker.assert_true()
    server.control("clock", {"set": datetime.now(UTC).isoformat()})
    house.collect(org, AUDIT)
    assert house.status(org)["clock_ahead"] == 0


@pytest.mark.fault("E9", "F12")
@pytest.mark.parametrize("zone", ["Asia/Kathmandu", "America/Sao_Paulo"])
def test_whatever_zone_the_host_is_in_and_without_any_zones_times_are_the_same(
    tmp_path: Path, zone: str
) -> None:
    bare = {"TZ": zone, "PYTHONTZPATH": "", "HOME": str(tmp_path), "PATH": "/usr/bin:/bin"}
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-n", "0", *TIMES],
        cwd=ROOT, env={**bare, "PYTHONPATH": ":".join(map(str, (ROOT / "src", ROOT)))},
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert ended.returncode == 0, ended.stdout[-3000:]
    assert " passed" in ended.stdout


@pytest.mark.fault("F12")
def test_an_empty_environment_without_locale_and_zones_collects(
    small: Installation, server: OrgsimServer
) -> None:
    kept = {k: v for k, v in small.env.items() if k.startswith("ORGWARDEN_") or k == "PYTHONPATH"}
    small.env = {**kept, "PYTHONTZPATH": ""}
    small.run("collect", exits=0)
    Checker(server, small.shown("prod")).assert_true()
