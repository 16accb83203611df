"""The inventory of apps, taken from an emulated org."""

from __future__ import annotations

from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.records.models import App, Org
from tests.support.allowed import allow_what_is_declared
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


def collected(at_home: House, sim: OrgsimServer) -> Org:
    allow_what_is_declared(sim)
    org = at_home.connect(sim, tiers=TIER_IDS)
    at_home.collect(org)
    return org


def test_dbg(at_home: House, sim: OrgsimServer) -> None:
    org = collected(at_home, sim)
    for a in App.objects.filter(org=org):
        print(
            a.risk,
            a.name,
            a.state,
            a.grants,
            a.people,
            a.privileged_people,
            a.namesakes,
            [r["id"] for r in a.reasons],
            [r["id"] for r in a.unjudged],
            [(e["source"], e["rows"], e["hint"]) for e in a.evidence],
        )
