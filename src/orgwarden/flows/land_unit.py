"""Landing one unit of log files: small ones together, large ones streamed one by one."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from pathlib import Path

from orgwarden.core.source import Source
from orgwarden.flows.units import LogFile, Unit
from orgwarden.flows.work import Work
from orgwarden.lake import wire
from orgwarden.lake.landing import Landing
from orgwarden.lake.shaping import own_session
from orgwarden.lake.table import LakeFile
from orgwarden.lake.together import SmallFile, land_together

SMALL = 4 << 20  # a unit up to this size is shaped as one table
# A large file keeps all cores busy by itself; two at a time would need the memory twice.
_large = threading.Lock()


@dataclass(frozen=True)
class Landed:
    """A unit on disk, not committed yet. `files` with the rows read and stored of each."""

    source: Source
    landing: Landing
    files: tuple[tuple[LogFile, int, int], ...]


def land_unit(
    work: Work,
    source: Source,
    unit: Unit,
    paths: dict[str, Path | None],
    stored: list[LakeFile],
) -> Landed:
    """Land a unit's files; start it again if a file needs a larger block or is not UTF-8."""
    block = wire.BLOCK if unit.length <= SMALL else wire.LEAN_BLOCK
    fetched = [(f, path) for f in unit.files if (path := paths[f.id]) is not None]
    while True:
        landing = work.landing(source, stored=stored, block=block, connection=own_session())
        try:
            if unit.length <= SMALL:
                small = [SmallFile(path, f.id, f.log_date.date()) for f, path in fetched]
                counts = land_together(landing, unit.event_type, small)
            else:
                with _large:
                    counts = [
                        landing.land_csv(
                            path,
                            unit.event_type,
                            day=f.log_date.date(),
                            from_file=f.id,
                            compare_within=len(fetched) > 1,
                        )
                        for f, path in fetched
                    ]
            landing.finish()
        except wire.RowTooLong:
            landing.abandon()
            block = wire.larger(block)
        except wire.NotUtf8:
            landing.abandon()
            for _, path in fetched:
                wire.to_utf8(path, path.with_suffix(".utf8"))
                path.with_suffix(".utf8").replace(path)
        except BaseException:
            landing.abandon()
            raise
        else:
            done = zip(fetched, counts, strict=True)
            return Landed(source, landing, tuple((f, c.read, c.stored) for (f, _), c in done))
