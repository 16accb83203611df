"""The judgements of a connection test, on facts alone: the unknown is never a pass."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.catalog.permissions import PERMISSIONS, SEEDED
from orgwarden.catalog.preflight import (
    AFTER,
    BEFORE,
    Facts,
    NotRead,
    SourceLine,
    Verdict,
    Who,
    Works,
    connected,
    headline,
    lines,
    sources,
)
from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.tiers import TIER_IDS

WHY = NotRead("The org did not say.", "Ask it again.", refused=False)
HELD = frozenset(
    {"ApiEnabled", "ViewSetup", "ViewAllUsers", "ViewEventLogFiles", "ManageUsers", "ApiUserOnly",
     "CustomizeApplication", "ModifyMetadata", "TwoFactorApi", "InstallPackaging",
     "ViewRealTimeEventMonitoringData", "QueryAllFiles"}
)  # fmt: skip
USER = {
    "LanguageLocaleKey": "en_US",
    "UserPermissionsSFContentUser": True,
    "Profile": {
        "Name": "Collector", "UserLicenseId": "100x",
        "UserLicense": {"Name": "Salesforce", "LicenseDefinitionKey": "SFDC"},
    },
}  # fmt: skip
GOOD = Facts(
    flow="jwt-bearer",
    features=FEATURE_IDS,
    tiers=TIER_IDS,
    user_name="bot@acme.example",
    organization_id="00Dx",
    who=Who("00Dx", "005x", "bot@acme.example"),
    reached=None,
    calls_left=(90_000, 100_000),
    organization={"OrganizationType": "Enterprise Edition", "IsSandbox": False},
    user=USER,
    held=HELD,
    known=frozenset(p.name for p in PERMISSIONS),
    licence_allows=frozenset(p.name for p in PERMISSIONS),
    page_sign_ins=(),
    log_files=(
        {"EventType": "API", "Interval": "Hourly", "CreatedDate": "2026-11-21T10:00:00Z"},
        {"EventType": "Login", "Interval": "Daily", "CreatedDate": "2026-11-21T09:00:00Z"},
    ),
    deliveries=None,
    libraries=3,
    settings={
        "SecuritySettings": {"sessionSettings": {"lockSessionsToIp": False}},
        "ContentSettings": {"enableContent": True, "enableContentDistribution": True},
        "EventSettings": {"enableEventLogGeneration": True},
        "RealTimeEventSettings": {"realTimeEvents": {"entityName": "ApiEvent", "isEnabled": True}},
    },
    sources=dict.fromkeys(s.id for s in SOURCES),
)  # fmt: skip
CAN_FAIL = [
    f.name for f in fields(Facts)
    if isinstance(getattr(Facts(flow="", features=(), tiers=()), f.name), NotRead)
]  # fmt: skip


def verdicts(facts: Facts) -> dict[str, Verdict]:
    return {x.id: x.verdict for x in lines(facts)}


def test_a_perfect_connection_passes_everything() -> None:
    assert set(verdicts(GOOD).values()) == {Verdict.PASS}
    assert {s.verdict for s in sources(GOOD)} == {Works.WORKS}
    assert connected(lines(GOOD))


def test_when_nothing_could_be_read_nothing_passes() -> None:
    nothing = replace(
        GOOD, **dict.fromkeys(CAN_FAIL, WHY), settings={}, sources={}, known=frozenset()
    )
    found = lines(nothing)
    assert not [x.id for x in found if x.verdict in (Verdict.PASS, Verdict.WARN)]
    assert all(x.words == WHY.what or x.words for x in found)
    assert {s.verdict for s in sources(nothing)} == {Works.UNKNOWN}
    assert not connected(found)


@pytest.mark.parametrize("name", CAN_FAIL)
def test_a_thing_that_could_not_be_read_makes_some_line_unknown_and_none_better(name: str) -> None:
    before, after = verdicts(GOOD), verdicts(replace(GOOD, **{name: WHY}))
    changed = {i for i in before if before[i] is not after[i]}
    spare = {"libraries", "log_files"}  # another fact tells the same
    assert changed or name in spare
    assert {after[i] for i in changed} <= {Verdict.UNKNOWN, Verdict.FAIL}


@given(st.sets(st.sampled_from(CAN_FAIL)), st.sets(st.sampled_from([p.name for p in PERMISSIONS])))
def test_whatever_was_read_each_line_has_words_and_what_is_not_good_a_fix(
    unread: set[str], held: set[str]
) -> None:
    given_facts: dict[str, Any] = {"held": frozenset(held)} | dict.fromkeys(unread, WHY)
    for line in lines(replace(GOOD, **given_facts)):
        assert line.words
        assert line.fix or line.verdict is Verdict.PASS
        assert line.probe
    ids = [x.id for x in lines(replace(GOOD, **given_facts))]
    assert len(set(ids)) == len(ids)


def test_every_test_has_an_id_of_its_own_and_the_seeded_permissions_are_among_them() -> None:
    ids = set(verdicts(GOOD))
    assert len(ids) >= len(BEFORE) + len(AFTER) + len(SEEDED)
    assert {f"permission:{p.name}" for p in SEEDED} <= ids


@pytest.mark.seed("D2", "M16", "D13")
def test_free_types_alone_say_that_event_monitoring_is_missing_and_what_is_dark() -> None:
    free = replace(GOOD, log_files=({"EventType": "Login", "Interval": "Daily"},))
    [line] = [x for x in lines(free) if x.id == "event_monitoring"]
    assert line.verdict is Verdict.WARN
    assert "is dark" in line.words
    [log] = [s for s in sources(free) if s.source == "event_log_file"]
    assert log.verdict is Works.PARTLY


def test_log_generation_that_is_off_fails_with_the_place_in_setup() -> None:
    off = replace(
        GOOD, log_files=(), settings={"EventSettings": {"enableEventLogGeneration": False}}
    )
    [line] = [x for x in lines(off) if x.id == "log_generation"]
    assert line.verdict is Verdict.FAIL
    assert "Event Monitoring Settings" in line.fix


@pytest.mark.seed("C10", "C11", "M7")
def test_a_licence_that_is_not_seen_to_allow_a_permission_is_named() -> None:
    poor = replace(GOOD, held=HELD - {"ManageUsers"}, licence_allows=HELD - {"ManageUsers"})
    found = {x.id: x for x in lines(poor)}
    assert found["licence"].verdict is Verdict.WARN
    assert "Manage Users" in found["licence"].words
    assert (
        "Nothing shows that the licence Salesforce can hold it"
        in found["permission:ManageUsers"].fix
    )


@pytest.mark.seed("C25")
def test_the_headline_says_connected_and_names_what_is_dark() -> None:
    dark = SourceLine("users", "Users", Works.DARK, "The user lacks View All Users.")
    good = SourceLine("limits", "Limits", Works.WORKS)
    off = SourceLine("login_history", "Sign-ins", Works.OFF)
    assert headline(True, [good, off]) == "Connected! 1 of 1 sources work."
    assert headline(True, [good, dark]) == (
        "Connected! 1 of 2 sources work. Dark: Users (The user lacks View All Users)."
    )
    assert headline(False, []) == "Not connected."
    assert headline(None, []).startswith("Not known")
