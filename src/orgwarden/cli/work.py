"""`orgwarden collect` and `orgwarden status`."""

from __future__ import annotations

import sys
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Annotated, Any

import typer

from orgwarden.cli.output import STOPPED, AsJson, Usage, is_later, safe, say, show, start, table
from orgwarden.core.problems import Problem

if TYPE_CHECKING:
    from orgwarden.core.source import Source
    from orgwarden.flows.collect import Collected
    from orgwarden.records.models import Org

ROUNDS = 50  # of --until-idle: a source that never settles is a fault to be seen, not waited for


def collect(
    name: Annotated[str | None, typer.Argument(help="Without a name: all tenants.")] = None,
    source: Annotated[
        list[str] | None, typer.Option("--source", help="Only this source; may be repeated.")
    ] = None,
    until_idle: Annotated[
        bool, typer.Option("--until-idle", help="Repeat until nothing readable now is left.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Collect now, whatever the cadence says.

    Exit 0: all done (sources dark for a stated reason included); 75: stopped by the budget or by
    another worker; 1: anything else.

    Example: orgwarden collect prod --until-idle
    """
    start()
    from orgwarden.cli.orgs import find
    from orgwarden.records.models import Org

    sources = _sources(source or [])
    orgs = [find(name)] if name else list(Org.objects.all())
    if not orgs:
        say("No org is connected yet. Start with: orgwarden org connect --help")
    results = [_collect(org, sources, until_idle) for org in orgs]
    if as_json:
        show(results)
    else:
        _print(results)
    sys.exit(max((r["exit"] for r in results), key=_rank, default=0))


def _sources(wanted: list[str]) -> list[Source]:
    """The sources of these ids; all without any. An event type stands for the family it is in."""
    from orgwarden.catalog.sources import BY_ID, SOURCES

    unknown = [s for s in wanted if s not in BY_ID and not s.startswith("event_log_")]
    if unknown:
        raise Usage(
            f"There is no source {unknown[0]}.", fix=f"Sources: {', '.join(BY_ID)}.", code="SOURCE"
        )
    ids = {s if s in BY_ID else "event_log_file" for s in wanted}
    return [s for s in SOURCES if not ids or s.id in ids]


def _print(results: list[dict[str, Any]]) -> None:
    rows = [
        (r["name"], o["source"], o["outcome"], o["rows"], o["stored"], o["calls"])
        for r in results
        for o in r["sources"]
    ]
    if rows:
        table("", ("tenant", "source", "outcome", "rows read", "new", "calls"), rows)


def _rank(code: int) -> int:
    return {0: 0, STOPPED: 1}.get(code, 2)


def _collect(org: Org, sources: list[Source], until_idle: bool) -> dict[str, Any]:
    from orgwarden.catalog.sources import SOURCES
    from orgwarden.cli.progress import Progress
    from orgwarden.core.spans import text_of
    from orgwarden.flows.clients import address_of
    from orgwarden.flows.collect import collect as collect_org
    from orgwarden.flows.enabled import why_off
    from orgwarden.records import leases

    done: Collected | None = None
    rows = 0
    for source in sources if len(sources) < len(SOURCES) else ():
        if told := why_off(org, source):
            say(f"{org.name}: {source.id}: {' '.join(told)}")
    try:
        # A shell that is set otherwise than the workers is told so here: it is not the tenant's
        # error, which is theirs to find.
        address_of(org)
        with Progress(org.name) as progress:
            for _ in range(ROUNDS if until_idle else 1):
                done = collect_org(
                    org,
                    sources=sources,
                    trigger="command",
                    wait=leases.LENGTH + timedelta(seconds=2),
                    tell=progress.tell,
                )
                rows += sum(o.stored for o in done.outcomes)
                new = sum(o.stored for o in done.outcomes if o.source != "limits")
                if done.waiting or not new:
                    break
    except Problem as problem:
        say(f"orgwarden: {org.name}: {problem.sentence()}")
        later = is_later(problem)
        waiting = None
        if later:
            until = datetime.now(UTC) + (getattr(problem, "after", None) or timedelta(minutes=1))
            rule = getattr(problem, "rule", "") or problem.code.lower()
            waiting = {"reason": problem.what, "rule": rule, "until": text_of(until)}
        return {
            "name": org.name,
            "exit": STOPPED if later else 1,
            "problem": problem.what,
            "fix": problem.fix,
            "code": problem.code,
            "sources": [],
            "rows": rows,
            "waiting": waiting,
        }
    assert done is not None
    failed = [o for o in done.outcomes if o.outcome in ("failed", "lost")]
    for outcome in done.outcomes:
        if outcome.reason:
            say(f"{org.name}: {outcome.source}: {outcome.reason} {outcome.fix}".rstrip())
    if done.waiting:
        say(f"{org.name} waits until {done.waiting['until']}: {done.waiting['reason']}")
    return {
        "name": org.name,
        "exit": 1 if failed else STOPPED if done.waiting else 0,
        "problem": failed[0].reason if failed else None,
        "fix": failed[0].fix if failed else None,
        "code": failed[0].code if failed else None,
        "sources": [o.__dict__ for o in done.outcomes],
        "rows": rows,
        "waiting": done.waiting,
    }


def status(as_json: AsJson = False) -> None:
    """How every org stands: status, coverage, budget, what it waits for.

    The log types that stand as their list does are one line; orgwarden org show has them all.

    Example: orgwarden status
    """
    start()
    from orgwarden.flows.status import everything

    value = everything()
    if as_json:
        show(value)
        return
    if not value["orgs"]:
        say("No org is connected yet. Start with: orgwarden org connect --help")
    for org in value["orgs"]:
        print_org(org, folded=True)
    if value["orgs"] and not value["workers"]:
        say(
            "No worker is running, so nothing is collected by itself and this does not change."
            " Start one with: orgwarden worker"
        )


def print_org(org: dict[str, Any], *, folded: bool = False) -> None:
    """One org for people. `folded`: log types that say what their family says are one line."""
    words = f"{org['name']}: {org['status'].replace('_', ' ')}"
    if org["paused_at"]:
        words += f", paused since {_minute(org['paused_at'])}"
    if org["problem"]:
        words += f". {org['problem']} {org['fix'] or ''}"
    if org["waiting"]:
        words += f". Waits until {_minute(org['waiting']['until'])}: {org['waiting']['reason']}"
    print(f"{safe(words)}\n{_calls(org['budget'])}")
    sources = _fold(org["sources"]) if folded else org["sources"]
    table(
        "",
        ("source", "state", "rows", "calls", "complete to"),
        ((s["id"], s["state"], s["rows"], s["calls"], _minute(s["complete_to"])) for s in sources),
    )
    reasons: dict[str, list[str]] = {}
    for source in sources:
        if source["reason"]:
            why = f"{source['reason']} {source['fix'] or ''}".strip()
            reasons.setdefault(why, []).append(source["id"])
    for why, ids in reasons.items():
        print(f"{', '.join(ids)}: {safe(why)}")


def _calls(budget: dict[str, Any]) -> str:
    """The two numbers are of different moments: ours is counted as calls are made, Salesforce's is
    what it last said."""
    own = f"{budget['own_24h']:,} ours"
    if not budget["limit"]:
        return f"API calls in 24 hours: unknown, {own}."
    used, limit = budget["used"], f"{budget['limit']:,}"
    told = f"API calls in 24 hours: {max(used, budget['own_24h']):,} of {limit}, {own}."
    if budget["own_24h"] > used:
        told += f" Salesforce said {used:,} at {_minute(budget['as_of'])}."
    return told


def _fold(sources: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The log types that stand as their family does, counted in its line."""
    from orgwarden.catalog.sources.event_log_file import FAMILY, PREFIX

    family = next((s for s in sources if s["id"] == FAMILY.id), None)
    told = ("state", "reason", "complete_to")

    def same(source: dict[str, Any]) -> bool:
        is_type = source["id"].startswith(PREFIX) and source is not family
        return family is not None and is_type and all(source[k] == family[k] for k in told)

    types = [s for s in sources if same(s)]
    if family is None or not types:
        return sources
    # The family's own rows are those of its types, which are not counted twice.
    total = {k: sum(s[k] for s in types) for k in ("rows", "calls")}
    total["calls"] += family["calls"]
    one = {**family, **total, "id": f"{PREFIX}* ({len(types)})"}
    return [one if s is family else s for s in sources if not same(s)]


def _minute(text: str | None) -> str:
    """A time to the minute, so that a line of a terminal holds it."""
    if not text:
        return ""
    from orgwarden.core.spans import instant_of

    return f"{instant_of(text):%Y-%m-%d %H:%MZ}"
