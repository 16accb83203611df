"""Ordinals: which of several equal rows of one log file a row is."""

from __future__ import annotations

import duckdb
import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from orgwarden.lake.shaping import Shaped


class Ordinals:
    """k for every row of one file: how many equal rows came before it in that file.

    Almost no row has an equal, so sorted arrays of 64-bit hashes say quickly which could; only
    those are counted by their whole digest. Two different digests with one 64-bit hash (one in
    10^6 files of ten million rows) would get k = 1 without a k = 0: stored all the same.
    """

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self._connection = connection
        self._runs: list[npt.NDArray[np.uint64]] = []
        self._counted = False

    def number(self, shaped: Shaped) -> pa.ChunkedArray:
        """The identity of each row: its digest, `-k` behind it from the second on."""
        hashes = shaped.hash
        order = np.sort(hashes)
        again = order[1:][order[1:] == order[:-1]]
        for run in self._runs:
            at = np.searchsorted(run, order)
            at[at == len(run)] = 0
            again = np.concatenate((again, order[run[at] == order]))
        before = self._runs[:]
        self._remember(order)
        if not len(again):
            return shaped.digest
        return self._count(shaped, np.isin(hashes, again), before)

    def _remember(self, order: npt.NDArray[np.uint64]) -> None:
        """Runs of like size are merged, so that there are few of them and little is copied."""
        self._runs.append(order)
        while len(self._runs) > 1 and len(self._runs[-2]) <= 2 * len(self._runs[-1]):
            last = self._runs.pop()
            self._runs[-1] = np.sort(np.concatenate((self._runs[-1], last)), kind="stable")

    def _count(
        self,
        shaped: Shaped,
        candidates: npt.NDArray[np.bool_],
        before: list[npt.NDArray[np.uint64]],
    ) -> pa.ChunkedArray:
        c = self._connection
        if not self._counted:
            c.execute("CREATE OR REPLACE TEMP TABLE counted (digest VARCHAR PRIMARY KEY, n BIGINT)")
            self._counted = True
        earlier = np.zeros(len(candidates), bool)
        for run in before:
            earlier |= np.isin(shaped.hash, run)
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
