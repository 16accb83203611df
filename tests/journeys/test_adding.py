"""Journeys of adding a tenant, in a real browser against a real emulated org."""

from __future__ import annotations

import pytest

from tests.journeys.place import Place
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys-adding")]


def test_add_a_tenant_by_client_credentials(visitor: Visitor, place: Place) -> None:
    visitor.follow("Connect")
    visitor.shot("integrations")
