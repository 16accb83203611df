"""One request, no redirect, and a clear word on whether it can have arrived."""

from __future__ import annotations

import socket
import threading

import pytest

from orgwarden.core.problems import NeedsPerson, TryLater
from orgwarden.notify.address import WebAddress, web_address
from orgwarden.notify.content import Unclear
from orgwarden.notify.heartbeat import beat
from orgwarden.notify.http import call
from tests.support.mailbox import Inbox
from tests.support.postgres import free_port


def at(inbox: Inbox, path: str = "/hook?key=canary") -> WebAddress:
    return web_address(inbox.url + path, frozenset({inbox.named}))


def test_a_body_arrives_as_it_is(inbox: Inbox) -> None:
    order: list[str] = []
    assert call(at(inbox), body=b"{}", hand_over=lambda: order.append("handing")) == 200
    [got] = inbox.got
    assert (got.method, got.path, got.body) == ("POST", "/hook?key=canary", b"{}")
    assert got.headers["host"] == inbox.named
    assert got.headers["user-agent"].startswith("Orgwarden/")
    assert order == ["handing"]


def test_a_redirect_is_not_followed(inbox: Inbox) -> None:
    inbox.answers = [302]
    with pytest.raises(NeedsPerson, match="redirect"):
        call(at(inbox))
    assert len(inbox.got) == 1


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
def test_an_error_is_tried_again_later_and_names_the_host_alone(inbox: Inbox, status: int) -> None:
    inbox.answers = [status]
    with pytest.raises(TryLater) as later:
        call(at(inbox))
    assert not isinstance(later.value, Unclear)
    assert str(status) in later.value.what
    assert "canary" not in later.value.sentence()


def test_an_address_that_is_gone_is_given_up(inbox: Inbox) -> None:
    inbox.answers = [410]
    with pytest.raises(NeedsPerson) as gone:
        call(at(inbox))
    assert gone.value.code == "GONE"


def test_nobody_there_is_clear_and_no_answer_is_unclear() -> None:
    port = free_port()
    place = web_address(f"http://127.0.0.1:{port}/", frozenset({f"127.0.0.1:{port}"}))
    with pytest.raises(TryLater) as away:
        call(place)
    assert not isinstance(away.value, Unclear)
    with socket.create_server(("127.0.0.1", port)) as server:

        def hang_up() -> None:
            connection, _ = server.accept()
            connection.recv(10_000)
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        with pytest.raises(Unclear):
            call(place, body=b"x")
        thread.join()


def test_a_body_that_never_ends_holds_nothing_up() -> None:
    heard = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def trickle() -> None:
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")
                heard.wait(60)  # the rest never comes

        thread = threading.Thread(target=trickle)
        thread.start()
        place = web_address(f"http://127.0.0.1:{port}/", frozenset({f"127.0.0.1:{port}"}))
        try:
            assert call(place, body=b"x") == 200  # else Unclear after the time limit
        finally:
            heard.set()
            thread.join()


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_heartbeat_is_a_call_without_words(inbox: Inbox, method: str) -> None:
    beat(at(inbox), method)
    [got] = inbox.got
    assert (got.method, got.body) == (method, b"")


def test_what_is_not_http_at_all_is_unclear_or_refused(inbox: Inbox) -> None:
    with pytest.raises(ValueError, match="not a method"):
        beat(at(inbox), "DELETE")
    assert inbox.got == []


def test_https_is_checked_against_the_name(inbox: Inbox) -> None:
    place = web_address(f"https://127.0.0.1:{inbox.port}/", frozenset({inbox.named}))
    with pytest.raises(TryLater, match="secure connection"):
        call(place)
