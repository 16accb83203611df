"""A reader for a stretch of days: it names only the files that can hold events of that time, and
knows what was counted of them before.

A page asks of a few days; opening the files of sixty to find that out is most of its time. A file
lies under the UTC day of its events. One day more is kept on either side, because a log file may
begin or end a moment outside its day. Sources whose files lie under the day they were collected
(snapshots) are named by the caller and kept whole.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pyarrow as pa

from orgwarden.lake import counted
from orgwarden.lake.activity import NONE, Question, among, of_actor, of_ip
from orgwarden.lake.counted import Counts
from orgwarden.lake.overview import Split
from orgwarden.lake.place import Place
from orgwarden.lake.reading import TIME_LIMIT, Reader
from orgwarden.lake.table import LakeFile

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
        self._whole = frozenset(whole)
        # The views are made when they are first asked for: from the files that are left here.
        for org in self._orgs:
            for source, files in list(org.files.items()):
                org.files[source] = self._of_days(files, since, until)
                if not org.files[source]:
                    del org.files[source]

    def _of_days(
        self, files: Sequence[LakeFile], since: datetime, until: datetime
    ) -> list[LakeFile]:
        first, last = _day(since, -MARGIN), _day(until, MARGIN)
        return [f for f in files if f.source in self._whole or first <= f.date <= last]

    def within(self, since: datetime, until: datetime) -> str:
        """The view `dated` over the files that can hold events of [since, until)."""
        held = {org.key: self._of_days(self._events(org), since, until) for org in self._orgs}
        self.connection.execute(self._united("dated", held))
        return "dated"

    def split(self, question: Question) -> Split:
        """Which part of the answer is counted already, and the files that have to be scanned."""
        told = _tells_all(question)
        if not (told or _narrowed(question)):
            return Split()
        whole: list[tuple[LakeFile, pa.Table]] = []
        held: dict[str, list[LakeFile]] = {}
        maybe: list[tuple[LakeFile, pa.Table]] = []
        for org in self._orgs:
            files = [f for f in self._events(org) if _asked(question, f.source)]
            counts = counted.read(org.place, files, partial(_touches, question))
            scanned = held.setdefault(org.key, [])
            for file in files:
                of_file = counts.get(file.path)
                if of_file is not None and not _touches(question, of_file.first, of_file.last):
                    continue
                if of_file is None or of_file.table is None:
                    scanned.append(file)
                elif told and _inside(of_file, question):
                    whole.append((file, of_file.table))
                else:
                    scanned.append(file)
                    maybe.append((file, of_file.table))
        if gone := self._without(question, maybe):
            held = {key: [f for f in files if f.path not in gone] for key, files in held.items()}
        self.connection.execute(self._united("scanned", held))
        if whole:
            self.connection.register("counted", _together(whole))
        return Split("scanned", "counted" if whole else "")

    def _without(self, question: Question, files: Sequence[tuple[LakeFile, pa.Table]]) -> set[str]:
        """The files of which the counts say that no event has the values asked for."""
        if not files:
            return set()
        paths = [file.path for file, _ in files]
        asked = list(_values(question))
        if not asked:
            return set()
        self.connection.register(
            "valued",
            pa.concat_tables(
                t.select(["facet", "value"]).append_column(
                    "file", pa.repeat(pa.scalar(n, pa.int32()), t.num_rows)
                )
                for n, (_, t) in enumerate(files)
            ),
        )
        left = set(range(len(paths)))
        try:
            for condition, params in asked:
                sql = f"SELECT DISTINCT file FROM valued WHERE {condition}"
                found = self._bounded(sql, params, len(paths), TIME_LIMIT.total_seconds())
                left.intersection_update(found.column("file").to_pylist())
        finally:
            self.connection.unregister("valued")
        return {path for n, path in enumerate(paths) if n not in left}


def _tells_all(question: Question) -> bool:
    """Whether counts by source and outcome, in steps of `counted.STEP`, are an answer."""
    return not (_narrowed(question) or question.action or question.text) and (
        question.step().total_seconds() % counted.STEP == 0
    )


def _narrowed(question: Question) -> bool:
    return bool(question.actor or question.ip or question.country or question.app)


def _values(question: Question) -> Iterator[tuple[str, list[Any]]]:
    """What the counts of a file must have a value for, else no event of it is meant."""
    for name in ("country", "app"):
        if values := getattr(question, name):
            clause, params = among("value", values)
            yield f"facet = {counted.FACETS.index(name)} AND {clause}", params
    actor, id = (counted.FACETS.index(n) for n in ("actor", counted.ACTOR_ID))
    if question.actor == NONE:
        yield f"facet = {actor} AND value IS NULL", []
    elif question.actor:
        by_name = f"CASE WHEN facet = {actor} THEN value END"
        by_id = f"CASE WHEN facet = {id} THEN value END"
        clause, params = of_actor(question.actor, by_name, by_id)
        yield f"facet IN ({actor}, {id}) AND {clause}", params
    if question.ip:
        clause, params = of_ip(question.ip, "value")
        yield f"facet = {counted.FACETS.index('ip')} AND {clause}", params


def _asked(question: Question, source: str) -> bool:
    return source in question.source if question.source else source not in question.without


def _touches(question: Question, first: datetime | None, last: datetime | None) -> bool:
    if first is None or last is None:
        return False
    return first < question.until and last >= question.since


def _inside(counts: Counts, question: Question) -> bool:
    """Of counts that touch it, which have times therefore."""
    assert counts.first is not None
    assert counts.last is not None
    return question.since <= counts.first and counts.last < question.until


def _together(files: Sequence[tuple[LakeFile, pa.Table]]) -> pa.Table:
    """The counts of several files with their source."""
    names = sorted({file.source for file, _ in files})
    sources = pa.array(names, pa.string())
    return pa.concat_tables(
        table.append_column(
            "source",
            pa.DictionaryArray.from_arrays(
                pa.repeat(pa.scalar(names.index(file.source), pa.int32()), table.num_rows), sources
            ),
        )
        for file, table in files
    )


def _day(at: datetime, more: timedelta) -> date:
    return (at + more).astimezone(UTC).date()
