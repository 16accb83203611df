"""Runs that had nothing to store and wait for the commit of another."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Source
from orgwarden.records.models import Run


@dataclass
class Waiting:
    """A run that had nothing to store: its change of the ledger waits for the next commit, and
    `judge`, which says that it is done, until after that."""

    source: Source
    run: Run
    records: int
    change: Callable[[Ledger], Ledger]
    judge: Callable[[], None] = lambda: None


def waits(source: Source, run: Run, records: int, change: Callable[[Ledger], Ledger]) -> Waiting:
    """A run that read `records` known records and nothing else."""
    run.rows_read += records
    run.rows_duplicate += records
    return Waiting(source, run, records, change)


def with_all(waiting: Iterable[Waiting], ledger: Ledger) -> Ledger:
    """The ledger with the changes of all that wait."""
    for late in waiting:
        ledger = late.change(
            ledger.counted(late.source.id, stored=0, duplicate=late.records, quarantined=0)
        )
    return ledger
