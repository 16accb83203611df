"""The yardsticks: what the emulator itself can do, and what PyArrow alone does with log files.

The emulator must never be what a measurement measures, so its own rate is measured here too.
"""

from __future__ import annotations

import socket
import threading

from benchmarks.measure import Benchmark, Figure, Setting, timed
from benchmarks.orgs import CALLS, emulated_org

REQUESTS = 20_000
CONNECTIONS = 4
API = "/services/data/v60.0"


def _ask(port: int, request: bytes, times: int, failures: list[str]) -> None:
    """Send one request over and over on one connection; a client that costs next to nothing."""
    with socket.create_connection(("127.0.0.1", port)) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for _ in range(times):
            connection.sendall(request)
            answer = b""
            while b"\r\n\r\n" not in answer:
                answer += connection.recv(65536)
            head, _, body = answer.partition(b"\r\n\r\n")
            lower = head.lower()
            if not head.startswith(b"HTTP/1.1 200"):
                failures.append(head.decode("latin-1").splitlines()[0])
                return
            length = int(lower.split(b"content-length:")[1].split(b"\r\n")[0])
            while len(body) < length:
                body += connection.recv(65536)


def orgsim_requests(setting: Setting) -> Figure:
    """Small authenticated requests on a few connections."""
    each = setting.scaled(REQUESTS) // CONNECTIONS
    with emulated_org(users=20, days=2, daily_api_limit=CALLS) as org:
        request = (
            f"GET {API}/limits HTTP/1.1\r\nHost: 127.0.0.1:{org.port}\r\n"
            f"Authorization: Bearer {org.token()}\r\nAccept: application/json\r\n\r\n"
        ).encode()
        failures: list[str] = []
        asking = [
            threading.Thread(target=_ask, args=(org.port, request, each, failures))
            for _ in range(CONNECTIONS)
        ]
        with timed() as watch:
            for thread in asking:
                thread.start()
            for thread in asking:
                thread.join()
    if failures:
        raise RuntimeError(f"orgsim answered {failures[0]}")
    return Figure(each * CONNECTIONS, watch.seconds)


BENCHMARKS = (
    Benchmark(
        "orgsim-requests",
        "Small requests to the emulator",
        "requests",
        orgsim_requests,
        aim=2000,
    ),
)
