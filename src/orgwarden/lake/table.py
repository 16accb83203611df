"""One org's Delta table: opened, fenced, committed to.

Rules this file obeys (architecture, "Exactly once"):
- Data and cursor are one commit: every commit carries the whole ledger in its metadata.
- Every commit carries the holder's epoch as application transaction `lease` and is refused unless
  the table's epoch is the same. Delta refuses a stale snapshot with the same application id; this
  file refuses a newer epoch.
- A file is durable before the commit that names it, the commit before anything relies on it.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
from deltalake import DeltaTable, Field, Schema
from deltalake.exceptions import CommitFailedError, TableNotFoundError
from deltalake.schema import PrimitiveType
from deltalake.transaction import AddAction, CommitProperties, RemoveAction, Transaction

from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import LostLease, NeedsPerson
from orgwarden.lake.place import Folder, Place, at_place

LEASE = "lease"  # the application id that fences
LEDGER = "orgwarden"  # the key of the ledger in a commit's metadata
PARTITIONS = ["source", "date"]
# Every commit carries the ledger of all sources, and thousands come a day. Once a checkpoint
# follows them, delta-rs removes commits that are older than this; by itself it keeps 30 days.
LOG_KEPT = ("delta.logRetentionDuration", "interval 2 days")
COLUMNS = pa.schema(
    [
        pa.field("source", pa.string()),
        pa.field("date", pa.date32()),
        pa.field("time", pa.timestamp("us", tz="UTC")),
        pa.field("org", pa.string()),
        pa.field("actor_id", pa.string()),
        pa.field("actor", pa.string()),
        pa.field("ip", pa.string()),
        pa.field("country", pa.string()),
        pa.field("app", pa.string()),
        pa.field("client", pa.string()),
        pa.field("action", pa.string()),
        pa.field("object", pa.string()),
        pa.field("target", pa.string()),
        pa.field("rows", pa.int64()),
        pa.field("bytes", pa.int64()),
        pa.field("outcome", pa.string()),
        pa.field("session", pa.string()),
        pa.field("event_uid", pa.string()),
        pa.field("arrived_seq", pa.int64()),
        pa.field("from_file", pa.string()),
        pa.field("layout", pa.string()),
    ]
)


@dataclass(frozen=True, slots=True)
class Part:
    """A Parquet file on disk that no commit names yet. `path` is relative to the table."""

    path: str
    source: str
    date: date
    size: int
    rows: int
    time_min: datetime | None = None
    time_max: datetime | None = None

    def add(self, *, data_change: bool = True) -> AddAction:
        stats: dict[str, Any] = {"numRecords": self.rows}
        if self.time_min is not None and self.time_max is not None:
            stats["minValues"] = {"time": _stat(self.time_min)}
            stats["maxValues"] = {"time": _stat(self.time_max)}
        return AddAction(
            self.path,
            self.size,
            {"source": self.source, "date": self.date.isoformat()},
            int(datetime.now(UTC).timestamp() * 1000),
            data_change,
            json.dumps(stats),
        )


def _stat(instant: datetime) -> str:
    return instant.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


@dataclass(frozen=True, slots=True)
class LakeFile:
    """A Parquet file the newest commit names."""

    path: str  # absolute, as DuckDB reads it
    source: str
    date: date
    rows: int
    size: int


class OrgLake:
    """The table of one org. One instance belongs to one thread.

    `at` is called with the name of each point a test may want to stop at: `refreshed` (the table
    was read, nothing sent) and `committed`.
    """

    def __init__(
        self, place: Place, table: DeltaTable, at: Callable[[str], None] | None = None
    ) -> None:
        self.place = place
        self._table = table
        self._at = at or (lambda point: None)
        self._fenced = (-1, 0)  # a version whose epoch is known, and that epoch

    # --- opening

    @classmethod
    def open(cls, place: Place | Path, at: Callable[[str], None] | None = None) -> OrgLake:
        """The table at `place`. Raises NeedsPerson if there is none."""
        place = at_place(place)
        try:
            with place.asked():
                return cls(place, DeltaTable(place.uri, storage_options=place.options), at)
        except TableNotFoundError:
            raise NeedsPerson(
                f"There is no event table in {place}.",
                fix="Run `orgwarden collect` once, or check ORGWARDEN_LAKE_URL.",
            ) from None

    @classmethod
    def open_or_create(
        cls, place: Place | Path, at: Callable[[str], None] | None = None
    ) -> OrgLake:
        place = at_place(place)
        if is_table(place):
            return cls.open(place, at)
        place.prepare()
        try:
            with place.asked():
                table = DeltaTable.create(
                    place.uri,
                    Schema.from_arrow(COLUMNS),
                    mode="ignore",
                    partition_by=PARTITIONS,
                    configuration={
                        # Secret of this table: else two events could be aimed at one identity.
                        "orgwarden.identity": secrets.token_hex(16),
                        "delta.checkpointInterval": "50",
                        LOG_KEPT[0]: LOG_KEPT[1],
                        # Only `time` has bounds. Without this, delta-rs's Arrow reader takes those
                        # of all other columns for null, and a filter on one of them finds nothing.
                        "delta.dataSkippingStatsColumns": "time",
                    },
                    raise_if_key_not_exists=False,
                    # Of two who create at once one must fail: tried again, the later commit would
                    # give the table another identity.
                    commit_properties=_properties(Ledger(), 0, tries=0),
                    storage_options=place.options,
                )
        except CommitFailedError:
            # Somebody else created it meanwhile; theirs is the table.
            return cls.open(place, at)
        made = cls.open(place, at)
        made._make_durable(table.version() - 1)
        return made

    @property
    def folder(self) -> Path:
        """The table's folder, for those who look at it on a local disk. Raises TypeError for one
        that is not there."""
        if not isinstance(self.place, Folder):
            raise TypeError(f"{self.place} is not on a local disk")
        return self.place.folder

    # --- reading

    def refresh(self) -> None:
        with self.place.asked():
            self._table.update_incremental()

    @property
    def version(self) -> int:
        return self._table.version()

    @property
    def identity(self) -> str:
        """The secret that event identities are made with."""
        return self._table.metadata().configuration["orgwarden.identity"]

    @property
    def epoch(self) -> int:
        """The newest holder's. Asked once for each version: delta-rs reads every commit since the
        last checkpoint for it, and each is a request at an object store."""
        known, epoch = self._fenced
        if known != self.version:
            with self.place.asked():
                epoch = self._table.transaction_version(LEASE) or 0
            self._fenced = (self.version, epoch)
        return epoch

    def ledger(self) -> Ledger:
        """What the newest commit says; if that is another program's (a Spark OPTIMIZE), what the
        newest of ours does. Raises ValueError if there is none."""
        for limit in (1, None):
            with self.place.asked():
                commits = self._table.history(limit)
            for commit in commits:
                if LEDGER in commit:
                    return Ledger.from_json(json.loads(commit[LEDGER]))
        raise ValueError(f"no commit of {self.place} has a ledger")

    def columns(self) -> frozenset[str]:
        return frozenset(f.name for f in self._table.schema().fields)

    def files(
        self, source: str | None = None, dates: Iterable[date] | None = None
    ) -> list[LakeFile]:
        """The files of the snapshot, of one source and of some dates if asked."""
        wanted = None if dates is None else set(dates)
        actions = pa.table(self._table.get_add_actions(flatten=True))
        if not actions.num_rows:
            return []
        columns = [
            actions.column(c).to_pylist()
            for c in ("path", "partition.source", "partition.date", "num_records", "size_bytes")
        ]
        return [
            LakeFile(self.place.path(path), src, day, rows, size)
            for path, src, day, rows, size in zip(*columns, strict=True)
            if (source is None or src == source) and (wanted is None or day in wanted)
        ]

    # --- writing

    def take(self, epoch: int) -> None:
        """Fence the table for `epoch`: holders of earlier ones can no longer commit."""
        for _ in range(20):
            self.refresh()
            if self.epoch > epoch:
                raise LostLease(
                    f"Another worker holds this org (epoch {self.epoch}).", code="LEASE_LOST"
                )
            try:
                self._commit([], epoch, self.ledger())
                return
            except CommitFailedError:
                continue  # an earlier holder committed meanwhile; now it is refused
        raise LostLease(
            "The event table could not be fenced; another worker keeps committing.",
            code="LEASE_LOST",
        )

    def ensure_columns(self, names: Iterable[str], epoch: int) -> None:
        """Add missing text columns, in a commit of their own."""
        self._check(epoch)
        there = self.columns()
        missing = [n for n in dict.fromkeys(names) if n not in there]
        if not missing:
            return
        self._at("refreshed")
        before = self.version
        try:
            with self.place.asked():
                self._table.alter.add_columns(
                    [Field(n, PrimitiveType("string")) for n in missing],
                    commit_properties=_properties(self.ledger(), epoch),
                )
        except CommitFailedError as error:
            self.refresh()
            raise self._refused(epoch) from error
        self.refresh()
        self._make_durable(before)

    def bound_log(self, epoch: int, kept: str = LOG_KEPT[1]) -> None:
        """Let old commits of the log go, also of a table that was made before this was said."""
        if self._table.metadata().configuration.get(LOG_KEPT[0]) == kept:
            return
        self._check(epoch)
        before = self.version
        try:
            with self.place.asked():
                self._table.alter.set_table_properties(
                    {LOG_KEPT[0]: kept}, commit_properties=_properties(self.ledger(), epoch)
                )
        except CommitFailedError as error:
            self.refresh()
            raise self._refused(epoch) from error
        self.refresh()
        self._make_durable(before)

    def commit(
        self,
        parts: Sequence[Part],
        ledger: Ledger,
        epoch: int,
        *,
        removed: Sequence[LakeFile] = (),
        data_change: bool = True,
    ) -> None:
        """One commit: these parts in, these files out, this ledger. Raises LostLease if another
        holder has fenced the table; then nothing of it is visible."""
        self._check(epoch)
        self._at("refreshed")
        now = int(datetime.now(UTC).timestamp() * 1000)
        actions: list[AddAction | RemoveAction] = [p.add(data_change=data_change) for p in parts]
        actions += [RemoveAction(self.place.relative(f.path), data_change, now) for f in removed]
        try:
            self._commit(actions, epoch, ledger)
        except CommitFailedError as error:
            self.refresh()
            raise self._refused(epoch) from error
        self._at("committed")

    def _check(self, epoch: int) -> None:
        self.refresh()
        if self.epoch != epoch:
            raise LostLease(
                f"Another worker holds this org (epoch {self.epoch}, ours {epoch}).",
                code="LEASE_LOST",
            )

    def _refused(self, epoch: int) -> LostLease:
        return LostLease(
            f"The commit was refused: the table is at epoch {self.epoch}, ours is {epoch}.",
            code="LEASE_LOST",
        )

    def _commit(self, actions: list[AddAction | RemoveAction], epoch: int, ledger: Ledger) -> None:
        before = self.version
        with self.place.asked():
            self._table.create_write_transaction(
                actions,
                "append",
                self._table.schema(),
                PARTITIONS,
                commit_properties=_properties(ledger, epoch),
            )
        self.refresh()
        if self.version == before + 1:  # nobody came between: the newest commit is this one
            self._fenced = (self.version, epoch)
        self._make_durable(before)

    def _make_durable(self, before: int) -> None:
        """All commits after `before`: ours, and what another holder may have put behind it.
        delta-rs leaves forcing them to the disk to the system."""
        written = range(before + 1, self.version + 1)
        self.place.force([f"_delta_log/{version:020d}.json" for version in written])


def is_table(place: Place) -> bool:
    """Whether there is a table. Raises Problem when its place could not be asked."""
    if not place.is_remote:
        return DeltaTable.is_deltatable(place.uri)
    # Delta keeps all of Python's threads waiting while it asks, also the one that keeps the lease.
    signs = (f"_delta_log/{0:020d}.json", "_delta_log/_last_checkpoint")
    return any(place.look(sign) is not None for sign in signs)


def _properties(ledger: Ledger, epoch: int, *, tries: int | None = None) -> CommitProperties:
    return CommitProperties(
        max_commit_retries=tries,
        custom_metadata={LEDGER: json.dumps(ledger.to_json(), separators=(",", ":"))},
        app_transactions=[Transaction(LEASE, epoch)],
    )


def advanced(ledger: Ledger) -> Ledger:
    """The ledger with the next arrival number taken."""
    return replace(ledger, seq=ledger.seq + 1)
