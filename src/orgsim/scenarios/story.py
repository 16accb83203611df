"""What the scenarios are told with: a moment, a stranger's network, sign-ins, calls, tokens."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

from orgsim.eventlog.scene import Call, key_of, request_id
from orgsim.org import Org
from orgsim.world import signins
from orgsim.world.cast import Integration, Person, Place, World
from orgsim.world.rows import HOUR, add

# A rented server far from every office of the org.
ELSEWHERE = Place(
    "Reykjavik",
    "Capital Region",
    "Iceland",
    "IS",
    "101",
    64.1466,
    -21.9426,
    "Atlantic/Reykjavik",
    0,
    ("192.0.2.66", "192.0.2.67"),
    "192.0",
)


class Story:
    """One telling of a scenario: everything happens now, and is seen from now on."""

    def __init__(self, org: Org, name: str) -> None:
        if org.world is None:
            raise ValueError("a scenario needs an org that was built, not one made by hand")
        self.org = org
        self.world: World = org.world
        self.now = org.clock.now()
        self.rng: random.Random = org.random(f"scenario/{name}/{self.now}")
        self.added: dict[str, list[str]] = {}

    def person(self, username: object) -> Person:
        """The person of this username; one outside IT if none is given."""
        people = self.world.people
        if username is not None:
            for person in people:
                if person.username == username:
                    return person
            raise ValueError(f"no person signs in as {username}")
        return next((p for p in people if p.department == "Sales"), people[-1])

    def add(self, object: str, **values: Any) -> str:
        id18 = add(self.org, object, self.now, visible_from=self.now, **values)
        self.added.setdefault(object, []).append(id18)
        return id18

    def token(self, user: str, app: str, uses: int) -> None:
        table = self.org.store["OauthToken"]
        values = {
            "UserId": user,
            "AppName": app,
            "AppMenuItemId": self.world.ids["AppMenuItem"].get(app),
            "CreatedDate": self.now // 1000 * 1000,
            "LastUsedDate": self.now // 1000 * 1000,
            "UseCount": uses,
            "DeleteToken": "del" + self.rng.randbytes(24).hex(),
        }
        table.add(table.make(values), self.now)
        self.added.setdefault("OauthToken", []).append(app)

    def sign_in(self, user: str, ago_ms: int, **values: Any) -> None:
        """One row of LoginHistory from the stranger's network."""
        at = self.now - ago_ms
        row = signins.row(
            self.world,
            user,
            at,
            values.pop("ip", ELSEWHERE.office[0]),
            signins.geo(self.org, ELSEWHERE, at),
            ELSEWHERE.iso,
            **values,
        )
        id18 = self.org.new_id("0Ya")
        self.org.store["LoginHistory"].add((id18, *row), self.now)
        self.added.setdefault("LoginHistory", []).append(id18)

    def machine(self, user: str, username: str, app: str, client: str) -> Integration:
        """A caller that is none of the org's own."""
        like = self.world.integrations[0]
        return replace(
            like,
            id=user,
            username=username,
            name=app,
            app=app,
            app_id=self.world.ids["ConnectedApplication"].get(app),
            client=client,
            agent=client,
            place=ELSEWHERE,
            ips=ELSEWHERE.office,
            api_version="62.0",
        )

    def call(
        self,
        by: Integration,
        after_ms: int,
        resource: str,
        entity: str,
        rows: int,
        *,
        method: str = "GET",
        bulk: bool = False,
    ) -> None:
        """One API call, told of by the log files of its hour when they are due."""
        at = self.now + after_ms
        self.world.extra_calls.setdefault(at // HOUR, []).append(
            Call(
                at=at,
                by=by,
                family="BULK" if bulk else "REST",
                resource=f"/services/data/v{by.api_version}/{resource}",
                method=method,
                entity=entity,
                rows=rows,
                status="200",
                ip=by.ips[0],
                request_id=request_id(self.rng),
                job=f"7505g{self.rng.getrandbits(40):010x}" if bulk and method == "POST" else "",
                login_key=key_of(f"{by.id}/{self.now}"),
                session_key=key_of(f"{by.name}/{self.now}"),
            )
        )
        self.added.setdefault("calls", []).append(resource)

    def told(self, **facts: Any) -> dict[str, Any]:
        """The scenario's answer: what it added, by object."""
        return {**facts, "added": self.added}
