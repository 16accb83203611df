"""`orgsim serve` as a process: its ready lines, https, several orgs, the clock, and its end."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from tests.support.postgres import free_port

ORGSIM = str(Path(sys.executable).with_name("orgsim"))
SMALL = ("--users", "4", "--days", "1")


def free_ports() -> int:
    """A port whose successor is free too."""
    port, following = free_port(), free_port()
    while following != port + 1:
        port, following = following, free_port()
    return port


@contextmanager
def serve(home: Path, *options: str) -> Iterator[subprocess.Popen[str]]:
    process = subprocess.Popen(
        [ORGSIM, "serve", *SMALL, *options],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"ORGSIM_HOME": str(home)},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def line(process: subprocess.Popen[str]) -> str:
    assert process.stdout is not None
    return process.stdout.readline()


def test_two_orgs_over_https_until_ctrl_c(tmp_path: Path) -> None:
    port = free_ports()
    options = ("--port", str(port), "--orgs", "2", "--tls", "--now", "2026-03-18T12:00:00Z")
    with serve(tmp_path, *options) as process:
        assert line(process) == f"orgsim ready https://127.0.0.1:{port}\n"
        assert line(process) == f"orgsim ready https://127.0.0.1:{port + 1}\n"
        environment = os.environ | {"ORGSIM_HOME": str(tmp_path)}
        ca = subprocess.run([ORGSIM, "ca"], capture_output=True, env=environment, check=True)
        (tmp_path / "trusted.pem").write_bytes(ca.stdout)
        ids = set()
        with requests.Session() as http:
            http.trust_env, http.verify = False, str(tmp_path / "trusted.pem")
            for url in (f"https://localhost:{port}", f"https://127.0.0.1:{port + 1}"):
                answer = http.get(f"{url}/_sim/state", timeout=10)
                ids.add(answer.json()["org_id"])
                assert answer.headers["Date"].startswith("Wed, 18 Mar 2026 12:")
        assert len(ids) == 2
        token = subprocess.run(
            [ORGSIM, "token", "--port", str(port + 1)],
            capture_output=True,
            text=True,
            env=environment,
            check=True,
        )
        assert token.stdout.strip().partition("!")[0] in {i[:15] for i in ids}
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=20)
        assert (process.returncode, out, err) == (0, "", "")


def test_a_port_in_use_is_told_in_one_sentence(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with serve(tmp_path, "--port", str(port)) as process:
            out, err = process.communicate(timeout=30)
    assert (process.returncode, out) == (1, "")
    assert err == f"orgsim: port {port} is in use; choose another with --port\n"


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (("--now", "yesterday"), "not an ISO 8601 time: yesterday"),
        (("--files", "/no/such/folder"), "no such folder"),
        (("--users", "0"), "not a positive whole number: 0"),
        (("--event-monitoring", "some"), "invalid choice: 'some'"),
    ],
)
def test_a_wrong_option_is_named(tmp_path: Path, wrong: tuple[str, str], said: str) -> None:
    with serve(tmp_path, *wrong) as process:
        _, err = process.communicate(timeout=30)
    assert process.returncode == 2
    assert said in err
