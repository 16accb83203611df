"""The worker: claims orgs that are due and collects them, until it is told to stop.

1. Look for an org that is due and that nobody holds; the one due longest first.
2. Collect its due sources under its lease; a backfill for a turn only, while others are due.
3. When nothing is due, wait until something is, at most `LOOK`.
A worker that is killed leaves nothing to tidy: its lease runs out, what it committed stays.
"""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Collection
from datetime import datetime, timedelta
from functools import partial

from django.db import DatabaseError, close_old_connections

from orgwarden.core.problems import LostLease, Problem, Stopped
from orgwarden.flows import turns
from orgwarden.flows.collect import collect
from orgwarden.flows.due import due_orgs, due_sources, others_due
from orgwarden.flows.means import REAL, Means, nowhere
from orgwarden.flows.pause import keep_grants_alive
from orgwarden.flows.probe import works_again
from orgwarden.flows.prune import prune_due
from orgwarden.flows.rest import defer
from orgwarden.flows.retire import revoke_retired
from orgwarden.flows.turns import Turn
from orgwarden.records import leftovers
from orgwarden.records.leases import Busy, is_held
from orgwarden.records.models import Org, Run
from orgwarden.worker import errands, repeating, telling

log = logging.getLogger(__name__)

LOOK = timedelta(seconds=2)
TELLING_ENDS = timedelta(seconds=4)  # what is then still being sent is told by another worker
CHORES = timedelta(minutes=1)  # between two looks at grants to revoke or to keep alive


def run(stop: threading.Event) -> None:
    """Work until `stop` is set; the org in hand is left after its next commit. Other threads tell
    and do errands and chores meanwhile, so that a long backfill holds up no message, no person and
    no grant that has to be revoked."""
    working = threading.current_thread()
    tell = threading.Thread(
        target=telling.run, args=(stop, working.is_alive), name="telling", daemon=True
    )
    tell.start()
    threading.Thread(target=errands.run, args=(stop,), name="errands", daemon=True).start()
    repeating.start(chores, CHORES, stop)
    try:
        _work(stop)
    finally:
        if stop.is_set():
            tell.join(TELLING_ENDS.total_seconds())


def _work(stop: threading.Event) -> None:
    while not stop.is_set():
        try:
            close_old_connections()
            worked = work_once(stop)
        except DatabaseError as error:  # the records are restarting: wait and look again
            log.warning("the records cannot be read: %s", error)
            worked = False
        if not worked:
            stop.wait(LOOK.total_seconds())


def chores(stop: threading.Event) -> None:
    """What is not collecting and must not wait for it: replaced grants are revoked, the grants of
    paused tenants kept alive, what ran out and what was kept long enough is removed."""
    for job in (revoke_retired, keep_grants_alive, leftovers.clear, prune_due):
        if stop.is_set():
            return
        try:
            job()
        except DatabaseError:
            raise
        except Exception:
            # One chore's trouble must not keep the others from being done.
            log.exception("%s failed", job.__name__)


def work_once(
    stop: threading.Event,
    means: Means = REAL,
    at: Callable[[str], None] = nowhere,
    turn: timedelta = turns.LENGTH,
) -> bool:
    """Collect every org that is due, once; True if there was one. `at`: see Work. A backfill is
    left after `turn` while another org is due."""
    worked = False
    tried: set[int] = set()
    while (org := next_org(means.clock(), tried)) and not stop.is_set():
        tried.add(org.pk)
        try:
            if not works_again(org, means):
                continue
            sources = due_sources(org, means.clock())
            if not sources:
                defer(org, None, means.clock())
                continue
            go_on = partial(_go_on, stop)
            others = partial(_others_due, org, means)
            collect(
                org,
                sources=sources,
                tell=go_on,
                at=at,
                means=means,
                turn=Turn(turn, others, means),
            )
        except Stopped:
            if stop.is_set():
                break
        except Busy:
            continue  # somebody is at it; the next look will see what is left
        except LostLease as problem:
            log.warning("%s: %s", org.name, problem.sentence())
        except Problem as problem:
            log.warning("%s: %s", org.name, problem.sentence())
            defer(org, problem, means.clock())
        except Exception:
            # One org's trouble must not stop the others; it is logged and tried again later.
            log.exception("collecting %s failed", org.name)
            defer(org, None, means.clock())
        worked = True
    return worked


def _others_due(org: Org, means: Means) -> bool:
    return others_due(org, means.clock())


def _go_on(stop: threading.Event, run: Run) -> None:
    """Asked after every commit, so that a long backfill does not hold up the end or a pause."""
    if stop.is_set():
        raise Stopped(
            "The worker was told to stop.", fix="The next run goes on from the last commit."
        )
    if Org.objects.filter(pk=run.org_id, paused_at__isnull=False).exists():
        raise Stopped("The tenant was paused.", fix="Resume it to go on from the last commit.")


def next_org(now: datetime, tried: Collection[int]) -> Org | None:
    """The org due longest that nobody holds and that is not among those tried. Looked for anew each
    time: what was due when a round began may have been collected by others since, and with more
    work than the workers can do that is how each org has its turn."""
    left = (org for org in due_orgs(now) if org.pk not in tried)
    return next((org for org in left if not is_held(org)), None)
