"""Features, tiers and permissions name what exists, and decide which sources are on."""

from __future__ import annotations

import pytest

from orgwarden.catalog.features import (
    FEATURE_IDS,
    FEATURES,
    featured,
    left_out,
    sources_for,
)
from orgwarden.catalog.permissions import BY_NAME, LABELS, PERMISSIONS, SEEDED
from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.tiers import TIER_IDS, TIERS


@pytest.mark.seed("Z17")
def test_the_two_features_are_those_of_the_seeds() -> None:
    assert [f.title for f in FEATURES] == ["App Governance", "SSPM Scan"]
    assert FEATURE_IDS == ("app_governance", "sspm_scan")


def test_a_feature_names_sources_that_exist_and_each_source_has_a_feature() -> None:
    assert {s for f in FEATURES for s in f.sources} == {s.id for s in SOURCES}
    assert all(f.words.endswith(".") for f in FEATURES)


def test_a_source_names_a_tier_that_exists_and_the_base_needs_none() -> None:
    assert {s.tier for s in SOURCES} - {""} <= set(TIER_IDS)
    assert {s.tier for s in SOURCES if s.tier} == set(TIER_IDS)


@pytest.mark.seed("Z8")
def test_off_means_that_a_source_is_not_among_those_called() -> None:
    assert sources_for((), TIER_IDS) == ()
    both = sources_for(FEATURE_IDS, TIER_IDS)
    assert both == SOURCES
    scan = {s.id for s in sources_for(["sspm_scan"], TIER_IDS)}
    assert {"organization", "limits", "users", "setup_audit_trail"} < scan
    assert not scan & {"login_history", "event_log_file", "package_licenses"}
    people = {"login_history", "verification_history", "auth_sessions", "login_ips", "user_logins"}
    people |= {"second_factors"}
    assert people <= {s.id for s in left_out(FEATURE_IDS, ())}
    base, off = sources_for(FEATURE_IDS, ()), left_out(FEATURE_IDS, ())
    assert {s.id for s in (*base, *off)} == {s.id for s in featured(FEATURE_IDS)}


def test_a_permission_is_declared_once_and_everything_names_a_declared_one() -> None:
    assert len(BY_NAME) == len(PERMISSIONS) == len(LABELS)
    assert len(set(LABELS.values())) == len(LABELS)
    needed = {n.permission for s in SOURCES for n in s.needs}
    needed |= {i for s in SOURCES for n in s.needs for i in n.instead}
    needed |= {p for t in TIERS for p in t.permissions}
    needed |= {b for p in PERMISSIONS for b in p.brings}
    assert needed <= set(BY_NAME)
    assert all(p.about.endswith(".") for p in PERMISSIONS)


@pytest.mark.seed("M6", "D5", "C12", "C13")
def test_the_permissions_of_the_seeds_are_all_known_by_their_labels() -> None:
    assert {p.label for p in SEEDED} == {
        "API Enabled",
        "API Only User",
        "View All Data",
        "Manage Salesforce CRM Content",
        "Manage Users",
        "Manage Internal Users",
        "Manage External Users",
        "Query All Files",
        "View Event Log Files",
        "View Setup and Configuration",
        "Customize Application",
        "Modify Metadata Through Metadata API Functions",
    }
