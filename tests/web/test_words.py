"""How ages, spans and hostile text are spelled."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from orgwarden.web import words

NOW = datetime(2026, 3, 20, 12, tzinfo=UTC)


def test_ages_are_spelled_in_the_largest_unit() -> None:
    assert words.ago(NOW - timedelta(minutes=3), NOW) == "3 minutes ago"
    assert words.ago(NOW + timedelta(hours=2), NOW) == "in 2 hours"
    assert words.ago(NOW, NOW) == "just now"
    assert words.span(timedelta(days=1)) == "1 day"


def test_a_share_is_never_rounded_to_none_or_to_all() -> None:
    told = [words.percent(s).replace("\N{NO-BREAK SPACE}", " ") for s in (0, 1e-5, 0.092, 0.12)]
    assert told == ["0 %", "under 0.1 %", "9.2 %", "12 %"]
    assert words.percent(0.9999) == "over 99\N{NO-BREAK SPACE}%"
    assert words.percent(1) == "100\N{NO-BREAK SPACE}%"


def test_how_often_is_spelled_without_a_one() -> None:
    assert words.every(timedelta(hours=1)) == "every hour"
    assert words.every(timedelta(minutes=15)) == "every 15 minutes"
    assert words.every(timedelta(hours=12)) == "every 12 hours"


def test_runs_are_timed_shortly() -> None:
    assert words.took(timedelta(seconds=0.44)) == "0.4 s"
    assert words.took(timedelta(seconds=200)) == "3 min 20 s"
    assert words.took(timedelta(hours=2, minutes=5)) == "2 h 5 min"


def test_what_cannot_be_seen_is_shown_as_its_code_point() -> None:
    assert words.visible("invoice\u202egpj.exe") == "invoice⟨U+202E⟩gpj.exe"
    assert words.visible("a\u200bb\x00") == "a⟨U+200B⟩b⟨U+0000⟩"
    assert words.visible("Zoë 東京\n2") == "Zoë 東京\n2"
    assert words.visible(None) == ""


def test_sources_are_named_by_the_catalog_and_unknown_log_types_by_themselves() -> None:
    assert words.source_name("login_history") == "Sign-ins"
    assert words.source_name("event_log_somethingnew") == "somethingnew (log file)"
    assert words.source_name("") == "not stated"


def test_the_audit_trail_reads_as_words() -> None:
    assert words.deed("org:connection:edited") == "Connection edited"
    assert words.deed("org:connection:connected") == "Connection made"
    assert words.deed("console:sign-in:proved-again") == "Sign-in proved again"
    assert words.recorded(True) == "yes"
    assert words.recorded(["a", "b"]) == "a, b"
    assert words.recorded([]) == words.recorded(None) == "none"
    assert words.recorded(0) == "0"
    assert words.recorded({"a": [1]}) == '{"a": [1]}'


def test_how_often_is_exact() -> None:
    told = {15: "every 15 minutes", 60: "every hour", 90: "every 90 minutes", 1440: "every day"}
    assert {m: words.every(timedelta(minutes=m)) for m in told} == told
