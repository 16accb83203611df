"""Reading the limits resource: one row a limit and reading."""

from __future__ import annotations

from datetime import UTC
from functools import partial

import pyarrow as pa

from orgwarden.core.source import Source
from orgwarden.flows import burners
from orgwarden.flows.whole.known import as_of
from orgwarden.flows.work import Work
from orgwarden.lake.layouts import Layout
from orgwarden.lake.shaping import own_session
from orgwarden.records import calls


def read_limits(work: Work, source: Source) -> str:
    """Returns no remark: there is nothing to leave out."""
    limits = work.client.limits(lane=source.lane)
    now = work.now()
    calls.note_limits(work.org, now, {n: (v.max, v.remaining) for n, v in limits.items()})
    if found := burners.from_limits(limits, now):
        burners.keep(work.org, found)
    layout = Layout(source.id, source.object, source.field_names())
    read_at = now.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    rows = pa.table(
        dict(
            zip(
                layout.stored,
                (
                    pa.array(list(limits), pa.string()),
                    pa.array([str(v.max) for v in limits.values()], pa.string()),
                    pa.array([str(v.remaining) for v in limits.values()], pa.string()),
                    pa.array([read_at] * len(limits), pa.string()),
                ),
                strict=True,
            )
        )
    )
    landing = work.landing(source, connection=own_session())
    landing.land_rows(rows, layout, day=now.date(), key=source.key, collected=True)
    work.commit([(source, landing)], partial(as_of, source=source, now=now))
    return ""
