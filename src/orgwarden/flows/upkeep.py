"""Upkeep of an org's events: prove them, rebuild what is cached from them, compact them."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from orgwarden.flows import publish
from orgwarden.flows.lakes import lake_of
from orgwarden.lake import counted, proof, upkeep
from orgwarden.lake.table import OrgLake
from orgwarden.records import audit, leases
from orgwarden.records.models import Org

SOME_FILES = 4  # of one day and source: from here on reading costs more than merging
SLOTS_A_RUN = 100
# Bytes. Larger files are read well as they are, and writing their day again would take minutes of
# a collection and the footers of all of them; the command does it.
LARGE = 256 << 20
DAMAGED = (
    "Find out what wrote to that disk before anything else. Then put the newest sound backup back"
    " (orgwarden backups FOLDER, orgwarden restore): what came after it is collected again, as far"
    " as Salesforce still holds it."
)


def _lake(org: Org) -> OrgLake:
    return OrgLake.open_or_create(lake_of(org))


def verify(
    org: Org, *, deep: bool = False, tell: Callable[[int], None] = lambda done: None
) -> dict[str, Any]:
    """The proofs of `lake.proof.verify`, as a value for people and scripts."""
    found = proof.verify(_lake(org), deep=deep, tell=tell)
    return {
        "name": org.name,
        "files": found.files,
        "rows": found.rows,
        "bytes": found.bytes,
        "sealed": found.sealed,
        "version": found.version,
        "epoch": found.epoch,
        "deep": deep,
        "wrong": list(found.wrong),
        "fix": DAMAGED if found.wrong else "",
    }


def rebuild(org: Org) -> dict[str, Any]:
    """Cursor, coverage and counts in the records anew, from the newest commit alone."""
    ledger = _lake(org).ledger()
    publish.ledger(org, ledger)
    audit.record("command", audit.Action.CACHE_REBUILT, org.name, {"seq": ledger.seq})
    rows = sum(s.held for s in ledger.sources.values())
    return {"name": org.name, "sources": len(ledger.sources), "rows": rows, "seq": ledger.seq}


def tidy(lake: OrgLake, epoch: int, now: datetime) -> None:
    """After a scheduled collection: few files of many, what pages count of them, a bounded piece of
    work each time, and a log that does not grow without end."""
    lake.bound_log(epoch)
    upkeep.compact(lake, epoch, today=now.date(), least=SOME_FILES, most=SLOTS_A_RUN, below=LARGE)
    if upkeep.sweep_if_due(lake):  # it lists files, and so does this
        counted.keep(lake, today=now.date())


def compact(org: Org, *, wait: timedelta = leases.LENGTH) -> dict[str, Any]:
    """One file per closed day and source, counted; files no commit names are removed after a
    day."""
    lake = _lake(org)
    held = leases.take(org, holder=leases.Holder.here(), wait=wait, above=lake.epoch)
    try:
        with leases.Heartbeat(held):
            lake.take(held.epoch)
            today = datetime.now(UTC).date()
            before, after = upkeep.compact(lake, held.epoch, today=today)
            counted.keep(lake, today=today, rows=None)
            swept = upkeep.sweep(lake)
    finally:
        leases.release(held)
    return {"name": org.name, "before": before, "after": after, "swept": swept}
