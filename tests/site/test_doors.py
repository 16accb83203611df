"""Who may come in, from the environment: what cannot be used is told with the fix."""

from __future__ import annotations

from datetime import timedelta

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.roles import Role
from orgwarden.site import doors


@pytest.mark.parametrize(
    ("named", "public", "required"),
    [
        ("", "https://orgwarden.example.com", True),
        ("", "http://127.0.0.1:8800", False),
        ("", "http://localhost:8800", False),
        ("", "http://[::1]:8800", False),
        ("", "http://10.0.0.7:8800", True),
        ("", "https://127.0.0.1:8800", True),
        ("always", "http://127.0.0.1:8800", True),
        ("off", "https://orgwarden.example.com", False),
    ],
)
def test_a_second_factor_is_required_unless_only_this_machine_is_meant(
    named: str, public: str, required: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ORGWARDEN_REQUIRE_SECOND_FACTOR", named)
    assert doors.require_second_factor(public) is required


def test_a_misspelled_word_does_not_switch_it_off(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORGWARDEN_REQUIRE_SECOND_FACTOR", "no")
    with pytest.raises(NeedsPerson, match="ORGWARDEN_REQUIRE_SECOND_FACTOR"):
        doors.require_second_factor("https://orgwarden.example.com")


def test_lengths_are_whole_minutes_within_bounds(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doors.minutes("ORGWARDEN_IDLE_MINUTES", 30, 720) == timedelta(minutes=30)
    for wrong in ("0", "-1", "721", "half an hour", "1.5"):
        monkeypatch.setenv("ORGWARDEN_IDLE_MINUTES", wrong)
        with pytest.raises(NeedsPerson):
            doors.minutes("ORGWARDEN_IDLE_MINUTES", 30, 720)


def test_proxies_are_addresses_and_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert doors.trusted_proxies() == ()
    monkeypatch.setenv("ORGWARDEN_TRUSTED_PROXIES", "10.0.0.7, 10.1.0.0/16 ::1")
    assert doors.trusted_proxies() == ("10.0.0.7/32", "10.1.0.0/16", "::1/128")
    monkeypatch.setenv("ORGWARDEN_TRUSTED_PROXIES", "proxy.example.com")
    with pytest.raises(NeedsPerson, match="no address or network"):
        doors.trusted_proxies()


@pytest.mark.parametrize(
    "wrong",
    [
        {"ISSUER": "http://login.example.com", "CLIENT_ID": "a", "CLIENT_SECRET": "b"},
        {"ISSUER": "login.example.com", "CLIENT_ID": "a", "CLIENT_SECRET": "b"},
        {"ISSUER": "https://login.example.com", "CLIENT_ID": "a"},
        {"ISSUER": "https://login.example.com", "CLIENT_SECRET": "b"},
        {"ISSUER": "https://login.example.com", "CLIENT_ID": "a", "CLIENT_SECRET_FILE": "/no/"},
    ],
)
def test_half_a_single_sign_on_is_refused(
    wrong: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in wrong.items():
        monkeypatch.setenv(f"ORGWARDEN_OIDC_{name}", value)
    with pytest.raises(NeedsPerson):
        doors.single_sign_on()


def test_without_an_issuer_there_is_none_and_a_role_must_exist(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert doors.single_sign_on() == {}
    assert doors.oidc_hosts() == ()
    assert doors.oidc_role() is None
    monkeypatch.setenv("ORGWARDEN_OIDC_ROLE", "viewer")
    assert doors.oidc_role() is Role.VIEWER
    monkeypatch.setenv("ORGWARDEN_OIDC_ROLE", "root")
    with pytest.raises(NeedsPerson):
        doors.oidc_role()


def test_a_short_metrics_token_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ORGWARDEN_METRICS_TOKEN", raising=False)
    assert doors.metrics_token() == ""
    monkeypatch.setenv("ORGWARDEN_METRICS_TOKEN", "short-canary")
    with pytest.raises(NeedsPerson) as refused:
        doors.metrics_token()
    assert "canary" not in refused.value.sentence()
    monkeypatch.setenv("ORGWARDEN_METRICS_TOKEN", "0123456789abcdef")
    assert doors.metrics_token() == "0123456789abcdef"
