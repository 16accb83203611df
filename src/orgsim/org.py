"""One emulated org: its options, clock, ids and state. The server and the world meet here.

`orgsim.world.build(org)` fills it, `orgsim.world.live(org, since, until)` lets time pass in it,
the server reads it. All times are epoch milliseconds of the org's clock, UTC.
"""

from __future__ import annotations

import hashlib
import random
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from orgsim.settings import defaults
from orgsim.store import Store, Table

if TYPE_CHECKING:
    from orgsim.entry import Network
    from orgsim.eventlog.files import LogFiles
    from orgsim.world.cast import World

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
EXTERNAL = "external_client_app"  # the kind of app that new ones are
SUFFIX = "ABCDEFGHIJKLMNOPQRSTUVWXYZ012345"


@dataclass(frozen=True, slots=True)
class Options:
    """What `orgsim serve` was asked for, for one org. `now_ms` is the org's time at start."""

    now_ms: int
    port: int = 8900
    number: int = 0  # which of --orgs this is
    seed: int = 1
    users: int = 200
    days: int = 60
    edition: str = "Enterprise Edition"
    event_monitoring: str = "none"  # or "licensed"
    daily_api_limit: int = 100_000
    files: Path | None = None
    speed: float = 1.0
    language: str = "en_US"
    tls: bool = False


class Clock:
    """The org's clock: starts at `start_ms`, ticks with the machine's, can be moved."""

    def __init__(self, start_ms: int) -> None:
        self._offset = start_ms - time.monotonic_ns() // 1_000_000

    def now(self) -> int:
        return time.monotonic_ns() // 1_000_000 + self._offset

    def advance(self, by_ms: int) -> None:
        self._offset += by_ms

    def set(self, to_ms: int) -> None:
        self._offset += to_ms - self.now()


def id18(id15: str) -> str:
    """The 18-character form of a 15-character id (three check characters, one per five)."""
    checks = ""
    for chunk in (id15[0:5], id15[5:10], id15[10:15]):
        bits = sum(1 << i for i, ch in enumerate(chunk) if "A" <= ch <= "Z")
        checks += SUFFIX[bits]
    return id15 + checks


@dataclass
class OAuthApp:
    """A client that can ask for tokens. `kind` is `connected_app` or `external_client_app`.

    `installed` apps have a row in ConnectedApplication and an AppMenuItemId. `flows` holds the
    names of allowed flows: `authorization_code`, `client_credentials`, `jwt_bearer`,
    `refresh_token`, `device`."""

    name: str
    consumer_key: str
    consumer_secret: str
    kind: str = "connected_app"
    flows: frozenset[str] = frozenset({"authorization_code", "refresh_token"})
    scopes: tuple[str, ...] = ("api", "refresh_token")
    callback_urls: tuple[str, ...] = ()
    run_as: str | None = None  # user id 18
    installed: bool = True
    admin_approved_only: bool = False
    pkce_required: bool = False
    secret_required: bool = True
    rotate_refresh_token: bool = False
    blocked: bool = False
    enabled: bool = True  # an external client app that is switched off lets nobody in…
    disabled_as: str = "OAUTH_EC_APP_NOT_FOUND"  # …and the token endpoint answers this
    ip_relaxation: str = "ENFORCE"  # or BYPASS: the login ranges of users do not bind it
    local: bool = True  # made in this org: its consumer key and its settings can be read and set
    application_id: str | None = None  # its ConnectedApplication or ExternalClientApplication
    certificate_pem: str | None = None
    app_menu_item_id: str | None = None
    deleted: bool = False
    settles_ms: int = 0  # until then a change of the app is not known everywhere…
    settles_as: str = "invalid_client_id"  # …and the token endpoint answers this
    refresh_idle_ms: int | None = None  # a refresh token ends unused for so long
    refresh_life_ms: int | None = None  # … or this long after it was approved
    refresh_addresses: tuple[Network, ...] = ()  # who may redeem one; none: everybody
    session_ms: int | None = None  # how long its access tokens live; None: as usual
    # What was changed and is not known everywhere: what still works so, what still reads so.
    still_felt: dict[str, Any] = field(default_factory=dict)
    still_shown: dict[str, Any] = field(default_factory=dict)

    def felt(self, name: str) -> Any:
        """A field as sign-ins and sessions meet it now."""
        return self.still_felt.get(name, getattr(self, name))

    def shown(self, name: str) -> Any:
        """A field as reads show it now."""
        return self.still_shown.get(name, getattr(self, name))


@dataclass(frozen=True)
class Blocked:
    """A consumer that an administrator shut out: a component BlacklistedConsumer. The org need
    not know an app with this key."""

    consumer_key: str
    name: str
    label: str
    by_access_control: bool = False


@dataclass
class Org:
    """The state of one org. Everything random comes from `random(purpose)`, so that equal
    options give equal bytes whatever the order in which parts are built."""

    options: Options
    store: Store
    clock: Clock
    id: str = ""  # 18 characters
    name: str = ""
    apps: dict[str, OAuthApp] = field(default_factory=dict)  # by consumer key
    log_files: LogFiles | None = None
    world: World | None = None  # who and what lives in it, for those who make more rows
    settings: dict[str, dict[str, Any]] = field(default_factory=defaults)  # by metadata type
    blocklist: dict[str, Blocked] = field(default_factory=dict)  # by full name
    blocklist_shown: dict[str, Blocked] = field(default_factory=dict)  # as reads show it
    _next: dict[str, int] = field(default_factory=dict)
    _former: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)

    def change(self, table: Table, at: int, values: dict[str, Any]) -> None:
        """Change fields of a row until `change_back`."""
        former = self._former.setdefault((table.type.name, at), {})
        for name in values:
            former.setdefault(name, table.value(at, name))
        table.update(at, values)

    def change_back(self) -> None:
        """Give the fields that were changed so what they held before."""
        for (name, at), former in self._former.items():
            self.store[name].update(at, former)
        self._former.clear()

    def random(self, purpose: str) -> random.Random:
        o = self.options
        text = f"{o.seed}/{o.number}/{purpose}"
        return random.Random(hashlib.sha256(text.encode()).digest())

    def new_ids(self, prefix: str, count: int) -> list[str]:
        """The next `count` ids, quicker than as many calls of `new_id`."""
        ids: list[str] = []
        while len(ids) < count:
            first = self.new_id(prefix)
            ids.append(first)
            # All ids that share the first 14 characters differ in the last one only.
            at = ALPHABET.index(first[14])
            run = min(len(ALPHABET) - 1 - at, count - len(ids))
            stem, high, middle = first[:14], first[15], first[16]
            bits = sum(1 << i for i, ch in enumerate(first[10:14]) if "A" <= ch <= "Z")
            low, low_upper = SUFFIX[bits], SUFFIX[bits | 16]
            for ch in ALPHABET[at + 1 : at + 1 + run]:
                last = low_upper if "A" <= ch <= "Z" else low
                ids.append(f"{stem}{ch}{high}{middle}{last}")
            self._next[prefix] += run
        return ids

    def new_id(self, prefix: str) -> str:
        """The next 18-character id with this 3-character prefix."""
        n = self._next.get(prefix, 0) + 1
        self._next[prefix] = n
        base = int.from_bytes(
            hashlib.sha256(f"{self.options.seed}/{self.options.number}/{prefix}".encode()).digest()[
                :4
            ]
        )
        n += base % 62**4 * 62**3
        digits = ""
        while n:
            n, rest = divmod(n, 62)
            digits = ALPHABET[rest] + digits
        return id18(prefix + "5g" + digits.rjust(10, "0")[-10:])
