"""Fields that an org does not show are left out, and asked for again only after a day."""

from __future__ import annotations

from datetime import timedelta

from orgwarden.records.models import Run, SourceState
from tests.support.house import House
from tests.support.orgsim import OrgsimServer


def test_what_an_org_lacks_is_remembered_for_a_day(at_home: House, sim: OrgsimServer) -> None:
    org = at_home.connect(sim)
    sim.control("columns", {"object": "ObjectPermissions", "hide": ["PermissionsViewAllFields"]})
    first, second = (at_home.outcome(org, "object_permissions") for _ in range(2))
    assert first.outcome == second.outcome == Run.Outcome.DONE
    assert "PermissionsViewAllFields" in first.reason
    assert second.reason == first.reason
    assert second.calls == first.calls - 2
    [state] = SourceState.objects.filter(org=org, source="object_permissions")
    assert state.lacking_at is not None
    state.lacking_at -= timedelta(days=1)
    state.save()
    assert at_home.outcome(org, "object_permissions").calls == first.calls
