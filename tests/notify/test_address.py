"""Messages go to https on the public internet; what lies inside has to be named."""

from __future__ import annotations

import ipaddress
import socket
from typing import Any

import pytest

from orgwarden.core.problems import NeedsPerson, TryLater
from orgwarden.notify.address import places, web_address

INSIDE = (
    "https://127.0.0.1/", "https://[::1]/", "https://10.0.0.8/", "https://192.168.1.1/",
    "https://172.16.0.1/", "https://169.254.169.254/latest/meta-data/", "https://0.0.0.0/",
    "https://[fd00::1]/", "https://[fe80::1]/", "https://[::ffff:10.0.0.1]/",
    "https://[64:ff9b::a00:1]/", "https://100.64.0.1/", "https://localhost/",
    "https://app.localhost/", "https://224.0.0.1/", "https://[2002:a00:1::]/",
    # Forms of an IPv4 address, and ranges that reach inside where somebody routes them.
    "https://[::127.0.0.1]/", "https://[::ffff:0:10.0.0.1]/", "https://[64:ff9b:1::a00:1]/",
    "https://[fec0::1]/",
)  # fmt: skip
NO_ADDRESS = (
    "", "hooks.slack.com", "ftp://example.com/", "https://", "https:///x", "javascript:alert(1)",
    "https://user:pass@example.com/", "https://example.com/#frag", "https://exa mple.com/",
    "https://example.com\\@evil.example/", "https://example.com:99999/", "https://example.com:0/",
    "https://example.com/\r\nX: y", "https://ex\u00e4mple.com/", "file:///etc/passwd",
    "https://example.com/" + "a" * 2000,
)  # fmt: skip


@pytest.mark.parametrize("text", INSIDE)
def test_an_address_inside_is_refused_with_the_setting_that_allows_it(text: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        web_address(text)
    assert "ORGWARDEN_ALLOWED_NOTIFY_HOSTS" in refused.value.fix


@pytest.mark.parametrize("text", NO_ADDRESS, ids=range(len(NO_ADDRESS)))
def test_what_is_no_https_address_is_refused_without_being_repeated(text: str) -> None:
    with pytest.raises(NeedsPerson) as refused:
        web_address(text)
    assert not text or text not in refused.value.sentence()


def test_http_is_refused_unless_the_host_is_named() -> None:
    with pytest.raises(NeedsPerson):
        web_address("http://example.com/hook")
    named = web_address("http://127.0.0.1:8099/hook", frozenset({"127.0.0.1:8099"}))
    assert named.named
    with pytest.raises(NeedsPerson):
        web_address("http://127.0.0.1:8098/hook", frozenset({"127.0.0.1:8099"}))


def test_only_the_host_is_ever_shown() -> None:
    found = web_address("https://hooks.example.com/services/T0/B0/canary?key=canary")
    assert found.shown == "hooks.example.com"
    assert "canary" not in repr(found)
    assert found.path == "/services/T0/B0/canary?key=canary"
    assert web_address("https://example.com:8443").shown == "example.com:8443"


@pytest.mark.parametrize("host", ["2130706433", "0x7f.1", "127.1", "0177.0.0.1"])
def test_a_number_that_some_take_for_an_address_is_refused(host: str) -> None:
    with pytest.raises(NeedsPerson):
        web_address(f"https://{host}/")


@pytest.mark.parametrize(
    "ip", ["10.0.0.1", "127.0.0.1", "169.254.169.254", "::1", "fd00::8", "fec0::8"]
)
def test_a_name_that_leads_inside_is_refused_when_it_is_looked_up(ip: str) -> None:
    def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(0, 0, 0, "", ("93.184.216.34", 443)), (0, 0, 0, "", (ip, 443))]

    with pytest.raises(NeedsPerson):
        places(web_address("https://rebound.example/"), look_up)


def test_a_named_host_is_looked_up_and_not_refused() -> None:
    named = web_address("http://localhost:8099/", frozenset({"localhost:8099"}))
    assert {ipaddress.ip_address(p).is_loopback for p in places(named)} == {True}


def test_an_unknown_name_may_be_known_later() -> None:
    def look_up(*_: object, **__: object) -> list[tuple[Any, ...]]:
        raise socket.gaierror(-2, "unknown")

    with pytest.raises(TryLater, match="not known"):
        places(web_address("https://nowhere.invalid/"), look_up)
