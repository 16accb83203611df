"""What an hour of an org looks like to those who write its log: sign-ins, sessions, API calls.

All event types of an hour are written from the same scene, so that they agree: a page view belongs
to someone who signed in, an API call of RestApi is counted in ApiTotalUsage.
"""

from __future__ import annotations

import base64
import hashlib
import random
from dataclasses import dataclass, field
from typing import Any

from orgsim.org import Org
from orgsim.store import Row
from orgsim.world.cast import Integration, World
from orgsim.world.living import how_many
from orgsim.world.rows import HOUR
from orgsim.world.standing import was_out

LONGEST = 4  # hours a session lasts at most
UI = ("Application", "SAML Sfdc Initiated SSO")


def key_of(text: str) -> str:
    """A LOGIN_KEY or SESSION_KEY: sixteen base64 characters."""
    return base64.b64encode(
        hashlib.md5(text.encode(), usedforsecurity=False).digest()[:12]
    ).decode()


@dataclass(slots=True)
class Session:
    """A browser session of a person."""

    user: str
    start: int
    end: int
    ip: str
    browser: str
    platform: str
    login_key: str
    session_key: str
    ends_with_logout: bool
    high: bool


@dataclass(slots=True)
class Call:
    """One API call of an integration."""

    at: int
    by: Integration
    family: str  # REST, SOAP, BULK
    resource: str
    method: str
    entity: str
    rows: int
    status: str
    ip: str
    request_id: str
    job: str
    login_key: str
    session_key: str


@dataclass(slots=True)
class Scene:
    """One hour. `signins` are LoginHistory rows, `sessions` all that are open within it."""

    org: Org
    world: World
    hour: int
    signins: list[Row] = field(default_factory=list)
    sessions: list[Session] = field(default_factory=list)
    calls: list[Call] = field(default_factory=list)

    @property
    def start(self) -> int:
        return self.hour * HOUR


def request_id(rng: random.Random) -> str:
    """Most are 22 characters, some carry another form, some are empty."""
    luck = rng.random()
    if luck < 0.85:
        return base64.b64encode(rng.randbytes(17), b"_-").decode()[:22]
    if luck < 0.93:
        return f"TID:{rng.randrange(10**11)}0000{rng.getrandbits(32):08x}"
    if luck < 0.99:
        return f"SLB:{rng.getrandbits(128):032x}"
    return ""


class Scenes:
    """The hours of one org. LoginHistory is read once, as it grows."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self._read = 0
        self._signins: dict[int, list[Row]] = {}
        self._sessions: dict[int, list[Session]] = {}

    def at(self, hour: int) -> Scene:
        world = self.org.world
        assert world is not None
        self._read_signins(hour)
        for past in [h for h in self._signins if h < hour - LONGEST]:
            del self._signins[past]
        for past in [h for h in self._sessions if h < hour - LONGEST]:
            del self._sessions[past]
        scene = Scene(self.org, world, hour)
        scene.signins = self._signins.get(hour, [])
        start, end = hour * HOUR, (hour + 1) * HOUR
        for past in range(hour - LONGEST, hour + 1):
            if past not in self._sessions:
                self._sessions[past] = self._open(past)
            scene.sessions.extend(
                s for s in self._sessions[past] if s.start < end and s.end > start
            )
        scene.calls = self._calls(world, hour)
        return scene

    def _read_signins(self, hour: int) -> None:
        table = self.org.store["LoginHistory"]
        at = table.type.position["LoginTime"]
        rows = table.rows
        first = (hour - LONGEST) * HOUR
        for row in rows[self._read :]:
            if row[at] >= first:
                self._signins.setdefault(row[at] // HOUR, []).append(row)
        self._read = len(rows)

    def _open(self, hour: int) -> list[Session]:
        place = self.org.store["LoginHistory"].type.position
        rng = self.org.random(f"sessions/{hour}")
        sessions = []
        for row in self._signins.get(hour, []):
            if row[place["Status"]] != "Success" or row[place["LoginType"]] not in UI:
                continue
            start = row[place["LoginTime"]]
            length = min(LONGEST * HOUR - 1, int(rng.lognormvariate(0.2, 0.8) * HOUR))
            sessions.append(
                Session(
                    user=row[place["UserId"]],
                    start=start,
                    end=start + length,
                    ip=row[place["SourceIp"]],
                    browser=row[place["Browser"]],
                    platform=row[place["Platform"]],
                    login_key=key_of("login" + row[0]),
                    session_key=key_of("session" + row[0]),
                    ends_with_logout=rng.random() < 0.35,
                    high=row[place["LoginType"]] == "Application",
                )
            )
        return sessions

    def _calls(self, world: World, hour: int) -> list[Call]:
        rng = self.org.random(f"calls/{hour}")
        calls: list[Call] = []
        for it in world.integrations:
            login, session = key_of(f"{it.id}/{hour // 24}"), key_of(f"{it.id}/{hour // 2}")

            def call(at: int, **values: Any) -> None:
                calls.append(
                    Call(
                        at=at,
                        by=it,  # noqa: B023 - used within this turn of the loop
                        ip=rng.choice(it.ips),  # noqa: B023
                        request_id=request_id(rng),
                        login_key=login,  # noqa: B023
                        session_key=session,  # noqa: B023
                        **values,
                    )
                )

            for _ in range(how_many(rng, it.rest_calls)):
                entity = rng.choice(it.objects)
                query = rng.random() < 0.7
                call(
                    hour * HOUR + rng.randrange(HOUR),
                    family="REST",
                    resource=f"/services/data/v{it.api_version}/"
                    + ("query" if query else f"sobjects/{entity}"),
                    method="GET" if query else rng.choice(("GET", "PATCH", "POST")),
                    entity=entity,
                    rows=int(rng.lognormvariate(3.5, 1.2)) if query else 1,
                    status="200" if rng.random() < 0.985 else "400",
                    job="",
                )
            for _ in range(how_many(rng, it.soap_calls)):
                call(
                    hour * HOUR + rng.randrange(HOUR),
                    family="SOAP",
                    resource="query" if rng.random() < 0.6 else "update",
                    method="POST",
                    entity=rng.choice(it.objects),
                    rows=int(rng.lognormvariate(3, 1)),
                    status="200",
                    job="",
                )
            for _ in range(how_many(rng, it.bulk_jobs / 24)):
                call(
                    hour * HOUR + rng.randrange(HOUR),
                    family="BULK",
                    resource=f"/services/data/v{it.api_version}/jobs/query",
                    method="POST",
                    entity=rng.choice(it.objects),
                    rows=int(rng.lognormvariate(7, 1)),
                    status="200",
                    job="750" + f"5g{rng.getrandbits(40):010x}"[:12],
                )
        if world.kept_out:
            calls = [c for c in calls if not was_out(world, c.by, c.at)]
        calls.extend(world.extra_calls.get(hour, ()))
        calls.sort(key=lambda c: (c.at, c.request_id))
        return calls
