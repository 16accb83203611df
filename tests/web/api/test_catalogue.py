"""What can be connected and collected, through the API."""

from __future__ import annotations

from orgwarden.catalog.features import FEATURE_IDS
from orgwarden.catalog.sources import SOURCES
from orgwarden.catalog.tiers import TIER_IDS
from tests.web.api.conftest import Ask


def test_platforms_features_tiers_and_permissions_are_those_of_the_catalogue(ask: Ask) -> None:
    [salesforce] = ask("GET", "platforms").json()
    assert (salesforce["id"], salesforce["tenants"]) == ("salesforce", 4)
    assert [f["id"] for f in ask("GET", "features").json()] == list(FEATURE_IDS)
    assert [t["id"] for t in ask("GET", "tiers").json()] == list(TIER_IDS)
    permissions = {p["name"]: p for p in ask("GET", "permissions").json()}
    needed = {need.permission for source in SOURCES for need in source.needs}
    assert needed <= permissions.keys()
    assert permissions["ManageUsers"]["writes"] is True
    assert permissions["ManageUsers"]["tier"] == "sign_ins"
