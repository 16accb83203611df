"""What is in an emulated org: the same for the same options, whole, and benign."""

from __future__ import annotations

import hashlib
import math
import os
import subprocess
import sys
from collections import Counter, defaultdict

import pytest

from orgsim.org import Org
from orgsim.scenarios import SCENARIOS
from orgsim.world import live
from orgsim.world.clients import COLLECTOR
from tests.orgsim.worlds import DAY, HOUR, NOW, column, make, rows, shared

FINGERPRINT = """
from tests.orgsim.test_world import fingerprint
from tests.orgsim.worlds import make
print(fingerprint(make(users=30, days=20, event_monitoring="licensed")))
"""


def fingerprint(org: Org) -> str:
    """One hash over every row and every log file of an org."""
    digest = hashlib.sha256()
    for name, table in org.store.tables.items():
        digest.update(repr((name, table.rows, table.visible_from)).encode())
    for key in org.apps:
        digest.update(repr((key, org.apps[key].consumer_secret, org.apps[key].run_as)).encode())
    assert org.log_files is not None
    for id18 in org.log_files.files:
        body = org.log_files.open_body(id18)
        digest.update(body[0].read_bytes() if body else b"gone")
    return digest.hexdigest()


def test_the_same_options_give_the_same_org_in_every_process() -> None:
    prints = []
    for seed in ("1", "2"):
        made = subprocess.run(
            [sys.executable, "-c", FINGERPRINT],
            env={**os.environ, "PYTHONHASHSEED": seed, "TZ": "Asia/Tokyo" if seed == "2" else ""},
            capture_output=True,
            text=True,
            check=True,
        )
        prints.append(made.stdout)
    assert prints[0] == prints[1]


def test_another_seed_or_number_gives_another_org() -> None:
    names = {
        tuple(column(make(users=5, days=1, **o), "User", "Username"))
        for o in ({}, {"seed": 2}, {"number": 1})
    }
    assert len(names) == 3


@pytest.mark.parametrize(("users", "days"), [(10, 30), (200, 60)])
def test_people_and_machines_sign_in_one_and_a_half_times_a_day(users: int, days: int) -> None:
    count = len(column(shared(users=users, days=days), "LoginHistory", "Id"))
    assert count == pytest.approx(1.5 * users * days, rel=0.12)


def test_sign_ins_stand_in_order_of_time_within_the_days_asked_for() -> None:
    times = column(shared(), "LoginHistory", "LoginTime")
    assert times == sorted(times)
    assert times[0] >= NOW - 60 * DAY
    assert times[-1] <= NOW
    assert all(t % 1000 == 0 for t in times)


def test_few_sign_ins_fail_and_weekends_are_quiet() -> None:
    org = shared()
    statuses = Counter(column(org, "LoginHistory", "Status"))
    assert statuses.keys() == {"Success", "Invalid Password"}
    assert 0.002 < statuses["Invalid Password"] / statuses.total() < 0.03
    assert org.world is not None
    people = {p.id for p in org.world.people}
    days: Counter[int] = Counter()
    for row in rows(org, "LoginHistory"):
        if row["UserId"] in people:
            days[(row["LoginTime"] // DAY + 3) % 7] += 1
    assert max(days[5], days[6]) < min(days[d] for d in range(1, 4)) / 3


def test_nobody_travels_faster_than_an_aeroplane() -> None:
    org = shared()
    places = {r["Id"]: (r["City"], r["Latitude"], r["Longitude"]) for r in rows(org, "LoginGeo")}
    assert org.world is not None
    people = {p.id for p in org.world.people}
    last: dict[str, tuple[int, tuple[str, float, float]]] = {}
    moves = 0
    for row in rows(org, "LoginHistory"):
        if row["UserId"] not in people:
            continue
        here = places[row["LoginGeoId"]]
        before = last.get(row["UserId"])
        if before and before[1][0] != here[0]:
            moves += 1
            hours = (row["LoginTime"] - before[0]) / HOUR
            assert distance(before[1], here) / hours < 500
        last[row["UserId"]] = (row["LoginTime"], here)
    assert moves  # some do travel


def distance(a: tuple[str, float, float], b: tuple[str, float, float]) -> float:
    """Kilometres between two places."""
    one, two = math.radians(a[1]), math.radians(b[1])
    part = math.sin((two - one) / 2) ** 2 + math.cos(one) * math.cos(two) * (
        math.sin(math.radians(b[2] - a[2]) / 2) ** 2
    )
    return 12_742 * math.asin(math.sqrt(part))


def test_nobody_signs_in_before_they_joined() -> None:
    org = shared()
    joined = dict(zip(column(org, "User", "Id"), column(org, "User", "CreatedDate"), strict=True))
    assert all(r["LoginTime"] >= joined[r["UserId"]] for r in rows(org, "LoginHistory"))


def test_the_collector_app_is_always_there_and_its_user_may_look() -> None:
    for options in ({}, {"users": 1, "days": 1}):
        org = shared(**options)
        app = next(a for a in org.apps.values() if a.name == COLLECTOR)
        assert org.apps[app.consumer_key] is app
        assert app.kind == "external_client_app"
        assert app.installed
        assert app.flows >= {"client_credentials", "authorization_code", "jwt_bearer"}
        assert "http://localhost:8800/connect/callback" in app.callback_urls
        assert app.run_as in column(org, "User", "Id")
        needed = "ApiEnabled ViewSetup ViewAllUsers ManageUsers ViewEventLogFiles"
        needed += " CustomizeApplication ViewHealthCheck ViewRoles MonitorLoginHistory"
        assert set(needed.split()) <= permissions(org, app.run_as)


def permissions(org: Org, user: str | None) -> set[str]:
    sets = {
        r["PermissionSetId"]
        for r in rows(org, "PermissionSetAssignment")
        if r["AssigneeId"] == user
    }
    held: set[str] = set()
    for row in rows(org, "PermissionSet"):
        if row["Id"] in sets:
            held |= {k.removeprefix("Permissions") for k, v in row.items() if v is True}
    return held


def test_every_active_user_has_a_profile_a_login_row_and_their_profiles_permission_set() -> None:
    org = shared()
    profiles = set(column(org, "Profile", "Id"))
    owned = {r["ProfileId"]: r["Id"] for r in rows(org, "PermissionSet") if r["IsOwnedByProfile"]}
    assert owned.keys() == profiles
    given = {(r["AssigneeId"], r["PermissionSetId"]) for r in rows(org, "PermissionSetAssignment")}
    frozen_rows = set(column(org, "UserLogin", "UserId"))
    for user in rows(org, "User"):
        assert (user["Id"], owned[user["ProfileId"]]) in given
        assert user["Id"] in frozen_rows or user["UserType"] != "Standard"


def test_references_lead_to_rows_that_exist() -> None:
    org = shared(users=30, days=20)
    ids = {id18 for table in org.store.tables.values() for id18 in table._by_id}
    missing: Counter[str] = Counter()
    for name, table in org.store.tables.items():
        for place, field in enumerate(table.type.fields):
            if field.type == "reference" and field.reference_to:
                missing[f"{name}.{field.name}"] += sum(
                    1 for row in table.rows if row[place] and row[place] not in ids
                )
    assert +missing - Counter({"SecurityHealthCheckRisks.SecurityHealthCheckId": 99}) == Counter()


def test_the_audit_trail_has_the_oddities_of_real_ones() -> None:
    trail = rows(shared(), "SetupAuditTrail")
    assert any(r["CreatedById"] is None for r in trail)
    assert any(r["Section"] is None for r in trail)
    seconds = Counter(r["CreatedDate"] for r in trail)
    assert max(seconds.values()) >= 5
    a_day = len(trail) / 180
    assert 1 < a_day < 12
    assert [r["CreatedDate"] for r in trail] == sorted(r["CreatedDate"] for r in trail)


def test_the_audit_trail_speaks_the_orgs_language() -> None:
    german = column(shared(users=30, days=5, language="de"), "SetupAuditTrail", "Display")
    assert any("Berechtigungssatz" in d for d in german)
    assert not any(d.startswith("Permission set Report_Exporter: assigned") for d in german)


def test_a_frozen_org_brings_nothing_new() -> None:
    org = make(users=20, days=3, speed=0.0)
    before = fingerprint(org)
    live(org, NOW, NOW + 6 * HOUR)
    assert fingerprint(org) == before


def test_what_happens_does_not_depend_on_how_the_time_is_cut() -> None:
    whole, cut = make(users=40, days=3, speed=8.0), make(users=40, days=3, speed=8.0)
    until = NOW + 5 * HOUR
    live(whole, NOW, until)
    for at in range(NOW, until, 700_000):
        live(cut, at, min(until, at + 700_000))
    for name in ("LoginHistory", "SetupAuditTrail", "LoginGeo"):
        assert whole.store[name].rows == cut.store[name].rows
    assert len(whole.store["LoginHistory"].rows) > len(
        make(users=40, days=3).store["LoginHistory"].rows
    )


def test_a_living_org_shows_each_row_at_its_moment() -> None:
    org = make(users=200, days=1, speed=60.0)
    table = org.store["LoginHistory"]
    had = len(table.rows)
    live(org, NOW, NOW + HOUR)
    new = range(had, len(table.rows))
    assert len(new) > 50
    for at in new:
        assert 0 <= table.visible_from[at] - table.value(at, "LoginTime") <= 5000
        assert table.value(at, "LoginTime") > NOW


def test_a_second_look_at_a_span_brings_nothing() -> None:
    org = make(users=50, days=1, speed=60.0)
    live(org, NOW, NOW + HOUR)
    count = len(org.store["LoginHistory"].rows)
    live(org, NOW, NOW + HOUR)
    assert len(org.store["LoginHistory"].rows) == count


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_scenario_adds_rows_that_are_seen_from_now_on(name: str) -> None:
    org = make(users=40, days=2)
    marks = {n: len(t.rows) for n, t in org.store.tables.items()}
    told = SCENARIOS[name](org, {})
    now = org.clock.now() + 3000
    grown: dict[str, int] = defaultdict(int)
    for object, table in org.store.tables.items():
        for at in range(marks[object], len(table.rows)):
            assert table.visible_from[at] <= now
            grown[object] += 1
    for object, added in told["added"].items():
        if object != "calls":
            assert grown[object] == len(added)
    assert grown


def test_a_scenario_for_somebody_unknown_says_so() -> None:
    with pytest.raises(ValueError, match="no person signs in as"):
        SCENARIOS["brute_force"](make(users=5, days=1), {"user": "nobody@example.com"})
