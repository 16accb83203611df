"""Runs that had nothing to store and wait for the commit of another."""

from __future__ import annotations

from collections.abc import Callable
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
