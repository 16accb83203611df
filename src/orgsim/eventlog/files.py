"""The event log files of one org: publishing, superseding, expiring, bodies and the ledger.

A file is known by event type, log date, interval and sequence. Publishing the same again makes a
new row and deletes the earlier one from the moment the new one is seen. With Event Monitoring a
nightly job deletes files 30 days after their CreatedDate, so they stay to the midnight after;
without it, and in Developer Edition, a file stays 24 hours.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import weakref
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from orgsim.eventlog.days import Days, Key
from orgsim.eventlog.text import event_time, iso, read_rows, read_time
from orgsim.eventlog.types import field_types
from orgsim.org import Org
from orgsim.world.rows import DAY, MINUTE

API_VERSION = 68.0
KEPT_DAYS = 30
LATEST = 3 * DAY  # after a day's start, by which its last edition is delivered
HEADER_WITHIN = 65_536  # bytes: no need to decode a whole body for its first line


class LogFilesError(ValueError):
    """The files of `--files` cannot be served; the message says why and what to do."""


@dataclass(slots=True)
class LogFile:
    """One published file. `path` is None while its body can still be cut from its day."""

    id: str
    key: Key
    at: int  # its position in the table
    created: int
    visible_from: int
    length: int
    path: Path | None
    gone: int | None = None  # from when it cannot be downloaded
    superseded: int | None = None  # from when a newer one stands for it


class LogFiles:
    """All log files of an org."""

    def __init__(self, org: Org) -> None:
        self.org = org
        self.table = org.store["EventLogFile"]
        self.days = Days(org, self.folder)
        self.files: dict[str, LogFile] = {}
        self.current: dict[Key, LogFile] = {}
        self.own: set[tuple[str, int]] = set()  # types and days that only --files may fill
        self._folder: Path | None = None
        self._expire_from = 0
        self._first_editions: set[str] = set()  # files of days that are to be told again

    @property
    def nightly(self) -> bool:
        """Whether files stay for 30 days and go at night."""
        options = self.org.options
        return options.event_monitoring == "licensed" and options.edition != "Developer Edition"

    def kept_until(self, created: int) -> int:
        """When a file made at this time is deleted."""
        return (created // DAY + KEPT_DAYS + 1) * DAY if self.nightly else created + DAY

    def build(self) -> None:
        """Take in `--files`, then publish what the org's history has made due by now."""
        if self.org.options.files is not None:
            self.take(self.org.options.files)
        now = self.org.options.now_ms
        first = (now // DAY - KEPT_DAYS) * DAY if self.nightly else now - DAY + 1
        self.days.start(first - LATEST)
        self.publish_due(now, first=first)

    def take(self, folder: Path) -> None:
        """Each CSV of a folder becomes one daily file, byte for byte."""
        ready = self.org.options.now_ms
        seen: dict[tuple[str, int], Path] = {}
        for path in sorted(folder.glob("*.csv")):
            rows = read_rows(path)
            names = next(rows, [])
            first = next(rows, [])
            values = dict(zip(names, first, strict=False))
            kind = values.get("EVENT_TYPE") or path.stem
            time = read_time(values.get("TIMESTAMP", "")) or event_time(names, first) or ready
            day = time // DAY
            if (kind, day) in seen:
                raise LogFilesError(
                    f"{path.name} and {seen[kind, day].name} are both {kind} of"
                    f" {iso(day * DAY)[:10]}: keep one of them"
                )
            seen[kind, day] = path
            self.own.add((kind, day))
            self.publish(
                event_type=kind,
                body=path,
                log_date_ms=day * DAY,
                interval="Daily",
                sequence=0,
                created_ms=ready - 10 * MINUTE,
            )

    # --- publishing ---

    def folder(self) -> Path:
        """The private folder of bodies, removed when the org or the process ends."""
        if self._folder is None:
            self._folder = Path(tempfile.mkdtemp(prefix="orgsim-"))
            weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)
        return self._folder

    def publish(
        self,
        *,
        event_type: str,
        body: bytes | Path,
        log_date_ms: int,
        interval: str,
        sequence: int,
        created_ms: int | None = None,
        visible_from_ms: int | None = None,
    ) -> str:
        """Add a file with this body, kept byte for byte; returns its id. A path is served from
        where it is. Without times it is made and seen now."""
        now = self.org.clock.now()
        if created_ms is None:
            created_ms = visible_from_ms if visible_from_ms is not None else now
        visible = visible_from_ms if visible_from_ms is not None else created_ms
        names = next(read_rows(body[:HEADER_WITHIN] if isinstance(body, bytes) else body), [])
        length = len(body) if isinstance(body, bytes) else body.stat().st_size
        file = self._row(
            (event_type, log_date_ms, interval, sequence), names, length, created_ms, visible
        )
        if isinstance(body, bytes):
            file.path = self.folder() / f"{file.id}.csv"
            file.path.write_bytes(body)
        else:
            file.path = body
        return file.id

    def _row(self, key: Key, names: list[str], length: int, created: int, visible: int) -> LogFile:
        org = self.org
        id18 = org.new_id("0AT")
        by = org.world.automated if org.world else None
        created -= created % 1000
        values: dict[str, Any] = {
            "Id": id18,
            "CreatedDate": created,
            "CreatedById": by,
            "LastModifiedDate": created,
            "LastModifiedById": by,
            "SystemModstamp": created,
            "EventType": key[0],
            "LogDate": key[1],
            "Interval": key[2],
            "Sequence": key[3],
            "LogFileLength": float(length),
            "LogFileContentType": "text/csv",
            "ApiVersion": API_VERSION,
            "LogFileFieldNames": ",".join(names),
            "LogFileFieldTypes": field_types(names),
            "LogFile": b"",
        }
        at = self.table.add(self.table.make(values), visible)
        file = LogFile(id18, key, at, created, visible, length, None)
        earlier = self.current.get(key)
        if earlier is not None:
            earlier.superseded = earlier.gone = visible
            if visible <= org.clock.now():
                self.table.delete(earlier.at)
            self._expire_from = min(self._expire_from, visible)
        self._expire_from = min(self._expire_from, self.kept_until(created))
        self.current[key] = file
        self.files[id18] = file
        return file

    def publish_due(self, until_ms: int, first: int = 0) -> None:
        """Publish what the org's days have made due by `until_ms`, but nothing due before `first`:
        that was deleted again before anyone could look."""
        for due in self.days.due(until_ms):
            kind, log_date = due.key[:2]
            if not self.org.settings["EventSettings"]["enableEventLogGeneration"]:
                continue  # off: what falls due meanwhile is never made
            if due.created < first or (kind, log_date // DAY) in self.own:
                continue
            standing = self.current.get(due.key)
            if standing is not None and standing.id not in self._first_editions:
                continue  # published by hand meanwhile: leave it
            names = self.days.header(kind)
            if due.partial:
                body = self.days.first_edition(due.key)
                file = self._row(due.key, names, len(body), due.created, due.created)
                file.path = self.folder() / f"{file.id}.csv"
                file.path.write_bytes(body)
                self._first_editions.add(file.id)
            else:
                self._row(due.key, names, self.days.length(due.key), due.created, due.created)

    def expire(self, now_ms: int) -> None:
        """Delete the rows of files that are superseded, or older than the edition keeps them."""
        if now_ms < self._expire_from:
            return
        self._expire_from = now_ms + DAY
        for file in self.files.values():
            if file.at in self.table.deleted:
                continue
            end = self.kept_until(file.created)
            if file.gone is None and end <= now_ms:
                file.gone = end
            if file.gone is not None and file.gone <= now_ms:
                self.table.delete(file.at)
            else:
                self._expire_from = min(self._expire_from, end, file.gone or end)

    # --- reading ---

    def open_body(self, id18: str) -> tuple[Path, int] | None:
        """The file that holds a body and its length in bytes; None if there is no such file now."""
        file = self.files.get(id18)
        now = self.org.clock.now()
        if file is None or file.at in self.table.deleted or file.visible_from > now:
            return None
        if file.gone is not None and file.gone <= now:
            return None
        if file.path is None:
            file.path = self.days.whole(file.key)
        if file.path is None:
            file.path = self.folder() / f"{file.id}.csv"
            file.path.write_bytes(self.days.body(file.key))
        return file.path, file.length

    def types(self, now_ms: int) -> list[str]:
        """The types of all files seen so far, also of those that expired."""
        return sorted({f.key[0] for f in self.files.values() if f.visible_from <= now_ms})

    def ledger(self, event_type: str, now_ms: int, all_rows: bool) -> Iterator[dict[str, Any]]:
        """The events of a type, once each: as many equal rows as the file that holds most of them.

        A file that has expired still counts, one that was superseded does not: its successor
        tells the whole day."""
        best: dict[bytes, int] = {}  # how many equal rows are told of already
        wanted = event_type.lower()
        for file in list(self.files.values()):
            if file.key[0].lower() != wanted:
                continue
            if not all_rows:
                if file.visible_from > now_ms:
                    continue
                if file.superseded is not None and file.superseded <= now_ms:
                    continue
            rows = read_rows(file.path if file.path is not None else self.days.body(file.key))
            names = next(rows, [])
            gone = file.gone or self.kept_until(file.created)
            here: dict[bytes, int] = {}
            for values in rows:
                if not values:
                    continue
                digest = hashlib.sha256("\x1f".join(values).encode()).digest()
                count = here[digest] = here.get(digest, 0) + 1
                if count <= best.get(digest, 0):
                    continue
                best[digest] = count
                time = event_time(names, values)
                yield {
                    "hash": digest.hex(),
                    "event_time": iso(time if time is not None else file.key[1]),
                    "created_time": iso(file.created),
                    "visible_from": iso(file.visible_from),
                    "gone_from": iso(gone) if gone <= now_ms else None,
                }
