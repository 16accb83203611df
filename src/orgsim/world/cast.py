"""Who and what lives in an emulated org: places, people, integrations, and where to find them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from orgsim.eventlog.scene import Call


@dataclass(frozen=True, slots=True)
class Place:
    """A city with an office. `offset` is its fixed distance from UTC in minutes: the emulator
    keeps no daylight saving, so that equal options give equal bytes whatever the machine's zones.
    """

    city: str
    subdivision: str
    country: str
    iso: str
    postal: str
    latitude: float
    longitude: float
    zone: str
    offset: int
    office: tuple[str, ...]  # addresses its network shows to the world
    home: str  # first two numbers of the addresses people have at home there


@dataclass(slots=True)
class Person:
    """Someone who signs in with a browser, and the habits of that."""

    id: str
    username: str
    name: str
    email: str
    profile: str
    department: str
    title: str
    place: Place
    home_ip: str
    mobile_ip: str
    browser: str
    platform: str
    mobile: tuple[str, str] | None
    starts_at: float  # hour of their own day
    rate: float  # sign-ins on an average day
    sso: bool
    since: int  # when they joined
    trip_week: int = -1  # a week (days since 1970 // 7) spent at `trip_to`
    trip_to: Place | None = None


@dataclass(slots=True)
class Integration:
    """A machine that talks to the org with a user of its own."""

    id: str
    username: str
    name: str
    app: str  # what LoginHistory calls the application
    app_id: str | None  # its ConnectedApplication
    client: str  # what it calls itself in API logs
    agent: str
    place: Place
    ips: tuple[str, ...]
    login_type: str
    login_sub_type: str | None
    api_type: str
    api_version: str
    logins: float  # a day
    rest_calls: float  # an hour
    bulk_jobs: float  # a day
    soap_calls: float  # an hour
    objects: tuple[str, ...]


@dataclass(slots=True)
class World:
    """The living part of an org."""

    company: str
    slug: str
    domain: str
    places: tuple[Place, ...]
    people: list[Person] = field(default_factory=list)
    integrations: list[Integration] = field(default_factory=list)
    founded_ms: int = 0
    admin: str = ""  # the id of the first administrator
    automated: str = ""  # the id of the Automated Process user
    collector: str = ""  # the id of Orgwarden Collector's run-as user
    guest: str = ""
    saml: str = ""
    ids: dict[str, dict[str, str]] = field(default_factory=dict)  # object -> name -> id
    geo: dict[tuple[str, int], str] = field(default_factory=dict)  # (city, UTC day) -> LoginGeo
    # API calls that scenarios have added, by hour since 1970: they come with that hour's log files
    extra_calls: dict[int, list[Call]] = field(default_factory=dict)
    # By machine's user id, from when to when it was kept out; None: until now.
    kept_out: dict[str, list[tuple[int, int | None]]] = field(default_factory=dict)
    granted: tuple[int, frozenset[tuple[str, str]]] = (-1, frozenset())  # as of a table's version
    lived_until: int = 0  # the minute since 1970 up to which rows were made

    @property
    def host(self) -> str:
        return f"{self.slug}.my.salesforce.com"

    def remember(self, object: str, name: str, id18: str) -> str:
        self.ids.setdefault(object, {})[name] = id18
        return id18

    def find(self, object: str, name: str) -> str:
        return self.ids[object][name]
