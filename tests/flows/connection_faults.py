"""A tenant that meets a fault of its connection, and what must be true of it then.

The faults are those of section 1A of the project's fault catalogue (A1 to A14) and of Salesforce's
rules of 2026 (R: containment, address lists, moves). A test's id begins with the row it shows.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from orgwarden.flows.connecting import confirm, consent
from orgwarden.flows.connecting.connect import connect_org
from orgwarden.flows.status import of_org
from orgwarden.records.models import Org, Run, SourceState
from orgwarden.worker import loop
from tests.flows import browser
from tests.flows.connecting.test_consent import SESSION, begin
from tests.support.canaries import assert_absent, given_out, issued
from tests.support.house import House
from tests.support.landed import assert_everything_landed
from tests.support.orgsim import OrgsimServer

TOKEN = "POST /services/oauth2/token"
KEY, JWT, CONSENT = "client credentials", "JWT bearer", "consent"
FEATURES = ("app_governance",)  # has a source of each kind; the other one only has more of them
CYCLES = 3  # rounds of the worker that must stay quiet after a trouble


@dataclass
class Tenant:
    """One connected org whose history is in the lake, before anything goes wrong."""

    home: House
    sim: OrgsimServer
    way: str
    org: Org
    secrets_before: int
    before: dict[str, Any] = field(default_factory=dict)

    @classmethod
    def settled(cls, home: House, sim: OrgsimServer, way: str = KEY) -> Tenant:
        since = issued(sim)
        made = cls(home, sim, way, connect(home, sim, way, features=FEATURES), since)
        made.work()
        made.org.refresh_from_db()
        assert made.org.status == Org.Status.SUCCESS, made.org.problem
        made.before = made.shown()
        return made

    def tell(self, path: str, **body: Any) -> Any:
        return self.sim.control(path, body)

    @property
    def user(self) -> str:
        return self.org.connected_user

    # What happens -------------------------------------------------------------------------

    def work(self) -> None:
        """One round of the worker, everything being due."""
        now = datetime.now(UTC)
        self.org.sources.exclude(state=SourceState.State.OFF).update(next_due_at=now)
        Org.objects.filter(pk=self.org.pk).update(next_due_at=now)
        loop.work_once(threading.Event())

    def some_rounds(self) -> None:
        for _ in range(CYCLES):
            self.work()

    def an_hour_passes(self) -> None:
        """An hour passes for the records."""
        self.org.refresh_from_db()
        if self.org.probed_at is not None:
            earlier = self.org.probed_at - timedelta(hours=1)
            Org.objects.filter(pk=self.org.pk).update(probed_at=earlier)

    def end_session(self) -> None:
        """The access token in use is no longer honoured, so that a new one is asked for."""
        self.tell("faults", prefix="/services/data/", nth=1, expired_token=True)

    # What is seen -------------------------------------------------------------------------

    def shown(self) -> dict[str, Any]:
        """The tenant as `orgwarden status --json` shows it."""
        self.org.refresh_from_db()
        return of_org(self.org)

    def calls(self) -> tuple[int, int]:
        """Token calls and data calls that the emulator has seen of us so far."""
        token = data = 0
        for call in self.sim.control("calls", params={"all": "1"}):
            if call["endpoint"] == TOKEN:
                token += call["count"]
            elif "/services/data" in call["endpoint"]:
                data += call["count"]
        return token, data

    def made_by(self, action: Callable[[], None]) -> tuple[int, int]:
        """Token calls and data calls made meanwhile."""
        token, data = self.calls()
        action()
        after = self.calls()
        return after[0] - token, after[1] - data

    # What must be true --------------------------------------------------------------------

    def assert_honest(self) -> None:
        """Nothing that was not read is called complete, empty or freshly synced."""
        now = self.shown()
        assert now["last_synced"] == self.before["last_synced"]
        earlier = {s["id"]: s for s in self.before["sources"]}
        for source in now["sources"]:
            assert source["complete"] == earlier[source["id"]]["complete"], source["id"]
            assert source["last_success"] == earlier[source["id"]]["last_success"], source["id"]
            assert source["rows"] == earlier[source["id"]]["rows"], source["id"]
        last = Run.objects.filter(org=self.org).order_by("-pk").first()
        assert last is None or last.outcome != Run.Outcome.DONE or not self._began_after(last)

    def _began_after(self, run: Run) -> bool:
        synced = self.before["last_synced"]
        return synced is not None and run.started_at > datetime.fromisoformat(synced)

    def assert_quiet(self, *, probes: int) -> None:
        """Round after round nobody calls Salesforce; an hour later it is asked `probes` times for a
        token, and for nothing else."""
        assert self.made_by(self.some_rounds) == (0, 0)
        self.an_hour_passes()
        token, data = self.made_by(self.some_rounds)
        assert (token, data) == (probes, 0)

    def assert_no_secret(self, *texts: str) -> None:
        """No secret that the org gave out lies in the home, or in a text that was shown."""
        secrets = given_out(self.sim, since=self.secrets_before)
        told = [*texts, str(self.shown()), str(vars(self.org))]
        assert_absent(secrets, self.home.home, *(t.encode() for t in told))

    def assert_recovers(self) -> None:
        """With the trouble gone the lake equals what happened, nothing lost, nothing doubled."""
        self.sim.control("faults", method="DELETE")
        self.work()
        now = self.shown()
        assert (now["status"], now["problem"]) == ("success", None)
        assert_everything_landed(self.sim, self.home.ask, now["sources"])


def connect(home: House, sim: OrgsimServer, way: str, name: str = "prod", **more: Any) -> Org:
    """Connect by one of the three ways."""
    app = sim.app()
    if way == KEY:
        return home.connect(sim, name, **more)
    if way == JWT:
        ready = sim.control("private-key")
        return connect_org(
            name=name,
            url=sim.url,
            client_id=app["consumer_key"],
            flow=Org.Flow.JWT_BEARER,
            actor="test",
            tiers=("sign_ins",),
            **{"username": app["run_as"], "client_secret": ready["private_key"], **more},
        )
    back = browser.consent(begin(sim, name, **more), app["run_as"])
    found = consent.finish(back["state"], back["code"], SESSION)
    return confirm.confirm(found.id, SESSION, "test", accept=True)


def a_sentence(words: str) -> None:
    """Words for people: whole, one line, nothing of a machine's."""
    assert words[-1] in ".…", words
    for sign in ("\n", "Traceback", "{", "</", "Exception"):
        assert sign not in words, words


def log_text(caplog: Any) -> str:
    """All that was logged, tracebacks included."""
    formatter = logging.Formatter()
    return "\n".join(formatter.format(record) for record in caplog.records)
