"""Collecting one org: take its lease, fence its table, read its sources in order, let go.

1. Take the lease (one holder per org) and fence the table with its epoch.
2. Bring the caches up to what the lake says.
3. Ask what the connected user may do; a source whose need is not met stays dark, with the reason.
4. Read each due source; what goes wrong with one does not stop the others. Those with nothing to
   store share one commit.
5. Take stock of apps, say how the tenant stands, settle the calls, give the lease back.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from orgwarden.core.problems import Contained, GrantExpired, LostLease, Problem
from orgwarden.core.source import Source
from orgwarden.flows import burners, clocks, publish, runs, standing
from orgwarden.flows.apps.stocktaking import Stocktaking
from orgwarden.flows.clients import open_client
from orgwarden.flows.directory import people
from orgwarden.flows.enabled import StillOn, enabled_sources
from orgwarden.flows.first_questions import plan_together
from orgwarden.flows.lakes import lake_of
from orgwarden.flows.means import REAL, Means, nowhere
from orgwarden.flows.metering import OrgMeter
from orgwarden.flows.outcomes import Outcome
from orgwarden.flows.pause import refuse_paused
from orgwarden.flows.permissions import held_permissions
from orgwarden.flows.run_source import run_source
from orgwarden.flows.settle import nothing_left_waiting, settle
from orgwarden.flows.spool import spool_of
from orgwarden.flows.tell import incidents as tell_incidents
from orgwarden.flows.turns import TURN, Turn
from orgwarden.flows.upkeep import tidy
from orgwarden.flows.urgent import Urgent
from orgwarden.flows.work import Work
from orgwarden.lake.table import OrgLake
from orgwarden.records import leases
from orgwarden.records.models import Org, Run
from orgwarden.salesforce import Client

log = logging.getLogger(__name__)


@dataclass
class Collected:
    """What a collection did. `waiting` is the first reason why something was left for later."""

    org: str
    outcomes: list[Outcome] = field(default_factory=list)
    waiting: dict[str, str] | None = None
    progressed: bool = False  # anything new was stored


def collect(
    org: Org,
    *,
    sources: Sequence[Source] | None = None,
    trigger: str = "schedule",
    wait: timedelta = timedelta(),
    length: timedelta = leases.LENGTH,
    tell: Callable[[Run], None] = lambda run: None,
    at: Callable[[str], None] = nowhere,
    means: Means = REAL,
    turn: Turn | None = None,
) -> Collected:
    """Collect these sources of one org now, as far as they are on; all that are on without
    `sources`. Raises leases.Busy when it is held for longer than `wait`, LostLease when it is taken
    over, GrantExpired and NeedsPerson when no source could be asked at all. `at`: see Work. A
    backfill is left when the `turn` is over."""
    on = enabled_sources(org)
    sources = on if sources is None else [s for s in sources if s in on]
    refuse_paused(org)
    lake = OrgLake.open_or_create(lake_of(org), at)
    here, now = leases.Holder.here(), means.clock()
    held = leases.take(org, holder=here, now=now, length=length, wait=wait, above=lake.epoch)
    try:
        heartbeat = leases.Heartbeat(held, clock=means.clock, seconds=means.seconds)
        with heartbeat as beat, spool_of(org, held.epoch) as spool:
            lake.take(held.epoch)
            client, meter = _client(org, means, asked=trigger != "schedule")
            work = Work(
                org, lake, beat, client, meter, spool, tell, at, means, ledger=lake.ledger()
            )
            work.turn = turn or work.turn
            publish.ledger(org, work.ledger, epoch=held.epoch)
            runs.left_behind(org, means.clock())
            try:
                with nothing_left_waiting(work):
                    done = _read(work, sources, trigger)
                if trigger == "schedule":
                    tidy(lake, held.epoch, work.now())
                return done
            finally:
                meter.settle()
    finally:
        leases.release(held)
        tell_incidents.look_at(org.pk, means.clock())


def _client(org: Org, means: Means, *, asked: bool) -> tuple[Client, OrgMeter]:
    try:
        return open_client(org, means, asked=asked)
    except Problem as problem:
        standing.trouble(org, problem, means.clock())
        raise


def _read(work: Work, sources: Sequence[Source], trigger: str) -> Collected:
    done = Collected(work.org.name)
    before = work.ledger
    plan_together(work, sources)
    if sources:
        work.meter.source = sources[0].id  # the calls before it is read are counted for it
    try:
        work.permissions = held_permissions(work, sources)
    except LostLease:
        raise
    except Problem as problem:
        standing.trouble(work.org, problem, work.means.clock())
        raise
    clocks.compare(work.org, work.means.clock(), work.client.server_time())
    work.people = people(work)
    on, urgent, stock = StillOn(work.org), Urgent(work, trigger), Stocktaking(work)
    work.give_way = urgent if trigger == "schedule" else work.give_way
    try:
        for source in sources:
            stock.before(source)
            if on(source):
                done.outcomes.append(run_source(work, source, trigger))
                urgent.read.add(source.id)
        done.outcomes += urgent.outcomes
        done.outcomes = settle(work, done.outcomes)
        stock.take()
    except (GrantExpired, Contained) as problem:
        standing.trouble(work.org, problem, work.means.clock())
        raise
    # A backfill that waits for other tenants' turns is nothing that this one waits for.
    waits = (o for o in done.outcomes if o.outcome == Run.Outcome.WAITING and o.rule != TURN)
    if why := next(waits, None):
        done.waiting = {"reason": why.reason, "rule": why.rule, "until": why.until}
        standing.waiting(work.org, why.reason, why.rule, why.until)
        burners.note(work, why.rule)
    standing.after(work.org, done.outcomes, work.means.clock())
    stored = sum(s.stored for s in work.ledger.sources.values())
    done.progressed = stored > sum(s.stored for s in before.sources.values())
    return done
