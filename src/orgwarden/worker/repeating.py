"""Something the worker does again and again in a thread of its own, until it is told to stop."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import timedelta

from django.db import DatabaseError, close_old_connections, connections

log = logging.getLogger(__name__)
Job = Callable[[threading.Event], None]


def start(job: Job, every: timedelta, stop: threading.Event) -> threading.Thread:
    """The thread, named like the job. What goes wrong once is logged and tried again."""
    thread = threading.Thread(
        target=_repeat, args=(job, every, stop), name=job.__name__, daemon=True
    )
    thread.start()
    return thread


def _repeat(job: Job, every: timedelta, stop: threading.Event) -> None:
    try:
        while not stop.is_set():
            try:
                close_old_connections()
                job(stop)
            except DatabaseError as error:  # the records are restarting: wait and look again
                log.warning("the records cannot be read: %s", error)
            except Exception:
                log.exception("%s failed", job.__name__)
            stop.wait(max(every.total_seconds(), 0.1))
    finally:
        connections.close_all()  # this thread's own
