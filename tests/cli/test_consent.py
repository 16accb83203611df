"""Consent in the browser and JWT bearer from the command line, against the emulated org."""

from __future__ import annotations

import socket
import subprocess
from pathlib import Path
from urllib.parse import urlsplit

import requests

from tests.flows.browser import consent
from tests.support.command import ORGWARDEN, Installation
from tests.support.fixtures import StartOrgsim
from tests.support.postgres import free_port


def test_consent_from_the_command_line_connects_and_a_rotated_token_keeps_collecting(
    tmp_path: Path, orgsim_server: StartOrgsim
) -> None:
    server = orgsim_server(users=6, days=2, speed=0)
    callback = f"http://localhost:{free_port()}"
    server.control("app", {"callback_url": f"{callback}/connect/callback",
                           "rotate_refresh_token": True})  # fmt: skip
    home = Installation(tmp_path / "home", server, ORGWARDEN_PUBLIC_URL=callback)
    home.run("init")
    app = server.app()
    command = subprocess.Popen(
        [str(ORGWARDEN), "org", "connect", "prod", "--url", server.url, "--client-id",
         app["consumer_key"], "--client-secret-stdin", "--flow", "web-server"],
        stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=home.env,
    )  # fmt: skip
    assert command.stdin is not None
    assert command.stderr is not None
    command.stdin.write(app["consumer_secret"])
    command.stdin.close()
    address = next(line.strip() for line in command.stderr if line.startswith("http"))
    back = consent(address, app["run_as"])
    # A browser opens connections ahead, and any page in it may ask for any address.
    with socket.create_connection(("127.0.0.1", urlsplit(callback).port or 80)):
        forged = {"error": "access_denied", "state": "not-the-one"}
        answer = requests.get(f"{callback}/connect/callback", params=forged, timeout=30)
        assert answer.status_code == 404
        answer = requests.get(f"{callback}/connect/callback", params=back, timeout=30)
        assert answer.status_code == 200
    assert command.wait(60) == 0, command.stderr.read()
    command.stderr.close()
    for _ in range(2):
        # Two hours later the access token is over, and each refresh gives a new refresh token.
        server.control("clock", {"advance": "PT5H"})
        done = home.run("collect", "prod", "--source", "organization")
        assert done.code == 0, done.err


def test_a_signed_assertion_connects_without_any_secret_of_salesforces(
    tmp_path: Path, orgsim_server: StartOrgsim
) -> None:
    server = orgsim_server(users=6, days=2, speed=0)
    app = server.control("private-key")
    home = Installation(tmp_path / "home", server)
    home.run("init")
    done = home.run(
        "org", "connect", "prod", "--url", server.url, "--client-id", app["consumer_key"],
        "--client-secret-stdin", "--flow", "jwt-bearer", "--username", app["run_as"],
        stdin=app["private_key"],
    )  # fmt: skip
    assert done.code == 0, done.err
    collected = home.run("collect", "prod", "--source", "users")
    assert collected.code == 0, collected.err
