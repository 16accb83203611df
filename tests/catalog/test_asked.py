"""The table shown before consent follows from what the sources declare."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.catalog.asked import NEVER, asked_of, permissions_table
from orgwarden.catalog.features import FEATURE_IDS, sources_for
from orgwarden.catalog.looks import LOOKS
from orgwarden.catalog.permissions import PERMISSIONS
from orgwarden.catalog.tiers import TIER_IDS, TIERS
from orgwarden.core.source import Need

SOME = st.sets(st.sampled_from(FEATURE_IDS), min_size=1)
TIER_SETS = st.sets(st.sampled_from(TIER_IDS))


@pytest.mark.seed("Z33", "L4", "L19")
@given(features=SOME, tiers=TIER_SETS)
def test_every_need_and_every_field_of_what_is_called_is_in_the_table_and_no_other(
    features: set[str], tiers: set[str]
) -> None:
    table = permissions_table(features, tiers)
    on = sources_for(features, tiers)
    opted = {p for t in TIERS if t.id in tiers for p in t.permissions}
    assert {p.name for p in table.permissions} == {
        n.permission for s in on for n in s.needs
    } | opted
    for source in on:
        [read] = [r for r in table.objects if r.title == source.title]
        assert [f.name for f in source.fields] == [
            c.name for c in read.columns if c.name != "LogFile"
        ]
    tested = [r.object for r in table.objects if r.title == "Connection test"]
    assert tested == [look.object for look in LOOKS if not look.tier or look.tier in tiers]
    assert all(p.without and p.why and p.about for p in table.permissions)


@given(name=st.sampled_from([p.name for p in PERMISSIONS]))
def test_a_permission_added_to_a_source_appears_with_what_goes_dark(name: str) -> None:
    on = sources_for(FEATURE_IDS, TIER_IDS)
    added = replace(on[0], needs=(*on[0].needs, Need(name, "tea is cold")))
    [found] = [p for p in asked_of((added, *on[1:]), TIER_IDS) if p.name == name]
    assert f"{on[0].title}: tea is cold." in found.without
    assert found.tier == "base"


@pytest.mark.seed("Z33", "Z34", "L19", "C16")
def test_scopes_are_api_and_refresh_token_and_web_is_off_with_the_reason() -> None:
    scopes = {s.name: s for s in permissions_table(FEATURE_IDS, ()).scopes}
    assert list(scopes) == ["api", "refresh_token", "web"]
    assert scopes["api"].asked
    assert scopes["refresh_token"].asked
    assert "chatter_api" in scopes["api"].words
    assert not scopes["web"].asked
    assert "Visualforce" in scopes["web"].words
    assert "nothing here needs a page" in scopes["web"].words
    assert permissions_table(FEATURE_IDS, (), True).scopes[2].asked
    by_credentials = permissions_table(FEATURE_IDS, (), flow="client-credentials").scopes
    assert [s.name for s in by_credentials if s.asked] == ["api"]


@pytest.mark.seed("L4")
def test_what_is_never_read_is_said_and_holds() -> None:
    never = {c.name for c in NEVER}
    assert {"OauthToken.AccessToken", "OauthToken.RequestToken", "OauthToken.DeleteToken"} <= never
    read = {
        f"{r.object}.{c.name}"
        for r in permissions_table(FEATURE_IDS, TIER_IDS).objects
        for c in r.columns
    }
    assert not read & never


@pytest.mark.seed("M10")
def test_which_permissions_could_write_is_marked() -> None:
    base = permissions_table(FEATURE_IDS, ())
    assert base.could_write == ()
    signs = permissions_table(FEATURE_IDS, ("sign_ins",))
    assert [p.label for p in signs.could_write] == ["Manage Users"]
    assert "Manage Internal Users" in signs.could_write[0].brings


def test_a_tier_left_out_is_named_with_what_is_missing() -> None:
    off = permissions_table(FEATURE_IDS, ()).off
    assert "Sign-ins" in {o.title for o in off}
    assert {t.title for t in TIERS} <= {o.title for o in off}
    assert permissions_table(FEATURE_IDS, TIER_IDS).off == ()
