"""`docs/api-cost.md`: calls a day, computed from the sources' declarations, beside the peers'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from orgwarden.catalog.features import FEATURE_IDS, sources_for
from orgwarden.catalog.tiers import TIER_IDS
from orgwarden.catalog.volumes import VOLUMES, size_of
from orgwarden.core.cost import DAY, Cost, Size, Volume, calls, chance, pages
from orgwarden.core.source import Kind, Source
from scripts.markdown import cell

USERS = (100, 1_000, 10_000, 100_000)
LIVES = timedelta(minutes=4)  # a Bulk job that its maker deletes
GOAL = {False: 1_000, True: 2_500}  # calls a day of an org of 1,000 users
HEAD = """\
# What collecting costs in API calls

Written by `make docs` from `core/cost.py`, `catalog/volumes.py` and the declarations of the
sources; do not edit. A test holds the figure of an emulated org against what that org counted.

Computed for all sources at their usual intervals, every feature and opt-in tier on, after the
backfill. A call holds 2,000 rows, a log file, or the first questions of up to five sources that are
due together. How much an org holds and does is assumed in `catalog/volumes.py`.
"""


@dataclass(frozen=True)
class Peer:
    """Another collector at its published or usual interval; `cost` gives its calls a day."""

    name: str
    how: str
    cost: Callable[[Size], int]


def times(every: timedelta) -> int:
    """How often that is in a day."""
    return int(DAY / every)


def rows_of(source: str, size: Size, every: timedelta) -> int:
    """Pages of a stream between two readings."""
    return pages(int(VOLUMES.get(source, Volume()).rows(size.users) * (every / DAY)))


HOUR, QUARTER, FIVE = timedelta(hours=1), timedelta(minutes=15), timedelta(minutes=5)
WHOLE = ("users", "permission_set_assignments", "object_permissions", "setup_entity_access")


def _tap(size: Size) -> int:
    # Per stream a describe and its pages; users and sign-ins incrementally, log files not at all.
    streams = ("login_history", "setup_audit_trail", "users", "permission_set_assignments")
    return sum(times(HOUR) * (1 + rows_of(s, size, HOUR)) for s in streams)


def _airbyte(_: Size) -> int:
    # Bulk: create, three looks, one result, delete for each stream; a describe of each before.
    return times(HOUR) * 4 * (1 + 6)


def _new_relic(size: Size) -> int:
    # The list of log files, every file of its five minutes, and LoginHistory by a query.
    return times(FIVE) * (1 + rows_of("login_history", size, FIVE)) + size.files_a_day


def _splunk(size: Size) -> int:
    # Five objects by query every five minutes, log files hourly.
    return times(FIVE) * 5 + times(HOUR) + size.files_a_day


def _elastic(size: Size) -> int:
    # Login, logout and Apex by log files, LoginHistory and SetupAuditTrail by query: five inputs.
    few = min(size.files_a_day, 3 * 24)
    return times(HOUR) * 5 + few


def _sentinel(size: Size) -> int:
    # The list and every file, hourly.
    return times(HOUR) + size.files_a_day


PEERS = (
    Peer("tap-salesforce", "4 objects, hourly, REST, a describe of each", _tap),
    Peer("Airbyte's source", "4 objects, hourly, Bulk: describe and six calls of a job", _airbyte),
    Peer("New Relic's exporter", "log files and LoginHistory, every 5 minutes", _new_relic),
    Peer("Splunk's add-on", "5 objects every 5 minutes, log files hourly", _splunk),
    Peer("Elastic's integration", "5 inputs, hourly: two queries, three log types", _elastic),
    Peer("Microsoft Sentinel's connector", "log files, hourly", _sentinel),
)


def sources() -> tuple[Source, ...]:
    """Everything that can be on."""
    return tuple(s for s in sources_for(FEATURE_IDS, TIER_IDS) if s.kind is not Kind.MADE)


def cost_of(users: int, *, licensed: bool) -> Cost:
    return calls(sources(), size_of(users, licensed=licensed), VOLUMES)


def page() -> str:
    lines = [*HEAD.splitlines(), "", "## Calls a day", ""]
    lines += _sizes()
    lines += ["", "Goals for 1,000 users:"]
    for licensed, goal in GOAL.items():
        found = cost_of(1_000, licensed=licensed).total
        words = "with Event Monitoring and hourly files" if licensed else "without a licence"
        met = "reached" if found < goal else "not reached"
        lines.append(f"- {words}: {found:,} of fewer than {goal:,}, {met}")
    lines += ["", *_peers(), "", *_lists(), "", *_each()]
    return "\n".join(lines) + "\n"


def _table(head: tuple[str, ...]) -> list[str]:
    return [f"| {' | '.join(head)} |", f"|{'|'.join(['---'] + ['---:'] * (len(head) - 1))}|"]


def _sizes() -> list[str]:
    lines = _table(("users", "without Event Monitoring", "with it, hourly files", "log files"))
    for users in USERS:
        without, licensed = (cost_of(users, licensed=x).total for x in (False, True))
        files = size_of(users, licensed=True).files_a_day
        lines.append(f"| {users:,} | {without:,} | {licensed:,} | {files:,} |")
    return lines


def _peers() -> list[str]:
    lines = [
        "## Beside others",
        "",
        "What their published way of reading would spend in a day in the same licensed org. They",
        "read a few objects each, where Orgwarden reads all of the above; intervals are those of",
        "their documentation or, where that leaves it open, the usual ones. Nothing here was",
        "measured with them; `docs/benchmarks.md` holds what was.",
        "",
        *_table(("collector", *(f"{u:,} users" for u in USERS))),
    ]
    ours = (f"{cost_of(u, licensed=True).total:,}" for u in USERS)
    lines.append(f"| Orgwarden, {len(sources())} sources | {' | '.join(ours)} |")
    for peer in PEERS:
        found = (f"{peer.cost(size_of(u, licensed=True)):,}" for u in USERS)
        lines.append(f"| {peer.name}: {cell(peer.how)} | {' | '.join(found)} |")
    return lines


def _lists() -> list[str]:
    """The chance of seeing what exists for four minutes only."""
    lines = [
        "## Jobs that live four minutes",
        "",
        "An intruder deletes a Bulk job within minutes. A list read every so often shows a job",
        "that lives four minutes with this chance; the calls are those of a list read by itself.",
        "",
        *_table(("interval", "chance", "calls a day")),
    ]
    for minutes in (1, 2, 3, 4, 5, 10, 15, 30, 60):
        every = timedelta(minutes=minutes)
        lines.append(f"| {minutes} min | {chance(LIVES, every):.0%} | {times(every):,} |")
    lists = [s for s in sources() if s.lane == "job_lists"]
    for one in lists:
        every = one.cadence
        minutes = int(every.total_seconds() // 60)
        lines.append("") if one is lists[0] else None
        lines.append(f"- {one.title} is read every {minutes} min: {chance(LIVES, every):.0%}")
    return lines


def _each() -> list[str]:
    lines = [
        "## By source",
        "",
        "An org of 1,000 users. Calls that sources share are in the first row.",
        "",
        *_table(("source", "every", "without Event Monitoring", "with it")),
    ]
    without, licensed = (cost_of(1_000, licensed=x) for x in (False, True))
    lines.append(f"| first questions, together | | {without.together:,} | {licensed.together:,} |")
    for one in sources():
        every = int(one.cadence.total_seconds() // 60)
        numbers = f"{without.by_source[one.id]:,} | {licensed.by_source[one.id]:,}"
        lines.append(f"| `{one.id}` | {every} min | {numbers} |")
    return lines
