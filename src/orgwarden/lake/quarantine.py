"""Quarantine: rows that could not be placed, kept with the reason and their raw text.

They are events of the source `quarantine`, so that the count always balances and nothing that
Salesforce sent is thrown away.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date

import pyarrow as pa

from orgwarden.core.source import NORMALISED
from orgwarden.lake.layouts import Layout

RAGGED = "The row has another number of fields than the header."
KEYLESS = "The row has no id, so that nobody could tell whether it came before."


@dataclass(frozen=True)
class BadRows:
    day: date
    layout: Layout
    table: pa.Table


class Quarantine:
    """The bad rows of one landing. There are few, so they are handled one by one."""

    SOURCE = "quarantine"
    LAYOUT = Layout(SOURCE, "quarantine", ("Source", "Reason", "Raw"))

    def __init__(self, org: str, identity: str, seq: int) -> None:
        self._org, self._identity, self._seq = org, identity, seq
        self._tables: list[BadRows] = []

    def take(
        self,
        layout: Layout,
        raw: Sequence[str],
        day: date,
        from_file: str,
        unseen: Callable[[pa.Array, Sequence[date]], pa.Array | None],
        learn: Callable[[list[pa.Array | pa.ChunkedArray]], None],
        reason: str = RAGGED,
    ) -> int:
        """Keep rows of one file; returns how many were not kept before. Equal rows of one file
        are told apart by their ordinal, as stored rows are; those of another day by the day."""
        counted: dict[str, int] = {}
        uids = []
        for text in raw:
            content = f"{self._identity}\x1f{layout.source}\x1f{day}\x1f{text}"
            digest = hashlib.sha256(content.encode()).hexdigest()[:32]
            k = counted[digest] = counted.get(digest, -1) + 1
            uids.append(f"{digest}-{k}" if k else digest)
        table = pa.table(
            {
                "org": pa.array([self._org] * len(raw)),
                "time": pa.nulls(len(raw), pa.timestamp("us", tz="UTC")),
                "action": pa.array(["quarantined"] * len(raw)),
                "event_uid": pa.array(uids),
                "arrived_seq": pa.array([self._seq] * len(raw), pa.int64()),
                "from_file": pa.array([from_file] * len(raw)),
                "layout": pa.array([self.LAYOUT.id] * len(raw)),
                "sf_source": pa.array([layout.source] * len(raw)),
                "sf_reason": pa.array([reason] * len(raw)),
                "sf_raw": pa.array(list(raw)),
            }
        )
        for column in NORMALISED:  # every file has them, so that one view reads all
            if column not in (*table.column_names, "source"):
                kind = pa.int64() if column in ("rows", "bytes") else pa.string()
                table = table.append_column(column, pa.nulls(len(raw), kind))
        mask = unseen(table.column("event_uid"), (day,))
        if mask is not None:
            table = table.filter(mask)
        learn([table.column("event_uid")])
        if table.num_rows:
            self._tables.append(BadRows(day, self.LAYOUT, table))
        kept: int = table.num_rows
        return kept

    def tables(self) -> list[BadRows]:
        return self._tables
