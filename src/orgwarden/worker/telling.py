"""The worker's other thread: says what happened while the first one collects.

1. Every `LOOK`: deliver what is due.
2. Every `CYCLE`: say that this worker lives, look for incidents, call the heartbeats.
It ends its signs of life when the collecting thread has died, so that pages and metrics notice.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from django.conf import settings
from django.db import DatabaseError, close_old_connections, connections

from orgwarden.flows import tell_heartbeat, tell_incidents
from orgwarden.flows.tell_deliver import deliver_due
from orgwarden.records.holder import Holder

log = logging.getLogger(__name__)

LOOK = timedelta(seconds=2)
CYCLE = timedelta(seconds=30)
BEAT = timedelta(seconds=20)  # least between two calls of a heartbeat, whoever makes them


def run(stop: threading.Event, collects: Callable[[], bool] = lambda: True) -> None:
    """Tell until `stop` is set. `collects` says whether the collecting thread lives."""
    holder, started_at = Holder.here(), datetime.now(UTC)
    pace = float(settings.ORGWARDEN_PACE)
    looked = -CYCLE.total_seconds()
    try:
        while not stop.is_set():
            try:
                close_old_connections()
                if time.monotonic() - looked >= CYCLE.total_seconds() / pace:
                    looked = time.monotonic()
                    cycle(holder, started_at, collects=collects(), least=BEAT / pace)
                deliver_due(holder=holder, stop=stop.is_set)
            except DatabaseError as error:  # the records are restarting: wait and look again
                log.warning("the records cannot be read: %s", error)
            except Exception:
                # A message's trouble must not end the telling of all others; it is logged.
                log.exception("telling failed")
            stop.wait(max(LOOK.total_seconds() / pace, 0.1))
        try:
            tell_heartbeat.worker_ends(holder)
        except DatabaseError as error:
            log.warning("the records cannot be written: %s", error)
    finally:
        connections.close_all()  # this thread's own


def cycle(holder: Holder, started_at: datetime, *, collects: bool, least: timedelta) -> None:
    """One look at everything."""
    if not collects:
        return
    tell_heartbeat.worker_lives(holder, started_at)
    tell_incidents.look_at_all()
    tell_heartbeat.call_all(least=least)
