"""The worker's other threads: they say what happened while the first one collects.

- `look`, every `CYCLE`: this worker lives; which incidents are there?
- `deliver`, every `LOOK`: what is due leaves. A mail server that hangs holds up nothing else.
- `beat`, every `CYCLE`: the heartbeats are called, if somebody has looked lately.
When the collecting thread has died the signs of life end, so that pages and metrics notice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, connections

from orgwarden.flows.tell import heartbeat as tell_heartbeat
from orgwarden.flows.tell import incidents as tell_incidents
from orgwarden.flows.tell import outbox as tell_outbox
from orgwarden.flows.tell.deliver import deliver_due
from orgwarden.records.holder import Holder
from orgwarden.worker import repeating

log = logging.getLogger(__name__)

LOOK = timedelta(seconds=2)
CYCLE = timedelta(seconds=30)
BEAT = timedelta(seconds=20)  # least between two calls of a heartbeat, whoever makes them
LATELY = 4  # cycles: a look older than that says nothing any more
ENDS = timedelta(seconds=3)  # what is then still being sent is told by another worker


def run(stop: threading.Event, collects: Callable[[], bool] = lambda: True) -> None:
    """Tell until `stop` is set. `collects` says whether the collecting thread lives."""
    teller = Teller(collects, pace=float(settings.ORGWARDEN_PACE))
    jobs = ((teller.look, CYCLE), (teller.deliver, LOOK), (teller.beat, CYCLE))
    threads = [repeating.start(job, every / teller.pace, stop) for job, every in jobs]
    stop.wait()
    until = time.monotonic() + ENDS.total_seconds()
    for thread in threads:
        thread.join(max(until - time.monotonic(), 0.1))
    try:
        teller.ends()
    except DatabaseError as error:
        log.warning("the records cannot be written: %s", error)
    finally:
        connections.close_all()  # this thread's own


class Teller:
    """The three jobs of one worker."""

    def __init__(self, collects: Callable[[], bool], *, pace: float = 1.0) -> None:
        self.pace = pace
        self._collects = collects
        self._seen_as, self._sends_as = Holder.here(), Holder.here()
        self._started_at = datetime.now(UTC)
        self._looked: float | None = None

    def look(self, stop: threading.Event) -> None:
        """Say that this worker lives, and look for incidents."""
        if not self._collects():
            return
        tell_heartbeat.worker_lives(self._seen_as, self._started_at)
        tell_incidents.look_at_all()
        tell_outbox.forget_old(datetime.now(UTC))
        self._looked = time.monotonic()

    def deliver(self, stop: threading.Event) -> None:
        """Send what is due."""
        deliver_due(holder=self._sends_as, stop=stop.is_set)

    def beat(self, stop: threading.Event) -> None:
        """Call the heartbeats after a look that found collecting healthy."""
        lately = LATELY * CYCLE.total_seconds() / self.pace
        if self._looked is None or time.monotonic() - self._looked > max(lately, 10.0):
            return
        if self._collects():
            tell_heartbeat.call_all(least=BEAT / self.pace)

    def ends(self) -> None:
        """This worker ends in good order."""
        tell_heartbeat.worker_ends(self._seen_as)
