"""What a collection of one org has in hand: the lease, the table, the client, the ledger.

One thread works with it and commits; others may download and land for it meanwhile.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

import duckdb

from orgwarden.core.ledger import Ledger
from orgwarden.core.source import Source
from orgwarden.flows import publish, runs
from orgwarden.flows.gathered import gathered
from orgwarden.flows.joined import Joined
from orgwarden.flows.means import REAL, Means, nowhere
from orgwarden.flows.metering import OrgMeter
from orgwarden.flows.turns import Turn, endless
from orgwarden.flows.waiting import Change, Landed, Late, Waiting
from orgwarden.lake.landing import Counts, Landing
from orgwarden.lake.quarantine import Quarantine
from orgwarden.lake.shaping import People
from orgwarden.lake.table import LakeFile, OrgLake
from orgwarden.lake.wire import BLOCK
from orgwarden.records.leases import Heartbeat
from orgwarden.records.models import Org, Run
from orgwarden.salesforce import Client


@dataclass
class Work:
    """`spool` is a private folder for downloads, emptied before and after. `tell` is called after
    every commit with the source and its run so far, for progress bars. `at` is called with the
    name of each point a test may want to stop at: `landed` (parts on disk, nothing committed),
    `published` (caches follow the commit), and those of OrgLake. Between two commits, or while it
    waits, a reader of many rows calls `give_way` with the lane it is in: what is more urgent and
    has become due is read then. `turn` says when it should leave the rest for another time."""

    org: Org
    lake: OrgLake
    beat: Heartbeat
    client: Client
    meter: OrgMeter
    spool: Path
    tell: Callable[[Run], None]
    at: Callable[[str], None] = nowhere
    means: Means = REAL
    ledger: Ledger = field(default_factory=Ledger)
    people: People = field(default_factory=People.none)
    permissions: frozenset[str] | None = None  # of the connected user; None: could not be asked
    run: Run | None = None
    unsure: bool = False  # whether the last commit took place
    turn: Turn = field(default_factory=endless)
    give_way: Callable[[str], None] = lambda lane: None

    def __post_init__(self) -> None:
        self.joined = Joined(self.client, self.means)
        self.waiting = Waiting()

    @property
    def epoch(self) -> int:
        return self.beat.held.epoch

    def now(self) -> datetime:
        """The org's clock; ours only before its first answer."""
        return self.client.server_time() or self.means.clock()

    def stored(self, source: Source) -> list[LakeFile]:
        """The files a landing of this source compares with."""
        return [*self.lake.files(source.id), *self.lake.files(Quarantine.SOURCE)]

    def landing(
        self,
        source: Source,
        *,
        stored: Sequence[LakeFile] | None = None,
        block: int = BLOCK,
        connection: duckdb.DuckDBPyConnection | None = None,
    ) -> Landing:
        """A landing for the next commit. Threads get `stored` from the one that commits."""
        return Landing(
            self.lake.place,
            self.stored(source) if stored is None else stored,
            source,
            org=self.org.key,
            identity=self.lake.identity,
            seq=self.ledger.seq + 1,
            people=self.people,
            block=block,
            connection=connection,
        )

    def later(self, source: Source, change: Change, *, known: int = 0, landed: Landed = ()) -> None:
        """A reading with few rows or nothing but `known` records: what landed is made durable now,
        and goes with this change into the next commit, at the latest at the collection's end."""
        assert self.run is not None
        counts = gathered(landed, self.ledger).counts
        counts += Counts(read=known, duplicate=known)
        self.waiting.add(Late(source, self.run, change, counts, landed, self.means.seconds()))

    def settle(self, *asked: str) -> None:
        """Commit what waits before these sources are read or looked up, if that is due."""
        if self.waiting.due(asked, self.means.seconds()):
            self.commit([])

    def look_again(self) -> None:
        """After a commit that failed it may have taken place all the same: the disk that could not
        make it durable may show it. What the table says is what holds, for whatever comes next."""
        if not self.unsure:
            return
        self.lake.refresh()
        before, self.ledger = self.ledger, self.lake.ledger()
        publish.ledger(self.org, self.ledger, epoch=self.epoch)
        self.unsure = False
        if self.ledger.seq > before.seq:  # it did, with what was waiting
            self.waiting.judge(self.tell)

    def commit(self, landings: Landed, change: Change = lambda ledger: ledger) -> Counts:
        """One commit of these landings, of a changed ledger, and of what waits. Raises LostLease;
        then nothing of it is visible and nothing was moved, or it was in time and the successor
        knows of it."""
        self.beat.check()
        if not landings:  # nothing was made yet that builds on the ledger as it was
            self.look_again()
        late = self.waiting.gathered(replace(self.ledger, seq=self.ledger.seq + 1))
        made = gathered(landings, late.ledger)
        self.at("landed")
        self.lake.ensure_columns(late.columns | made.columns, self.epoch)
        ledger = change(made.ledger)
        try:
            self.lake.commit(late.parts + made.parts, ledger, self.epoch)
        except BaseException:
            self.unsure = True
            raise
        before, self.ledger = self.ledger, ledger
        publish.ledger(self.org, ledger, before, epoch=self.epoch)
        self.waiting.judge(self.tell)
        if self.run is not None:
            runs.count(self.run, made.counts, self.meter)
            self.tell(self.run)
        self.at("published")
        return made.counts
