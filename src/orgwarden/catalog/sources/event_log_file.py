"""Event log files: what the org's servers logged, one file per event type and day or hour.

A file appears hours to three days after its events, a late one adds to or replaces an earlier one,
and no column identifies a row: what an event is, is decided from whole rows. Without Event
Monitoring only a few types exist, as daily files kept for a day.
Every type the org lists becomes a source of its own, `event_log_<type>`, made by `of_type`.
Source: Object Reference, EventLogFile; facts observed in real files.
"""

import re
from datetime import timedelta

from orgwarden.catalog.sources.event_log_types import TYPES, EventType
from orgwarden.core.expr import (
    Address,
    Bare,
    Column,
    Expr,
    Id18,
    Instant,
    Match,
    Text,
    Whole,
    first,
)
from orgwarden.core.source import Field, Kind, Need, Source

PREFIX = "event_log_"
_LONGEST = 80  # characters of a source's id, as the records keep it

COMMON: dict[str, Expr] = {
    "time": Instant(first("TIMESTAMP", "TIMESTAMP_DERIVED")),
    "actor_id": Id18(first("USER_ID_DERIVED", "USER_ID")),
    "actor": first("USER_NAME"),
    "ip": Address(first("CLIENT_IP", "SOURCE_IP")),
    "country": first("COUNTRY_CODE"),
    "app": Bare(first("CONNECTED_APP_NAME", "APP_NAME", "CLIENT_NAME", "CONNECTED_APP_ID")),
    "client": Bare(first("BROWSER_TYPE", "USER_AGENT", "BROWSER_NAME", "CLIENT_NAME")),
    "object": Bare(first("ENTITY_NAME", "ENTITY_TYPE", "PAGE_ENTITY_TYPE")),
    "rows": Whole(first("ROWS_PROCESSED", "ROW_COUNT", "NUMBER_OF_RECORDS", "RECORDS_PROCESSED")),
    "bytes": Whole(first("RESPONSE_SIZE", "SIZE_BYTES")),
    "session": first("SESSION_KEY", "LOGIN_KEY"),
    "outcome": Match(
        first("REQUEST_STATUS", "SUCCESS", "IS_SUCCESS", "LOGIN_STATUS"),
        (
            ("S", Text("success")),
            ("Success", Text("success")),
            ("1", Text("success")),
            ("true", Text("success")),
            ("LOGIN_NO_ERROR", Text("success")),
            ("R", Text("success")),  # a redirect
            ("U", Text("")),  # undefined: Salesforce does not say
            ("_%", Text("failure")),
        ),
        Match(
            Column("STATUS_CODE"),
            (("2__", Text("success")), ("3__", Text("success")), ("___", Text("failure"))),
        ),
    ),
}

FAMILY = Source(
    id="event_log_file",
    title="Event log files",
    about="The list of log files; each event type in it becomes a source of its own.",
    kind=Kind.LOG_FILES,
    object="EventLogFile",
    fields=(
        Field("Id", "Id of the file."),
        Field("EventType", "What it logs."),
        Field("LogDate", "The day or hour it covers.", time=True),
        Field("CreatedDate", "When it was made.", time=True),
        Field("LogFileLength", "Its size in bytes."),
        Field("Interval", "Hourly or Daily."),
        Field("Sequence", "0 for daily files; 1, 2, … for hourly ones, each with new events only."),
    ),
    normalised=COMMON,
    lane="event_logs",
    cadence=timedelta(hours=1),
    cost="1 call a run for the list, 1 call per file.",
    time_field="CreatedDate",
    lag=timedelta(days=3),
    overlap=timedelta(days=3),
    backfill=timedelta(days=30),
    kept="30 days with Event Monitoring, 1 day without",
    kept_for=timedelta(days=30),
    needs=(Need("ViewEventLogFiles", "all event log files are dark"),),
    extras=(("Interval", "Sequence"),),
)


def spaced(event_type: str) -> str:
    """`FlowExecution` as people read it: `Flow execution`."""
    words = re.findall(r"[A-Z]+(?![a-z])|[A-Z]?[a-z0-9]+", event_type)
    return " ".join(words[:1] + [w if w.isupper() else w.lower() for w in words[1:]])


def id_of(event_type: str) -> str:
    """`event_log_<type in lower case>`. It names a view and a folder: whatever an org may call a
    type, what is no letter, digit or underscore becomes an underscore."""
    return (PREFIX + re.sub(r"[^0-9a-z_]", "_", event_type.lower()))[:_LONGEST]


def of_type(event_type: str, columns: tuple[str, ...] = ()) -> Source:
    """The source of one event type. `columns` are what its files' headers showed so far."""
    known = TYPES.get(event_type, EventType())
    fields = [Field(name, known.meaning_of(name)) for name in columns or known.columns]
    return Source(
        id=id_of(event_type),
        title=known.title or spaced(event_type),
        about=known.about,
        kind=Kind.LOG_FILES,
        object=event_type,
        fields=tuple(fields),
        normalised={"action": Text(event_type), **COMMON, **known.normalised},
        lane=FAMILY.lane,
        cadence=FAMILY.cadence,
        cost="1 call per file.",
        time_field="TIMESTAMP",
        lag=FAMILY.lag,
        overlap=FAMILY.overlap,
        backfill=FAMILY.backfill,
        kept=FAMILY.kept,
        kept_for=FAMILY.kept_for,
        needs=FAMILY.needs,
    )
