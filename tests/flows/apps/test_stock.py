"""The inventory of apps, taken from an emulated org."""

from __future__ import annotations

from collections import Counter

import pytest

from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.core.apps import State
from orgwarden.core.problems import Problem
from orgwarden.flows.apps.decide import classify, find
from orgwarden.flows.apps.stock import take_stock
from orgwarden.records.models import App, AppIdentity, AppStock, AuditEntry, Org, SourceState
from tests.flows.conftest import SMALL
from tests.support.allowed import allow_what_is_declared
from tests.support.fixtures import StartOrgsim
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

READ = (
    "users", "permission_sets", "permission_set_assignments", "oauth_tokens", "app_menu_items",
    "connected_applications", "external_client_apps", "external_client_app_policies",
    "blocked_apps", "login_history",
)  # fmt: skip


def collected(at_home: House, sim: OrgsimServer) -> Org:
    allow_what_is_declared(sim)
    org = at_home.connect(sim, tiers=TIER_IDS)
    at_home.collect(org, *READ)
    return org


def named(org: Org, name: str) -> list[App]:
    return list(App.objects.filter(org=org, name=name).order_by("found_at", "pk"))


def granted(at_home: House, sim: OrgsimServer, name: str) -> None:
    """Somebody lets an app in that is not installed."""
    [person, *_] = at_home.ask("SELECT Id FROM users WHERE UserType = 'Standard' ORDER BY Id")
    at = sim.control("state")["now"]
    row = {"AppName": name, "UserId": person["Id"], "CreatedDate": at, "LastUsedDate": at}
    sim.control("rows", {"object": "OauthToken", "rows": [row]})


def revoked(sim: OrgsimServer, name: str) -> str:
    """All grants of an app are revoked; by whom one was given."""
    asked = f"SELECT UserId, DeleteToken FROM OauthToken WHERE AppName = '{name}'"
    found = sim.session.get(
        f"{sim.url}/services/data/v62.0/query",
        params={"q": asked},
        headers={"Authorization": f"Bearer {sim.token()}"},
        timeout=30,
    ).json()["records"]
    for row in found:
        there = f"{sim.url}/services/oauth2/revoke"
        answer = sim.session.post(there, data={"token": row["DeleteToken"]}, timeout=30)
        assert answer.status_code == 200
    user: str = found[0]["UserId"]
    return user


def test_every_app_is_one_row_with_what_joins_it(at_home: House, sim: OrgsimServer) -> None:
    org = collected(at_home, sim)
    installed = Counter(
        at_home_row["n"]
        for view in ("connected_applications", "external_client_apps")
        for at_home_row in at_home.ask(
            f"SELECT {'Name' if view[0] == 'c' else 'MasterLabel'} AS n FROM {view}"
        )
    )
    only_used = Counter(
        row["n"]
        for row in at_home.ask(
            "SELECT DISTINCT AppName AS n FROM oauth_tokens WHERE AppMenuItemId IS NULL"
        )
    )
    found = Counter(App.objects.filter(org=org).values_list("name", flat=True))
    assert found == installed + only_used
    [sync] = named(org, "Salesforce CLI")
    sources = {e["source"] for e in sync.evidence if not e["hint"]}
    assert sources == {"oauth_tokens", "connected_applications", "app_menu_items"}
    held = at_home.ask("SELECT count(*) AS n FROM oauth_tokens")[0]["n"]
    assert sum(a.grants for a in App.objects.filter(org=org)) == held


def test_a_second_stock_changes_nothing(at_home: House, sim: OrgsimServer) -> None:
    org = collected(at_home, sim)
    fields = ("key", "name", "state", "risk", "reasons", "evidence", "grants", "found_at")
    before = list(App.objects.order_by("pk").values(*fields))
    identities = AppIdentity.objects.count()
    take_stock(org, now=App.objects.latest("looked_at").looked_at)
    assert list(App.objects.order_by("pk").values(*fields)) == before
    assert AppIdentity.objects.count() == identities


def test_a_grant_under_an_installed_apps_name_is_an_app_of_its_own_and_inherits_nothing(
    at_home: House, sim: OrgsimServer
) -> None:
    org = collected(at_home, sim)
    [real] = named(org, "Data Loader")
    classify(real, "sanctioned", why="We use it.", actor="ann")
    granted(at_home, sim, "Data Loader")
    at_home.collect(org, *READ)
    other, real = sorted(named(org, "Data Loader"), key=lambda a: a.state)
    assert (real.classification, real.state) == ("sanctioned", State.RESTRICTED)
    assert (other.classification, other.state) == ("unclassified", State.NOT_INSTALLED)
    assert real.namesakes == other.namesakes == 1
    told = {r["id"] for r in other.reasons}
    assert {"namesake", "look_alike", "not_installed", "unreviewed"} <= told
    assert other.risk > real.risk
    assert App.objects.filter(org=org).first() == other  # at the top of the inventory


def test_what_could_not_be_read_is_unknown_and_not_none(at_home: House, sim: OrgsimServer) -> None:
    allow_what_is_declared(sim)
    org = at_home.connect(sim, tiers=tuple(t for t in TIER_IDS if t != "tokens"))
    at_home.collect(org, *(s for s in READ if s != "oauth_tokens"))
    apps = list(App.objects.filter(org=org))
    assert apps
    for app in apps:
        assert (app.grants, app.people, app.privileged_people) == (None, None, None)
        assert "privileged_people" in {r["id"] for r in app.unjudged}


def test_without_the_lists_of_installed_apps_no_app_is_called_not_installed(
    at_home: House, sim: OrgsimServer
) -> None:
    org = collected(at_home, sim)
    assert App.objects.filter(org=org, state=State.NOT_INSTALLED).exists()
    SourceState.objects.filter(source="connected_applications").update(state="dark")
    take_stock(org, now=App.objects.latest("looked_at").looked_at)
    assert not App.objects.filter(org=org, state=State.NOT_INSTALLED).exists()
    [used] = named(org, "Calendar Companion")
    assert used.state == State.UNKNOWN
    assert "not_installed" in {r["id"] for r in used.unjudged}


def test_an_app_that_goes_and_comes_back_keeps_what_was_decided(
    house: House, orgsim_server: StartOrgsim
) -> None:
    sim = orgsim_server(**SMALL)  # of its own: the clock is moved, and a grant made then
    house.admit(sim)
    org = collected(house, sim)
    [app] = named(org, "Postal Lookup")
    classify(app, "unsanctioned", why="Nobody ordered it.", actor="ann")
    user = revoked(sim, "Postal Lookup")
    sim.control("clock", {"advance": "P1D"})  # what went is told by the daily whole reading
    house.collect(org, *READ)
    [gone] = named(org, "Postal Lookup")
    assert (gone.key, gone.state, gone.grants) == (app.key, State.DELETED, 0)
    assert gone.classification == "unsanctioned"
    sim.control("approvals", {"name": "Postal Lookup", "user": user})
    house.collect(org, *READ)
    [back] = named(org, "Postal Lookup")
    assert (back.key, back.state, back.grants) == (app.key, State.NOT_INSTALLED, 1)
    assert back.classification == "unsanctioned"


def test_a_trusted_name_that_comes_back_is_reviewed_again(
    house: House, orgsim_server: StartOrgsim
) -> None:
    sim = orgsim_server(**SMALL)
    house.admit(sim)
    org = collected(house, sim)
    [app] = named(org, "Postal Lookup")
    classify(app, "sanctioned", why="We use it.", actor="ann")
    user = revoked(sim, "Postal Lookup")
    sim.control("clock", {"advance": "P1D"})
    house.collect(org, *READ)
    sim.control("approvals", {"name": "Postal Lookup", "user": user})
    house.collect(org, *READ)
    [back] = named(org, "Postal Lookup")
    assert (back.key, back.classification) == (app.key, "reviewing")


def test_a_stock_that_failed_is_shown_and_taken_again(at_home: House, sim: OrgsimServer) -> None:
    org = collected(at_home, sim)
    stock = AppStock.objects.get(org=org)
    assert (stock.problem, bool(stock.at)) == ("", True)
    key = App.objects.filter(org=org).values_list("key", flat=True)[0]
    App.objects.filter(org=org).delete()
    at_home.collect(org, *READ)
    assert not App.objects.filter(org=org).exists()  # nothing changed: no stock was taken
    AppStock.objects.filter(org=org).update(of={}, problem="The disk was full.")
    at_home.collect(org, *READ)
    assert App.objects.filter(org=org).exists()
    assert not App.objects.filter(key=key).exists()
    stock.refresh_from_db()
    assert stock.problem == ""


def test_an_org_that_lacks_a_permission_has_an_inventory_all_the_same(
    at_home: House, sim: OrgsimServer
) -> None:
    sim.control("columns", {"object": "PermissionSet", "hide": ["PermissionsDataExport"]})
    org = collected(at_home, sim)
    apps = list(App.objects.filter(org=org))
    assert apps
    assert {a.privileged_people for a in apps} & {None}  # nobody seen with the others: not known
    assert 0 not in {a.privileged_people for a in apps}


def test_a_decision_needs_its_reason_and_is_in_the_audit_trail(
    at_home: House, sim: OrgsimServer
) -> None:
    org = collected(at_home, sim)
    [app] = named(org, "Postal Lookup")
    with pytest.raises(Problem, match="needs its reason"):
        classify(app, "sanctioned", why=" ", actor="ann")
    assert classify(app, "sanctioned", why="Checked with sales.", actor="ann")
    assert not classify(find(app.key), "sanctioned", why="Again.", actor="ann")
    entry = AuditEntry.objects.filter(action="org:app:classified").get()
    assert (entry.actor, entry.detail["before"], entry.detail["after"]) == (
        "ann", "unclassified", "sanctioned",
    )  # fmt: skip
    assert find(app.key).risk == app.risk - 5  # nobody has reviewed it yet
