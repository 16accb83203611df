"""Queries over batches of rows, planned once. Planning one takes some 10 ms, more than running it
over a batch, so each connection keeps what it prepared.
"""

from __future__ import annotations

import threading

import duckdb
import pyarrow as pa

PLANS = 200  # kept by a connection; an org has some 80 layouts
CONNECTIONS = 4  # of a thread whose plans are kept


class Plans:
    """The prepared queries of one connection."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        self.connection = connection
        self._known: dict[tuple[str, str, pa.Schema], _Batch] = {}

    def run(self, before: str, batch: pa.Table, after: str = "") -> pa.Table:
        """The rows of a query over `batch`, whose name stands between `before` and `after`."""
        known = self._known.get((before, after, batch.schema))
        if known is None:
            if len(self._known) >= PLANS:
                self._forget()
            known = _Batch(str(len(self._known)))
            known.table = batch
            self.connection.register(f"batch_{known.name}", known)
            text = f"{before} batch_{known.name}{after}"
            self.connection.execute(f"PREPARE plan_{known.name} AS {text}")
            self._known[before, after, batch.schema] = known
        known.table = batch
        try:
            return self.connection.sql(f"EXECUTE plan_{known.name}").to_arrow_table()
        finally:
            known.table = batch.schema.empty_table()  # a slice would keep the rows

    def _forget(self) -> None:
        for known in self._known.values():
            self.connection.execute(f"DEALLOCATE plan_{known.name}")
            self.connection.unregister(f"batch_{known.name}")
        self._known.clear()


class _Batch:
    """What a prepared query reads: whatever table is put here, its columns being the same."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.table: pa.Table | None = None

    def __arrow_c_stream__(self, requested_schema: object | None = None) -> object:
        assert self.table is not None
        return self.table.__arrow_c_stream__(requested_schema)


_of_thread = threading.local()


def plans_of(connection: duckdb.DuckDBPyConnection) -> Plans:
    """The plans of a connection that this thread uses again and again."""
    if not hasattr(_of_thread, "plans"):
        _of_thread.plans = {}
    plans: dict[int, Plans] = _of_thread.plans
    if id(connection) not in plans:
        if len(plans) >= CONNECTIONS:
            plans.pop(next(iter(plans)))
        plans[id(connection)] = Plans(connection)
    return plans[id(connection)]
