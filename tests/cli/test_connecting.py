"""Connecting from the command line: what is compared, printed, waited for and referred to."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.command import Ended, Installation
from tests.support.fixtures import StartOrgsim
from tests.support.orgsim import OrgsimServer


@pytest.fixture
def sim(orgsim_server: StartOrgsim) -> OrgsimServer:
    return orgsim_server(users=6, days=2, speed=0)


@pytest.fixture
def home(tmp_path: Path, sim: OrgsimServer) -> Installation:
    made = Installation(
        tmp_path / "home", sim, ORGWARDEN_EGRESS_ADDRESSES="198.51.100.7, 203.0.113.0/28"
    )
    made.init()
    return made


def connect(home: Installation, sim: OrgsimServer, *more: str, stdin: str = "") -> Ended:
    key = sim.app()["consumer_key"]
    return home.run(
        "org", "connect", "prod", "--url", sim.url, "--client-id", key, *more, stdin=stdin
    )


@pytest.mark.seed("C7", "C20", "L6")
def test_a_reference_connects_and_the_answer_of_salesforce_and_our_addresses_are_printed(
    home: Installation, sim: OrgsimServer, tmp_path: Path
) -> None:
    file = tmp_path / "secret"
    file.write_text(sim.app()["consumer_secret"])
    done = connect(home, sim, "--secret-from", f"file:{file}", "--environment", "production")
    assert done.code == 0, done.err
    assert "198.51.100.7, 203.0.113.0/28" in done.err
    for fact in (sim.control("state")["org_id"], sim.app()["run_as"], "Enterprise Edition"):
        assert fact in done.err
    file.unlink()
    sim.control("clock", {"advance": "PT5H"})
    refused = home.run("collect", "prod", "--source", "organization")
    assert refused.code == 1
    assert str(file) in home.run("status").text + refused.err


def test_what_answers_otherwise_than_asked_is_refused_and_nothing_is_stored(
    home: Installation, sim: OrgsimServer
) -> None:
    secret = sim.app()["consumer_secret"]
    wrong = (
        (("--environment", "sandbox"), "a sandbox was chosen"),
        (("--username", "somebody@else.example"), "somebody@else.example was intended"),
    )
    for words, says in wrong:
        done = connect(home, sim, "--client-secret-stdin", *words, stdin=secret)
        assert done.code == 1
        assert says in done.sentence
    assert home.run("org", "list", "--json").json == []


@pytest.mark.seed("C19")
def test_with_wait_an_app_change_is_waited_for_and_without_it_is_not(
    home: Installation, sim: OrgsimServer
) -> None:
    secret = sim.app()["consumer_secret"]
    fault = {"endpoint": "/token", "times": 1, "status": 400, "error": "invalid_client_id"}
    sim.control("faults", fault)
    assert connect(home, sim, "--client-secret-stdin", stdin=secret).code == 1
    sim.control("faults", fault)
    done = connect(home, sim, "--client-secret-stdin", "--wait", stdin=secret)
    assert done.code == 0, done.err
    assert "Trying again in 5 seconds" in done.err


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--flow", "password"), "no flow password"),
        (("--environment", "moon"), "no environment moon"),
        (("--feature", "threat"), "no feature threat"),
        (("--tier", "all"), "no tier all"),
        (("--secret-from", "hunter2"), "takes file:/path"),
        (("--secret-from", "env:X", "--client-secret-stdin"), "given twice"),
        ((), "standard input only"),
    ],
)
def test_what_cannot_be_meant_is_said_before_anything_is_sent(
    home: Installation, sim: OrgsimServer, words: tuple[str, ...], says: str
) -> None:
    done = connect(home, sim, *words)
    assert done.code == 2
    assert says in done.sentence
    assert "hunter2" not in done.err
