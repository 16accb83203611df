"""The socket guard lets loopback through and nothing else."""

from __future__ import annotations

import socket

import pytest

from tests.support.sockets import OutsideSocket, is_local


def test_a_connection_to_another_machine_is_refused() -> None:
    with socket.socket() as outside, pytest.raises(OutsideSocket, match="192.0.2.1"):
        outside.connect(("192.0.2.1", 443))


def test_a_name_of_another_machine_is_not_looked_up() -> None:
    with pytest.raises(OutsideSocket, match="login.salesforce.com"):
        socket.getaddrinfo("login.salesforce.com", 443)


def test_a_server_on_all_addresses_is_refused() -> None:
    with socket.socket() as server, pytest.raises(OutsideSocket):
        server.bind(("0.0.0.0", 0))


def test_loopback_is_open() -> None:
    with socket.socket() as server, socket.socket() as client:
        server.bind(("127.0.0.1", 0))
        server.listen()
        client.connect(server.getsockname())


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.8.9.1", True),
        ("::1", True),
        ("localhost", True),
        ("acme.localhost", True),
        (b"localhost", True),
        ("nowhere.invalid", True),
        (None, True),
        ("10.0.0.1", False),
        ("0.0.0.0", False),
        ("localhost.example.com", False),
        ("acme.my.salesforce.com", False),
    ],
)
def test_what_counts_as_this_machine(host: object, local: bool) -> None:
    assert is_local(host) is local
