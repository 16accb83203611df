"""`serve`, `web` and `worker` start, answer, and end within seconds of being told to."""

from __future__ import annotations

import json
import signal
import socket
import subprocess
import time

import pytest
import requests

from orgwarden.cli.serving import LARGEST_REQUEST
from tests.support.command import Installation
from tests.support.orgsim import OrgsimServer
from tests.support.postgres import free_port

PATIENCE = 60.0  # seconds for a busy machine


def answers(port: int, process: subprocess.Popen[str]) -> requests.Response:
    """The first answer of `/health/`."""
    until = time.monotonic() + PATIENCE
    with requests.Session() as session:
        session.trust_env = False
        while True:
            try:
                return session.get(f"http://127.0.0.1:{port}/health/", timeout=10)
            except requests.ConnectionError:
                assert process.poll() is None, process.communicate()
                assert time.monotonic() < until
                time.sleep(0.05)


def ends(process: subprocess.Popen[str], number: int) -> tuple[float, str]:
    began = time.monotonic()
    for _ in range(20):  # somebody impatient
        process.send_signal(number)
    _, said = process.communicate(timeout=PATIENCE)
    assert process.returncode == 0, said
    assert "Traceback" not in said
    return time.monotonic() - began, said


@pytest.mark.parametrize(
    ("command", "number"),
    [("web", signal.SIGTERM), ("web", signal.SIGINT), ("serve", signal.SIGTERM)],
)
def test_the_pages_answer_and_end_when_told_to(
    collected: Installation, command: str, number: int
) -> None:
    port = free_port()
    process = collected.start(command, "--port", str(port))
    try:
        answer = answers(port, process)
        assert answer.status_code == 200
        # The pages alone do not know of a worker; `serve` brings one, which is seen at once.
        known = answer.json()["worker"]
        assert known in ({"web": ("unknown",), "serve": ("unknown", "ok")}[command])
        seconds, said = ends(process, number)
    finally:
        process.kill()
    assert f"http://127.0.0.1:{port}" in said
    assert seconds < 15


def test_a_port_in_use_is_told_in_one_sentence(collected: Installation) -> None:
    port = free_port()
    process = collected.start("web", "--port", str(port))
    try:
        answers(port, process)
        second = collected.run("web", "--port", str(port), timeout=PATIENCE)
        assert second.code == 1
        assert "--port" in second.sentence
    finally:
        ends(process, signal.SIGTERM)


def test_a_worker_collects_what_is_due_and_leaves_a_long_backfill_when_told_to_end(
    fresh: Installation, still_org: OrgsimServer
) -> None:
    fresh.init()
    fresh.connect("prod", still_org)
    worker = fresh.start("worker")
    try:
        until = time.monotonic() + PATIENCE
        while fresh.org("prod")["status"] != "success":
            assert worker.poll() is None, worker.communicate()
            assert time.monotonic() < until
            time.sleep(1)  # a command is a process, and takes the processors the worker needs
        # Now every answer takes long: the end is not waited for.
        still_org.control("faults", {"prefix": "/services/data/", "delay": 30})
        seconds, _ = ends(worker, signal.SIGTERM)
        assert seconds < 15
    finally:
        worker.kill()
        still_org.control("faults", method="DELETE")
    fresh.run("collect", exits=0)


def test_a_request_larger_than_a_form_is_refused_before_it_is_kept(
    collected: Installation,
) -> None:
    port = free_port()
    process = collected.start("web", "--port", str(port))
    try:
        answers(port, process)
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as stranger:
            stranger.sendall(
                b"POST /sign-in/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
                b"Content-Length: %d\r\n\r\nusername=" % (LARGEST_REQUEST + 1)
            )
            assert stranger.recv(100).startswith(b"HTTP/1.1 413")
        ends(process, signal.SIGTERM)
    finally:
        process.kill()


def test_a_named_proxy_is_believed_about_the_visitor_through_the_real_server(
    fresh: Installation,
) -> None:
    fresh.init()
    port = free_port()
    fresh.env["ORGWARDEN_TRUSTED_PROXIES"] = "127.0.0.1"
    process = fresh.start("web", "--port", str(port))
    try:
        answers(port, process)
        with requests.Session() as session:
            session.trust_env = False
            page = session.get(f"http://127.0.0.1:{port}/sign-in/", timeout=PATIENCE).text
            form = {"username": "x", "password": "y"}
            form["csrfmiddlewaretoken"] = page.split('csrfmiddlewaretoken" value="')[1].split('"')[
                0
            ]
            told = {"X-Forwarded-For": "203.0.113.9"}
            wrong = session.post(
                f"http://127.0.0.1:{port}/sign-in/", form, headers=told, timeout=PATIENCE
            )
        assert wrong.status_code == 401
        ends(process, signal.SIGTERM)
    finally:
        process.kill()
    newest = json.loads(fresh.run("audit", "export", exits=0).out)[-2]
    assert (newest["action"], newest["subject"]) == ("console:sign-in:failed", "203.0.113.9")
