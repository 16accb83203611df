"""Signs are judged from what is recorded; an incident is a sign that lasts."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core.incidents import (
    TITLES,
    Kind,
    Open,
    OrgFacts,
    SourceFacts,
    Step,
    look,
    step,
)

NOW = datetime(2026, 11, 22, 12, 0, tzinfo=UTC)
GRACE = timedelta(minutes=10)
SILENT = timedelta(hours=2)


def kinds(org: OrgFacts) -> list[tuple[str, str]]:
    return [s.key for s in look(org, now=NOW, stale_after=SILENT).signs]


def source(**more: object) -> SourceFacts:
    held: dict[str, object] = {"id": "users", "title": "Users", "ever_current": True}
    return SourceFacts(**(held | more))  # type: ignore[arg-type]


def test_every_kind_has_a_title() -> None:
    assert set(TITLES) == set(Kind)


@pytest.mark.parametrize(
    ("facts", "kind"),
    [
        ({}, "error"),
        ({"expired": True}, "grant_expired"),
        ({"contained": True}, "contained"),
        ({"contained": True, "expired": True}, "contained"),
    ],
)
def test_an_error_is_named_by_what_the_grant_came_to(facts: dict[str, bool], kind: str) -> None:
    org = OrgFacts(in_error=True, problem="It failed.", fix="Mend it.", **facts)
    [sign] = look(org, now=NOW, stale_after=SILENT).signs
    assert (sign.kind, sign.words, sign.fix) == (kind, "It failed.", "Mend it.")


def test_one_trouble_that_becomes_another_has_not_ended() -> None:
    seen = look(OrgFacts(in_error=True, expired=True), now=NOW, stale_after=SILENT)
    assert ("error", "") in seen.unseen
    assert ("grant_expired", "") not in seen.unseen


def test_a_source_that_was_dark_from_the_start_is_no_news() -> None:
    assert kinds(OrgFacts(sources=[source(dark=True)])) == [("source_dark", "users")]
    assert kinds(OrgFacts(sources=[source(dark=True, ever_current=False)])) == []


def test_a_source_that_is_being_read_is_neither_dark_nor_bright() -> None:
    seen = look(OrgFacts(sources=[source(moving=True)]), now=NOW, stale_after=SILENT)
    assert seen.signs == ()
    assert ("source_dark", "users") in seen.unseen


@pytest.mark.parametrize(("days", "expected"), [(1, [("coverage_gap", "users")]), (8, [])])
def test_a_gap_is_news_for_a_week(days: int, expected: list[tuple[str, str]]) -> None:
    gap = (NOW - timedelta(days=days, hours=2), NOW - timedelta(days=days), "It was gone.")
    assert kinds(OrgFacts(sources=[source(missing=(gap,))])) == expected


def test_silence_without_a_reason_is_a_sign_of_its_own() -> None:
    assert kinds(OrgFacts(collected_at=NOW - SILENT)) == [("stale", "")]
    assert kinds(OrgFacts(collected_at=NOW - SILENT / 2)) == []
    assert kinds(OrgFacts(collected_at=NOW - SILENT, waiting="76 %")) == [("budget_stop", "")]
    assert kinds(OrgFacts(collected_at=None)) == []


@pytest.mark.parametrize(
    ("silence", "told"),
    [
        ({"minutes": 1}, "for 1 minute,"),
        ({"minutes": 4}, "for 4 minutes,"),
        ({"minutes": 119}, "for 119 minutes,"),
        ({"hours": 2}, "for 2 hours,"),
        ({"days": 50}, "for 1,200 hours,"),
    ],
)
def test_a_short_silence_is_not_told_as_no_time(silence: dict[str, int], told: str) -> None:
    org = OrgFacts(collected_at=NOW - timedelta(**silence))
    [sign] = look(org, now=NOW, stale_after=timedelta(minutes=1)).signs
    assert told in sign.words


def test_a_paused_tenant_has_no_signs() -> None:
    assert kinds(OrgFacts(paused=True, in_error=True, sources=[source(dark=True)])) == []


def run(presences: list[bool], kind: str, minutes: int = 1) -> list[str]:
    """What is told over looks a minute apart."""
    told: list[str] = []
    row: Open | None = None
    for n, present in enumerate(presences):
        now = NOW + timedelta(minutes=n * minutes)
        for _ in range(3):
            what = step(row, kind, present=present, now=now, grace=GRACE)
            if what is Step.OPEN:
                row = Open(now)
            elif what is Step.TELL:
                assert row is not None
                told.append(f"opened at {n}")
                row = Open(row.opened_at, now, row.quiet_since)
            elif what is Step.QUIET:
                assert row is not None
                row = Open(row.opened_at, row.told_at, now)
            elif what is Step.BACK:
                assert row is not None
                row = Open(row.opened_at, row.told_at)
            elif what in (Step.END, Step.FORGET):
                if what is Step.END:
                    told.append(f"ended at {n}")
                row = None
            if what not in (Step.OPEN, Step.BACK):
                break
    return told


def test_what_only_a_person_can_mend_is_told_at_once_and_over_when_that_lasts() -> None:
    assert run([True, *[False] * 12], "grant_expired") == ["opened at 0", "ended at 11"]


def test_an_error_is_told_when_it_lasts() -> None:
    assert run([True] * 5 + [False] * 20, "error") == []
    assert run([True] * 30, "error") == ["opened at 10"]


def test_flapping_is_one_incident() -> None:
    flaps = [True, True, False] * 20
    assert run([*flaps, *[False] * 20], "source_dark") == ["opened at 0", "ended at 69"]


@given(st.lists(st.booleans(), max_size=80), st.sampled_from(["error", "source_dark"]))
def test_messages_come_in_pairs_whatever_happens(presences: list[bool], kind: str) -> None:
    told = [t.split()[0] for t in run(presences, kind)]
    assert told == ["opened", "ended"] * (len(told) // 2) + ["opened"] * (len(told) % 2)
