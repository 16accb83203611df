"""Orgwarden as the simulation uses it: one home, one SQLite, a fresh org row for every seed."""

from __future__ import annotations

import asyncio
import shutil
import threading
from collections.abc import Callable
from concurrent.futures import Executor, Future
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, TypeVar

from django.db import connection

from orgwarden.catalog.features import FEATURES
from orgwarden.catalog.tiers import TIERS
from orgwarden.flows.ask import reader
from orgwarden.flows.enabled import enabled_sources
from orgwarden.flows.lakes import lake_of
from orgwarden.flows.means import Means
from orgwarden.flows.status import of_org
from orgwarden.flows.tokens import OrgCredentials
from orgwarden.flows.upkeep import verify
from orgwarden.lake.reading import Reader
from orgwarden.records import credentials
from orgwarden.records.models import CallHour, ConnectedClient, Org, SourceState
from orgwarden.salesforce import Transport
from orgwarden.worker import loop
from tests.simulation.clocks import Time
from tests.simulation.dice import Dice
from tests.simulation.life import URL, Life
from tests.simulation.wire import Wire
from tests.support.checker import Output

T = TypeVar("T")
# Of each kind one. A seed has two of them always, and one of the others.
ALWAYS, SOMETIMES = ("login_history", "event_log_file"), ("setup_audit_trail", "users", "limits")
SOURCES = (*ALWAYS, *SOMETIMES)
HOST = URL.removeprefix("http://")


class InLine(Executor):
    """A pool without threads: what is submitted is done at once, in order."""

    def __init__(self, number: int, name: str) -> None:
        del number, name

    def submit(self, fn: Callable[..., T], /, *args: Any, **more: Any) -> Future[T]:
        future: Future[T] = Future()
        try:
            future.set_result(fn(*args, **more))
        except Exception as error:  # noqa: BLE001  as an executor does; a kill passes
            future.set_exception(error)
        return future


@dataclass
class Installed:
    """One org connected in the installation, and the means of its workers. What is shown of it is
    asked for once until something is done again."""

    org: Org
    means: Means
    wire: Wire
    life: Life
    time: Time
    chosen: set[str]
    _looks: list[tuple[datetime, datetime, datetime]] = field(default_factory=list, init=False)
    _reader: Reader | None = field(default=None, init=False)
    _status: dict[str, Any] | None = field(default=None, init=False)

    @classmethod
    def connected(
        cls,
        life: Life,
        time: Time,
        dice: Dice,
        loop: asyncio.AbstractEventLoop,
        strike: Callable[[str, str], str],
        tell: Callable[[str], None],
        road: type[Wire] = Wire,
    ) -> Installed:
        """As `connect` leaves it, at the simulation's time."""
        app = next(a for a in life.server.org.apps.values() if a.run_as)
        app.rotate_refresh_token = dice.chance("rotation", 0.7)
        app.flows = app.flows | {"refresh_token", "authorization_code"}
        by_person = dice.chance("flow", 0.5)
        now = time.now()
        chosen = {*ALWAYS, *dice.of("sources").sample(SOMETIMES, 1)}
        user = life.server.people.value(str(app.run_as), "Username")
        # Where in an hour an org is read depends on its key.
        org = Org.objects.create(
            key=f"seed{dice.seed}", name=f"seed {dice.seed}", url=URL, instance_url=URL,
            salesforce_id=life.server.org.id,
            flow=Org.Flow.WEB_SERVER if by_person else Org.Flow.CLIENT_CREDENTIALS,
            connected_user=user, connected_user_id=app.run_as, features=[f.id for f in FEATURES],
            tiers=[t.id for t in TIERS], backfill_days=1, first_connected_at=now, connected_at=now,
            status_since=now, next_due_at=now,
            cadence_minutes={s: dice.choice("cadence", (60, 120)) for s in SOURCES},
        )  # fmt: skip
        ConnectedClient.objects.create(org=org, client_id=app.consumer_key)
        credentials.store(org, "client_secret", app.consumer_secret)
        _put_aside(org, chosen)
        wire = road(life.server, time, dice, loop, strike, tell)
        transport = Transport(
            allowed=frozenset({HOST}),
            wait=time.sleep,
            chance=lambda: dice.random("pauses"),
            clock=time.monotonic,
            adapter=wire,
        )
        means = Means(time.now, time.monotonic, transport, InLine, _keeper(transport, time))
        made = cls(org, means, wire, life, time, chosen)
        if by_person:
            made.approve()
        return made

    def approve(self) -> None:
        """A person consents (again): a new grant, and the tenant is looked at at once."""
        if self.org.flow != Org.Flow.WEB_SERVER:
            return
        app = next(a for a in self.life.server.org.apps.values() if a.run_as)
        grant = self.life.server.sessions.approve(str(app.run_as), app, app.scopes)
        credentials.store(self.org, "refresh_token", grant.token)
        self.due_now()

    def due_now(self) -> None:
        """As Collect Now does."""
        self._look_anew()
        now = self.time.now()
        self.org.sources.filter(source__in=self.chosen).update(next_due_at=now)
        Org.objects.filter(pk=self.org.pk).update(next_due_at=now, probed_at=None)

    def work(self, at: Callable[[str], None]) -> bool:
        """One look of a worker."""
        self._look_anew()
        began, by_the_org = self.time.now(), self.time.org_now()
        try:
            return loop.work_once(threading.Event(), self.means, at)
        finally:
            self._looks.append((began, self.time.now(), by_the_org))

    def began(self, done: datetime) -> datetime:
        """When the worker began, by the org's clock, who was done with something at `done` by ours.
        What was visible by then was there to be read; what came later may have come too late."""
        return min(at for start, end, at in self._looks if start <= done <= end)

    def _look_anew(self) -> None:
        if self._reader is not None:
            self._reader.close()
        self._reader = self._status = None

    def status(self) -> dict[str, Any]:
        if self._status is None:
            self.org.refresh_from_db()
            self._status = of_org(self.org, self.time.now())
        return self._status

    def shown(self) -> Output:
        return Output(self.query, self.status, lambda: verify(self.org))

    def query(self, sql: str) -> list[dict[str, Any]]:
        if self._reader is None:
            self._reader = reader(self.org)
        rows, _ = self._reader.run_for_user(sql, limit=1_000_000)
        return list(rows.to_pylist())

    def calls(self) -> int:
        """The calls that Orgwarden has counted, ever."""
        return sum(CallHour.objects.filter(org=self.org).values_list("calls", flat=True))

    def gone(self) -> None:
        """The seed is over: its row and its table go."""
        self._look_anew()
        connection.close()
        shutil.rmtree(lake_of(self.org).uri, ignore_errors=True)
        Org.objects.filter(pk=self.org.pk).delete()


def _put_aside(org: Org, chosen: set[str]) -> None:
    """Sources that are not simulated count as read, and are not due."""
    never = org.next_due_at + timedelta(days=365) if org.next_due_at else None
    SourceState.objects.bulk_create(
        SourceState(
            org=org, source=s.id, state=SourceState.State.CURRENT, next_due_at=never, since=never
        )
        for s in enabled_sources(org)
        if s.id not in chosen
    )


def _keeper(transport: Transport, time: Time) -> Callable[[Org, int], None]:
    """The keeper in this process: it cannot be killed, as the real one can hardly be."""

    def renew(org: Org, seen: int) -> None:
        OrgCredentials(org, transport, means=Means(time.now)).renew_here(seen)

    return renew
