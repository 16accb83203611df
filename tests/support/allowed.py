"""Giving the connected user of an emulated org what the sources declare that they need."""

from __future__ import annotations

from orgwarden.catalog.sources import SOURCES
from tests.support.orgsim import OrgsimServer

DECLARED = tuple(sorted({n.permission for s in SOURCES for n in s.needs}))


def allow_what_is_declared(sim: OrgsimServer) -> None:
    """The shared org takes it back by itself (`take_back`)."""
    user = sim.app()["run_as"]
    for permission in DECLARED:
        sim.control("permission", {"user": user, "permission": permission, "value": True})
