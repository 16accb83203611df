"""The demo comes up however its tenant stands, and names the settings a shell needs."""

from __future__ import annotations

import shlex
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

from scripts.demo import exported, serves, settings


@contextmanager
def answering(statuses: dict[str, int]) -> Iterator[str]:
    """A server that answers these paths with these statuses, and all else with 404."""

    class Pages(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(statuses.get(self.path, 404))
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Pages) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def test_it_is_up_when_its_pages_are_though_its_only_tenant_is_in_error() -> None:
    with answering({"/health/": 503, "/health/?part=pages": 200}) as address:
        assert serves(address)


def test_it_is_not_up_while_its_pages_cannot_read_the_records() -> None:
    with answering({"/health/?part=pages": 503}) as address:
        assert not serves(address)
    assert not serves(address)


def test_a_shell_gets_what_the_demo_itself_is_set_to_and_no_password() -> None:
    chosen = settings(8900, 8800) | {"ORGWARDEN_HOME": "/tmp/it's here"}
    read = [shlex.split(line) for line in exported(chosen).splitlines()]
    assert {words[0] for words in read} == {"export"}
    assert dict(words[1].split("=", 1) for words in read) == chosen
    assert {"ORGWARDEN_PACE", "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS"} <= set(chosen)
    assert "PASSWORD" not in exported(chosen)
