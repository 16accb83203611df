"""A disk that is full or read-only ends in one sentence, and afterwards nothing is missing."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from orgwarden.flows.upkeep import verify
from tests.support.command import Installation
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.orgsim import OrgsimServer


@pytest.fixture
def small(tmp_path: Path, sim: OrgsimServer) -> Installation:
    made = Installation(tmp_path / "home", sim)
    made.init()
    made.connect("prod", sim)
    return made


# No file may grow beyond so many bytes: what a full disk does, told by another errno.
AT_MOST = """
import resource, signal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)  # an error instead of the end
resource.setrlimit(resource.RLIMIT_FSIZE, ({size}, {size}))
"""
# Root obeys modes too: it starts without CAP_DAC_OVERRIDE. For others this does nothing.
WITHOUT_OVERRIDE = """
import ctypes
ctypes.CDLL(None).prctl(24, 1, 0, 0, 0)  # PR_CAPBSET_DROP
"""


@pytest.mark.fault("F4")
@pytest.mark.parametrize("size", [1_000, 30_000])
def test_files_that_cannot_grow_end_in_sentences_and_nothing_is_lost(
    small: Installation, sim: OrgsimServer, size: int
) -> None:
    ended = small.run("collect", "--json", first=AT_MOST.format(size=size))
    assert ended.code == 1
    assert "Traceback" not in ended.err
    told = [line for line in ended.err.splitlines() if line]
    assert told
    assert any("file" in line or "disk" in line or "database" in line for line in told)
    small.run("collect", exits=0)
    proof = small.run("lake", "verify", "--json", exits=0).json
    assert proof[0]["wrong"] == []
    assert_everything_landed(sim, small.query, small.org("prod")["sources"])
    again = small.run("collect", "--json", exits=0).json[0]
    assert {o["source"] for o in again["sources"] if o["stored"]} <= {"limits"}


@pytest.mark.fault("F4")
@pytest.mark.parametrize("nth", [2, 3])
def test_a_commit_that_fails_once_it_is_there_is_not_undone_by_the_next_source(
    at_home: House, sim: OrgsimServer, nth: int
) -> None:
    """Found by the simulation, seed 47: the disk was full when the commit was flushed to it."""
    org = at_home.connect(sim)
    sources = ("login_history", "setup_audit_trail")
    committed = 0

    def full(point: str) -> None:
        nonlocal committed
        committed += point == "committed"
        if point == "committed" and committed == nth:
            raise OSError(errno.ENOSPC, "No space left on device")

    at_home.collect(org, *sources, at=full)
    assert committed > nth
    for _ in range(2):
        assert verify(org)["wrong"] == []
        told = {s["id"]: s["rows"] for s in at_home.sources(org) if s["id"] in sources}
        assert told == {source: at_home.count(source) for source in sources}
        at_home.collect(org, *sources)


@pytest.mark.fault("F4")
def test_a_home_nobody_may_write_to_is_told_in_one_sentence(
    small: Installation, sim: OrgsimServer
) -> None:
    small.run("collect", exits=0)
    modes = {p: p.stat().st_mode for p in (small.home, *small.home.rglob("*"))}
    for path in modes:
        path.chmod(0o500 if path.is_dir() else 0o400)
    try:
        ended = small.run("collect", first=WITHOUT_OVERRIDE)
    finally:
        for path, mode in modes.items():
            path.chmod(mode)
    assert ended.code == 1
    assert ended.sentence
    assert ended.err.count("\n") == 1, ended.err
    small.run("collect", exits=0)
    assert_everything_landed(sim, small.query, small.org("prod")["sources"])


def test_a_place_where_no_home_can_be_made_is_told_by_init(
    tmp_path: Path, orgsim_server: StartOrgsim
) -> None:
    (tmp_path / "file").write_text("not a folder")
    ended = Installation(tmp_path / "file" / "home").run("init")
    assert ended.code == 1
    assert "ORGWARDEN_HOME" in ended.sentence
