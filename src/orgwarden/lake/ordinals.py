"""Ordinals: which of several equal rows of one log file a row is."""

from __future__ import annotations

import mmap
from collections.abc import Callable

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from orgwarden.lake.shaping import Shaped

RECENT = 256 * 1024  # hashes gathered before they are put on the shelves
SHELF = 256 * 1024  # hashes; one shelf at a time is copied

Hashes = npt.NDArray[np.uint64]


class Seen:
    """Hashes seen so far, in eight bytes each: few sorted runs of late ones, and sorted shelves,
    each of a range of its own, of all others. A merge copies one shelf at a time, so it needs
    little memory beside what is kept, however many there are."""

    def __init__(self, recent: int = RECENT, shelf: int = SHELF) -> None:
        self._most, self._shelf = recent, shelf
        self._runs: list[Hashes] = []
        self._shelves: list[Hashes] = []

    def among(self, order: Hashes) -> npt.NDArray[np.bool_]:
        """Which of these sorted hashes were seen."""
        seen = np.zeros(len(order), bool)
        for run in self._runs:
            seen |= _among(order, run)
        edges = self._edges(order)
        for shelf, start, end in zip(self._shelves, edges, edges[1:], strict=False):
            seen[start:end] |= _among(order[start:end], shelf)
        return seen

    def add(self, order: Hashes) -> None:
        """Remember sorted hashes. Runs of like size are merged, so that there are few of them."""
        if not len(order):
            return
        self._runs.append(order)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = _merged(self._runs[-1], last)
        if sum(map(len, self._runs)) >= self._most:
            self._shelve()

    def _shelve(self) -> None:
        order = np.sort(np.concatenate(self._runs), kind="stable")
        self._runs = []
        if not self._shelves:
            self._shelves = [order[:0]]
        edges = self._edges(order)
        for at in reversed(range(len(self._shelves))):  # one may become several
            if edges[at] == edges[at + 1]:
                continue
            whole = _merged(self._shelves[at], order[edges[at] : edges[at + 1]], _apart)
            pieces = -(-len(whole) // self._shelf)
            if pieces == 1:
                self._shelves[at] = whole
            else:
                self._shelves[at : at + 1] = [_copied(p) for p in np.array_split(whole, pieces)]

    def _edges(self, order: Hashes) -> list[int]:
        """Where the hashes of each shelf begin among these, and after the last their end."""
        firsts = np.array([shelf[0] for shelf in self._shelves[1:]], np.uint64)
        return [0, *np.searchsorted(order, firsts).tolist(), len(order)]


def _among(order: Hashes, run: Hashes) -> npt.NDArray[np.bool_]:
    at = np.searchsorted(run, order)
    at[at == len(run)] = 0
    found: npt.NDArray[np.bool_] = run[at] == order
    return found


def _merged(one: Hashes, other: Hashes, room: Callable[[int], Hashes] | None = None) -> Hashes:
    whole = room(len(one) + len(other)) if room else None
    whole = np.concatenate((one, other), out=whole)
    whole.sort(kind="stable")  # finds the two sorted runs and merges them
    return whole


def _copied(hashes: Hashes) -> Hashes:
    room = _apart(len(hashes))
    room[:] = hashes
    return room


def _apart(count: int) -> Hashes:
    """Room for hashes that goes back to the system at once; of the usual memory, pieces of such
    sizes leave a third unused between them."""
    return np.frombuffer(mmap.mmap(-1, 8 * count), np.uint64, count)


class Ordinals:
    """k for every row of one file: how many equal rows came before it in that file.

    Almost no row has an equal, so sorted arrays of 64-bit hashes say quickly which could; only
    those are counted by their whole digest. Two different digests with one 64-bit hash (one in
    10^6 files of ten million rows) would get k = 1 without a k = 0: stored all the same.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._seen = Seen()
        self._counted = False

    def number(self, shaped: Shaped) -> pa.ChunkedArray:
        """The identity of each row: its digest, `-k` behind it from the second on."""
        hashes = shaped.hash
        order = np.sort(hashes)
        earlier = order[self._seen.among(order)]
        again = np.concatenate((earlier, order[1:][order[1:] == order[:-1]]))
        self._seen.add(order)
        if not len(again):
            return shaped.digest
        return self._count(shaped, np.isin(hashes, again), np.isin(hashes, earlier))

    def _count(
        self,
        shaped: Shaped,
        candidates: npt.NDArray[np.bool_],
        earlier: npt.NDArray[np.bool_],
    ) -> pa.ChunkedArray:
        c = self._connection
        if not self._counted:
            c.execute("CREATE OR REPLACE TEMP TABLE counted (digest VARCHAR PRIMARY KEY, n BIGINT)")
            self._counted = True
        mask = pa.array(candidates)
        rows = pa.table(
            {
                "place": pa.array(np.flatnonzero(candidates)),
                "digest": shaped.digest.filter(mask).combine_chunks(),
                "earlier": pa.array(earlier[candidates]),
            }
        )
        c.register("candidates", rows)
        numbered = c.sql(
            """SELECT place, row_number() OVER (PARTITION BY c.digest ORDER BY place) - 1
                 + coalesce(n, CASE WHEN earlier THEN 1 ELSE 0 END) AS k, c.digest AS digest
               FROM candidates c LEFT JOIN counted USING (digest) ORDER BY place"""
        ).to_arrow_table()
        c.register("numbered", numbered)
        c.execute(
            """INSERT INTO counted SELECT digest, max(k) + 1 FROM numbered GROUP BY digest
               ON CONFLICT (digest) DO UPDATE SET n = excluded.n"""
        )
        c.unregister("candidates")
        c.unregister("numbered")
        k = np.zeros(len(candidates), np.int64)
        k[numbered.column("place").to_numpy()] = numbered.column("k").to_numpy()
        ordinals = pa.array(k)
        suffixed = pc.binary_join_element_wise(
            shaped.digest.combine_chunks(), pc.cast(ordinals, pa.string()), "-"
        )
        return pa.chunked_array(
            [pc.if_else(pc.equal(ordinals, 0), shaped.digest.combine_chunks(), suffixed)]
        )
