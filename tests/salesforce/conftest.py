"""A stub of Salesforce, and a client that talks to it without waiting for anything."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from orgwarden.core.problems import OverBudget
from orgwarden.salesforce import Client, Secret, Tokens, Transport, Usage
from tests.salesforce.stub_server import StubServer


@dataclass
class Clock:
    """Time that passes only when somebody waits."""

    now: float = 1000.0
    waits: list[float] = field(default_factory=list)

    def wait(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += seconds

    def read(self) -> float:
        return self.now


@dataclass
class Tally:
    """A meter that counts, and forbids calls after `most`."""

    most: int = 10_000
    before_calls: list[tuple[str, str]] = field(default_factory=list)
    after_calls: list[tuple[str, Usage | None]] = field(default_factory=list)

    def before(self, lane: str, endpoint: str) -> None:
        if len(self.before_calls) >= self.most:
            raise OverBudget("No more calls today.", rule="floor", after=timedelta(hours=1))
        self.before_calls.append((lane, endpoint))

    def after(self, endpoint: str, usage: Usage | None) -> None:
        self.after_calls.append((endpoint, usage))


@dataclass
class Wallet:
    """Credentials that hand out `token-0`, `token-1`, … at one instance."""

    instance_url: str
    renewals: int = 0

    def current(self) -> Tokens:
        return Tokens(
            access_token=Secret(f"token-{self.renewals}"),
            refresh_token=None,
            instance_url=self.instance_url,
            identity_url="https://login.salesforce.com/id/00D000000000001AAA/005000000000001AAA",
            scope=("api",),
            issued_at=None,
        )

    def renew(self, stale: Tokens) -> Tokens:
        assert stale == self.current()
        self.renewals += 1
        return self.current()


@pytest.fixture
def stub() -> Iterator[StubServer]:
    server = StubServer()
    yield server
    server.stop()


@pytest.fixture
def other_stub() -> Iterator[StubServer]:
    server = StubServer()
    yield server
    server.stop()


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def transport(stub: StubServer, clock: Clock) -> Iterator[Transport]:
    made = Transport(
        allowed=frozenset({stub.host}),
        read_timeout=5,
        wait=clock.wait,
        chance=lambda: 1.0,
        clock=clock.read,
    )
    yield made
    made.close()


@pytest.fixture
def tally() -> Tally:
    return Tally()


@pytest.fixture
def wallet(stub: StubServer) -> Wallet:
    return Wallet(stub.url)


@pytest.fixture
def client(transport: Transport, stub: StubServer, wallet: Wallet, tally: Tally) -> Client:
    return Client(transport, transport.address(stub.url), wallet, tally)
