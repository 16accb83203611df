"""A reader for a stretch of days: it names only the files that can hold events of that time.

A page asks of a few days; opening the files of sixty to find that out is most of its time. A file
lies under the UTC day of its events. One day more is kept on either side, because a log file may
begin or end a moment outside its day. Sources whose files lie under the day they were collected
(snapshots) are named by the caller and kept whole.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from orgwarden.lake.place import Place
from orgwarden.lake.reading import Reader

MARGIN = timedelta(days=1)


class DaysReader(Reader):
    """`Reader` over the files of [since, until) only."""

    def __init__(
        self,
        lake_root: Place | Path,
        org_keys: Sequence[str],
        *,
        since: datetime,
        until: datetime,
        whole: Collection[str] = (),
    ) -> None:
        super().__init__(lake_root, org_keys)
        # A page asks several questions of the same files: their footers are read once.
        self.connection.execute("SET parquet_metadata_cache = true")
        # The views are made when they are first asked for: from the files that are left here.
        first, last = _day(since - MARGIN), _day(until + MARGIN)
        for org in self._orgs:
            for source, files in list(org.files.items()):
                if source in whole:
                    continue
                org.files[source] = [f for f in files if first <= f.date <= last]
                if not org.files[source]:
                    del org.files[source]


def _day(at: datetime) -> date:
    return at.astimezone(UTC).date()
