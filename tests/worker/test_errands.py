"""What a person waits for is done while a collection goes on."""

from __future__ import annotations

import threading
import time

from orgwarden.flows.connecting import consent, pending
from orgwarden.worker import errands
from tests.flows.conftest import at_home, sim
from tests.flows.connecting.test_attempts import SESSION, draft
from tests.support.house import House, house, migrated_records
from tests.support.orgsim import OrgsimServer

__all__ = ["at_home", "house", "migrated_records", "sim"]

PATIENCE = 120.0


def test_a_connection_that_is_tried_is_picked_up_by_itself(
    at_home: House, sim: OrgsimServer
) -> None:
    started = draft(sim)
    consent.go(started.id, SESSION, "ann")
    stop = threading.Event()
    thread = threading.Thread(target=errands.run, args=(stop,))
    thread.start()
    until = time.monotonic() + PATIENCE
    while pending.find(started.id, SESSION).stage != "answered" and time.monotonic() < until:
        stop.wait(0.1)
    stop.set()
    thread.join(PATIENCE)
    assert pending.find(started.id, SESSION).stage == "answered"


def test_an_errand_that_fails_does_not_keep_the_others_from_being_done(
    caplog: object,
) -> None:
    def broken() -> bool:
        raise RuntimeError("no")

    assert errands.once(broken) is False
    assert errands.once(lambda: True) is True
