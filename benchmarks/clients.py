"""The yardsticks: what others do with the same rows, and what the emulator itself can do.

The emulator must never be what a measurement measures, so its own rate is measured here too.
"""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from simple_salesforce.api import Salesforce

from benchmarks.measure import Benchmark, Figure, Setting, timed
from tests.support.orgsim import OrgsimServer
from tests.support.postgres import free_port

SIGN_INS = 1_000_000
PER_PERSON = 90  # 60 days of 1.5 sign-ins
REQUESTS = 20_000
CONNECTIONS = 4
API = "/services/data/v60.0"


@contextmanager
def emulated_org(**options: object) -> Iterator[OrgsimServer]:
    """An org that stands still, so that every run reads the same."""
    server = OrgsimServer(free_port(), speed=0, **options)
    try:
        yield server.wait()
    finally:
        server.stop()


def simple_salesforce_loop(setting: Setting) -> Figure:
    """Read every LoginHistory row page by page, as a script would, and keep none."""
    people = max(10, setting.scaled(SIGN_INS) // PER_PERSON)
    # This client speaks nothing but https.
    with emulated_org(users=people, days=60, daily_api_limit=10_000_000, tls=True) as org:
        client = Salesforce(instance_url=org.url, session_id=org.token(), session=org.session)
        rows = calls = 0
        query = (
            "SELECT Id, UserId, LoginTime, LoginType, LoginUrl, SourceIp, Status, Application,"
            " Browser, Platform, ClientVersion, ApiType, CountryIso FROM LoginHistory"
            " ORDER BY LoginTime"
        )
        with timed() as watch:
            page = client.query(query)
            while True:
                rows += len(page["records"])
                calls += 1
                if page["done"]:
                    break
                page = client.query_more(page["nextRecordsUrl"], identifier_is_url=True)
    return Figure(rows, watch.seconds, {"calls": calls})


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
    with emulated_org(users=20, days=2, daily_api_limit=10_000_000) as org:
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
        "simple-salesforce-loop",
        "A plain simple-salesforce loop that only reads LoginHistory",
        "rows",
        simple_salesforce_loop,
    ),
    Benchmark(
        "orgsim-requests",
        "Small requests to the emulator",
        "requests",
        orgsim_requests,
        aim=2000,
    ),
)
