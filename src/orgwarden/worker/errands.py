"""The worker's thread for what a person waits for: signing in, testing a connection.

Each errand looks for what is due, does it, and says whether it did something; they are short, and
safe for any number of workers at once. A long collection holds none of them up.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable

from django.db import DatabaseError, close_old_connections, connections

from orgwarden.flows.connecting.attempts import try_due
from orgwarden.flows.connecting.confirm import tidy
from orgwarden.flows.preflight.look import run_waiting

log = logging.getLogger(__name__)

LOOK = 0.5  # seconds: somebody looks at a page meanwhile
ERRANDS: tuple[Callable[[], bool], ...] = (try_due, run_waiting, tidy)


def run(stop: threading.Event) -> None:
    """Do errands until `stop` is set."""
    try:
        while not stop.is_set():
            close_old_connections()
            done = [once(errand) for errand in ERRANDS]
            if not any(done):
                stop.wait(LOOK)
    finally:
        connections.close_all()  # this thread's own


def once(errand: Callable[[], bool]) -> bool:
    """Do what is due of one errand; its trouble must not keep the others from being done."""
    try:
        return errand()
    except DatabaseError as error:  # the records are restarting: wait and look again
        log.warning("the records cannot be read: %s", error)
    except Exception:
        log.exception("%s failed", errand.__name__)
    return False
