"""Testing a connection: queued by a page, the API or a new connection; run by a worker.

1. `ask` queues a test; one that waits or runs already is joined.
2. A worker claims it by a conditional update, so that no test runs twice.
3. `run` reads (`read`), judges (`catalog.preflight`) and saves one line for each thing.
4. A test whose worker died becomes LOST; it never runs for ever.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from django.db import transaction

from orgwarden.catalog import preflight
from orgwarden.catalog.preflight import Facts, Line, SourceLine
from orgwarden.core.problems import Problem
from orgwarden.flows.clients import open_client
from orgwarden.flows.preflight.probing import Probing, not_read
from orgwarden.flows.preflight.read import gather
from orgwarden.records import audit
from orgwarden.records.models import ConnectionTest, Org

LONGEST = timedelta(minutes=5)  # a test takes seconds; one that runs longer has lost its worker
LIVE = (ConnectionTest.State.WAITING, ConnectionTest.State.RUNNING)
KEPT = 20  # tests of a tenant; older ones go


def ask(org: Org, actor: str) -> ConnectionTest:
    """Queue a test of this org, or join the one that waits or runs."""
    lose_abandoned()
    with transaction.atomic():
        Org.objects.select_for_update().get(pk=org.pk)
        live = org.tests.filter(state__in=LIVE).first()
        if live is not None:
            return live
        return ConnectionTest.objects.create(
            org=org, asked_by=actor, asked_at=datetime.now(UTC), state=ConnectionTest.State.WAITING
        )


def run_waiting() -> bool:
    """Run the test that waits longest, if there is one: the worker's errand."""
    lose_abandoned()
    waiting = ConnectionTest.objects.filter(state=ConnectionTest.State.WAITING)
    for test in waiting.select_related("org").order_by("asked_at", "id"):
        if claim(test):
            run(test)
            return True
    return False


def claim(test: ConnectionTest) -> bool:
    """Take a waiting test; False when somebody else was first."""
    now = datetime.now(UTC)
    waiting = ConnectionTest.objects.filter(pk=test.pk, state=ConnectionTest.State.WAITING)
    if not waiting.update(state=ConnectionTest.State.RUNNING, started_at=now):
        return False
    test.state, test.started_at = ConnectionTest.State.RUNNING, now
    return True


def lose_abandoned() -> None:
    """Tests that began too long ago are lost: nobody works at them any more."""
    now = datetime.now(UTC)
    running = ConnectionTest.objects.filter(state=ConnectionTest.State.RUNNING)
    running.filter(started_at__lt=now - LONGEST).update(
        state=ConnectionTest.State.LOST, ended_at=now
    )


def check_now(org: Org, *, actor: str = "command") -> ConnectionTest:
    """Test here and now, in this process: what the command line does."""
    test = ConnectionTest.objects.create(
        org=org, asked_by=actor, asked_at=datetime.now(UTC), state=ConnectionTest.State.WAITING
    )
    claim(test)
    return run(test)


def run(test: ConnectionTest) -> ConnectionTest:
    """Run a claimed test to its end. One cut off by an error of ours is lost, and says so."""
    try:
        lines, sources, spent, calls = look(test.org)
    except BaseException:
        ConnectionTest.objects.filter(pk=test.pk).update(
            state=ConnectionTest.State.LOST, ended_at=datetime.now(UTC)
        )
        raise
    told = set()
    for line in lines:
        seconds, made = spent.get(line.probe, (0.0, 0))
        # Lines read from one question share its time; its calls are shown once.
        made = 0 if line.probe in told else made
        told.add(line.probe)
        row: dict[str, object] = {"id": line.id, "title": line.title, "verdict": str(line.verdict)}
        row |= {"words": line.words, "fix": line.fix, "seconds": round(seconds, 3), "calls": made}
        test.lines.append(row)
    test.sources = [
        {"source": s.source, "title": s.title, "verdict": str(s.verdict)}
        | {"because": s.because, "fix": s.fix}
        for s in sources
    ]
    test.connected, test.calls = preflight.connected(lines), calls
    test.ended_at, test.state = datetime.now(UTC), ConnectionTest.State.DONE
    # One that took so long that it counts as lost stays lost.
    fields = ("lines", "sources", "connected", "calls", "ended_at", "state")
    still = ConnectionTest.objects.filter(pk=test.pk, state=ConnectionTest.State.RUNNING)
    still.update(**{name: getattr(test, name) for name in fields})
    done = test.org.tests.exclude(state__in=LIVE).order_by("-id").values_list("id", flat=True)
    test.org.tests.filter(id__in=list(done[KEPT:])).delete()
    detail = {"passed": test.connected, "test": test.pk}
    audit.record(test.asked_by, audit.Action.ORG_TESTED, test.org.name, detail)
    return test


def look(
    org: Org,
) -> tuple[list[Line], list[SourceLine], dict[str, tuple[float, int]], int]:
    """Read and judge: the lines, the sources, what each question took, and the calls made."""
    facts = facts_of(org)
    try:
        client, meter = open_client(org, asked=True)
    except Problem as problem:
        facts = replace(facts, who=not_read(problem), reached=not_read(problem))
        return preflight.lines(facts), preflight.sources(facts), {}, 0
    meter.source = "test"
    probing = Probing(client, meter, facts)
    try:
        gather(probing)
    finally:
        meter.settle()
    found = probing.facts
    return preflight.lines(found), preflight.sources(found), probing.spent, meter.made


def facts_of(org: Org) -> Facts:
    """What is known of a tenant before anything is asked."""
    return Facts(
        flow=org.flow,
        features=tuple(org.features),
        tiers=tuple(org.tiers),
        environment=org.environment,
        intended_user=org.intended_user,
        user_name=org.connected_user or "the connected user",
        organization_id=org.salesforce_id,
        administrator_accepted=org.administrator_accepted,
    )
