"""The mail server and the allowed hosts come from the environment; what is wrong is named."""

from __future__ import annotations

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.site import mail


@pytest.fixture
def env(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in ("SMTP_URL", "MAIL_FROM", "ALLOWED_NOTIFY_HOSTS"):
        monkeypatch.delenv(f"ORGWARDEN_{name}", raising=False)
    return monkeypatch


def test_without_a_setting_there_is_no_mail_and_nothing_inside_is_allowed(
    env: pytest.MonkeyPatch,
) -> None:
    assert mail.server().host == ""
    assert mail.sender() == ""
    assert mail.allowed_hosts() == frozenset()


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("smtps://ada:p%40ss@mail.example.com", ("mail.example.com", 465, "tls", "ada", "p@ss")),
        ("smtp+starttls://mail.example.com:2525", ("mail.example.com", 2525, "starttls", "", "")),
        ("starttls://mail.example.com", ("mail.example.com", 587, "starttls", "", "")),
        ("smtp://mail.example.com/", ("mail.example.com", 25, "", "", "")),
        ("smtp://ada:pw@127.0.0.1:1025", ("127.0.0.1", 1025, "", "ada", "pw")),
        ("smtps://[::1]:465", ("::1", 465, "tls", "", "")),
    ],
)
def test_an_address_names_host_port_security_and_who(
    env: pytest.MonkeyPatch, url: str, expected: tuple[object, ...]
) -> None:
    env.setenv("ORGWARDEN_SMTP_URL", url)
    made = mail.server()
    assert (made.host, made.port, made.security, made.user, made.password) == expected
    assert "p@ss" not in repr(made)


@pytest.mark.parametrize(
    "url",
    [
        "mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:port",
        "smtps://host:465/path", "smtps://host?x=1", "smtp://ada:canary-pw@mail.example.com",
        "smtps://ada:canary-pw@host:99999", "://",
    ],
)  # fmt: skip
def test_an_address_that_cannot_be_used_is_not_repeated(env: pytest.MonkeyPatch, url: str) -> None:
    env.setenv("ORGWARDEN_SMTP_URL", url)
    with pytest.raises(NeedsPerson, match="ORGWARDEN_SMTP_URL cannot be used") as refused:
        mail.server()
    assert "canary" not in refused.value.sentence()


@pytest.mark.parametrize("named", ["", "nobody", "a b@example.com", "a@b\nBcc: c@d.example"])
def test_a_mail_server_needs_an_address_to_send_from(env: pytest.MonkeyPatch, named: str) -> None:
    env.setenv("ORGWARDEN_SMTP_URL", "smtp://mail.example.com")
    env.setenv("ORGWARDEN_MAIL_FROM", named)
    with pytest.raises(NeedsPerson, match="ORGWARDEN_MAIL_FROM"):
        mail.sender()


def test_allowed_hosts_are_host_and_port(env: pytest.MonkeyPatch) -> None:
    env.setenv("ORGWARDEN_ALLOWED_NOTIFY_HOSTS", "127.0.0.1:8099, Alerts.internal:443 [::1]:1")
    assert mail.allowed_hosts() == {"127.0.0.1:8099", "alerts.internal:443", "[::1]:1"}
    env.setenv("ORGWARDEN_ALLOWED_NOTIFY_HOSTS", "alerts.internal")
    with pytest.raises(NeedsPerson, match="not host:port"):
        mail.allowed_hosts()
