"""A second platform is a value and a package, not a rewrite."""

from __future__ import annotations

import pytest

from orgwarden.catalog.platforms import BY_ID, PLATFORMS
from orgwarden.catalog.sources import SOURCES
from orgwarden.records.models import Org


@pytest.mark.seed("L20")
def test_platforms_are_told_apart_wherever_a_tenant_is() -> None:
    assert [p.id for p in PLATFORMS] == ["salesforce"]
    assert BY_ID.keys() == {p.id for p in PLATFORMS}
    assert Org._meta.get_field("platform").default in BY_ID
    assert {s.platform for s in SOURCES} <= BY_ID.keys()
