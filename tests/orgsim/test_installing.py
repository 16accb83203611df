"""Apps that come, go and come back, and machines that are kept out while the org lives on."""

from __future__ import annotations

import requests

from orgsim.server import OrgServer
from tests.orgsim import standin
from tests.orgsim.conftest import Caller
from tests.orgsim.test_blocking import EVERYDAY, RIGHTS, write
from tests.orgsim.test_oauth import ask, redeem, works
from tests.orgsim.worlds import HOUR, make
from tests.support.postgres import free_port

INSTALLED = "SELECT Id, Name FROM ConnectedApplication"


def test_an_uninstalled_app_leaves_its_grants_and_comes_back_with_another_id(
    server: OrgServer, anna: Caller
) -> None:
    anna.post("/_sim/installation", {"name": "Stray", "installed": True})
    tokens = redeem(server, "Stray")
    (first,) = anna.rows(INSTALLED)
    grant = "SELECT AppMenuItemId, CreatedDate FROM OauthToken"
    (linked,) = anna.rows(grant)
    assert linked["AppMenuItemId"].startswith("0DS")
    anna.post("/_sim/installation", {"name": "Stray", "installed": False})
    assert anna.rows(INSTALLED) == []
    (left,) = anna.rows(grant)
    assert left == linked | {"AppMenuItemId": None, "attributes": left["attributes"]}
    assert works(server, tokens["access_token"])
    anna.post("/_sim/installation", {"name": "Stray", "installed": True})
    (second,) = anna.rows(INSTALLED)
    assert second["Id"] != first["Id"]
    assert anna.rows(grant)[0]["AppMenuItemId"] not in (None, linked["AppMenuItemId"])
    told = anna.rows("SELECT Action FROM SetupAuditTrail WHERE Action != 'createduser'")
    assert [r["Action"] for r in told] == [
        "insertConnectedApplication",
        "deleteConnectedApplication",
        "insertConnectedApplication",
    ]


def test_a_deleted_app_is_told_apart_in_login_history() -> None:
    org = standin.make_org(speed=1)
    with standin.serving(org) as server:
        tokens = redeem(server)
        anna = Caller(server, "anna@example.org")
        anna.post("/_sim/app", {"name": "Everyday", "deleted": True})
        answer = ask(server, grant_type="refresh_token", refresh_token=tokens["refresh_token"])
        assert answer.json()["error"] == "invalid_client_id"
        table = org.store["LoginHistory"]
        assert table.value(len(table.rows) - 1, "Status") == "Failed: Consumer Deleted"
        assert len(anna.rows("SELECT AppName FROM OauthToken")) == 1


def test_an_acting_app_has_a_user_of_its_own(server: OrgServer, anna: Caller) -> None:
    asked = {
        "name": "Acting",
        "kind": "external_client_app",
        "flows": ["client_credentials"],
        "scopes": ["api"],
        "run_as": "acting@example.org",
        "permissions": ["ApiEnabled", "ManageUsers"],
    }
    made = anna.post("/_sim/apps", asked)
    assert made.status_code == 201
    app = made.json()
    form = {
        "grant_type": "client_credentials",
        "client_id": app["consumer_key"],
        "client_secret": app["consumer_secret"],
    }
    url = f"{server.base_url}/services/oauth2/token"
    token = requests.post(url, data=form, timeout=10).json()["access_token"]
    session = anna.rows("SELECT Id, UsersId FROM AuthSession")[0]["Id"]
    head = {"Authorization": f"Bearer {token}"}
    gone = anna.call("DELETE", f"sobjects/AuthSession/{session}", headers=head)
    assert gone.status_code == 204
    (change,) = anna.get("/_sim/requests", params={"kind": "change"}).json()
    assert (change["user"], change["app"]) == ("acting@example.org", "Acting")
    user = server.people.by_username("acting@example.org") or ""
    assert server.people.permissions(user) == {"ApiEnabled", "ManageUsers"}
    assert anna.post("/_sim/apps", {"name": ""}).status_code == 400


def test_machines_that_are_kept_out_try_on_in_vain() -> None:
    org = make(users=60, days=2, speed=20, port=free_port())
    with standin.serving(org) as server:
        assert org.world is not None
        people = [p.username for p in org.world.people]
        anna = Caller(server, people[0])
        for permission in (*RIGHTS, "ApiEnabled", "CustomizeApplication"):
            anna.post("/_sim/permission", {"user": people[0], "permission": permission})
        app = next(a for a in org.apps.values() if a.name == "Warehouse Sync")
        robot = next(i for i in org.world.integrations if i.app == "Warehouse Sync")

        def since(start: int) -> set[str]:
            table = org.store["LoginHistory"]
            place = table.type.position
            return {
                row[place["Status"]]
                for row in table.rows
                if row[place["UserId"]] == robot.id and row[place["LoginTime"]] >= start
            }

        def lived(hours: int = 3) -> set[str]:
            start = org.clock.now() + 120_000  # two minutes are made ahead
            anna.post("/_sim/clock", {"advance": hours * 3600})
            return since(start)

        assert lived() == {"Success"}
        anna = Caller(server, people[0])  # the first session ended meanwhile
        values = EVERYDAY | {"consumerKey": app.consumer_key}
        assert write(server, anna, "create", "BlacklistedConsumer", "W", values) == (True, "")
        anna.post("/_sim/clock", {"advance": 1})
        blocked_from = org.clock.now()
        assert lived() == {"Failed: OAuth API Access Disabled"}
        anna.post("/_sim/app", {"name": "Warehouse Sync", "blocked": False})
        assert lived() == {"Success"}
        table = org.store["OauthToken"]
        tokens = [
            table.value(at, "DeleteToken")
            for at in range(len(table.rows))
            if table.value(at, "UserId") == robot.id
        ]
        for token in tokens:
            url = f"{server.base_url}/services/oauth2/revoke"
            assert requests.post(url, data={"token": token}, timeout=10).status_code == 200
        assert lived() == {"Failed: Invalid token"}
        spans = org.world.kept_out[robot.id]
        assert len(spans) == 2
        assert abs(spans[0][0] - blocked_from) < HOUR
        assert spans[-1][1] is None
