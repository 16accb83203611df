"""What was collected: rows by filter, and questions in SQL."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, Any

from django.utils import timezone
from ninja import Query, Router
from pydantic import Field

from orgwarden.core.plain import plain
from orgwarden.core.problems import NotThere
from orgwarden.core.roles import Right
from orgwarden.lake import activity as lake
from orgwarden.records.models import Org
from orgwarden.web import acts, ranges
from orgwarden.web.activity_page import READINGS
from orgwarden.web.api import shapes
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation
from orgwarden.web.api.pages import cursor, read_cursor
from orgwarden.web.api.problems import Invalid
from orgwarden.web.api.shapes import Given, PageAsked

router = Router(tags=["Events"])
DEFAULT_SPAN = timedelta(days=3)
MOST_ROWS = 10_000

Some = Annotated[list[shapes.Text], Field(max_length=50)]


class EventsAsked(PageAsked):
    """Which events; what is left out asks for everything."""

    limit: int = Field(100, ge=1, le=1000, description="Most events to send.")
    tenant: Some = Field([], description="Keys of tenants; may be repeated.")
    since: str = Field("", max_length=40, alias="from", description="ISO 8601; 3 days before to.")
    until: str = Field("", max_length=40, alias="to", description="ISO 8601; now.")
    source: Some = Field([], description="Ids of sources; may be repeated.")
    outcome: Some = []
    country: Some = []
    app: Some = []
    actor: shapes.Text = Field("", description="Part of a username, or an id.")
    ip: shapes.Text = Field("", description="An address or its beginning.")
    action: shapes.Text = ""
    text: shapes.Text = Field("", description="Part of any column.")


@operation(
    router, "GET", "events", Right.SEE_EVENTS, shapes.Page[shapes.Event], refusals=(404, 409)
)
def list_events(request: Asking, asked: Query[EventsAsked]) -> dict[str, Any]:
    """Events by filter, newest first.

    The columns are the same for all sources. Readings of limits, and of what is read whole, are
    left out unless `source` names them. When events could not be read that is a refusal and never
    an empty list. The range is fixed by the first page: give the same filter with its cursor.
    """
    orgs = _meant(request.auth.orgs(), asked.tenant)
    since, until, after = _range(asked)
    question = lake.Question(
        since=since,
        until=until,
        source=tuple(asked.source),
        outcome=tuple(asked.outcome),
        country=tuple(asked.country),
        app=tuple(asked.app),
        actor=asked.actor,
        ip=asked.ip,
        action=asked.action,
        text=asked.text,
        without=READINGS,
    )
    if not orgs:
        return {"items": [], "next": None}
    with acts.open_reader([o.key for o in orgs], since, until) as reader:
        rows, following = lake.newest(reader, question, after=after, limit=asked.limit)
    return {
        "items": [{**row, "tenant": row["org"]} for row in rows],
        "next": cursor("events", [*_texts(since, until, following.time), following.event_uid])
        if following
        else None,
    }


def _meant(orgs: list[Org], keys: list[str]) -> list[Org]:
    """The tenants asked for, all without; one that is not among them is not there."""
    if missing := set(keys) - {o.key for o in orgs}:
        raise NotThere(
            f"There is no tenant {min(missing)}.",
            fix="GET /api/v1/tenants lists yours.",
            code="NO_TENANT",
        )
    return [o for o in orgs if not keys or o.key in keys]


def _range(asked: EventsAsked) -> tuple[datetime, datetime, lake.Key | None]:
    if asked.cursor:
        since, until, time, uid = read_cursor("events", asked.cursor)
        since, until, time = (datetime.fromisoformat(t) for t in (since, until, time))
        return since, until, lake.Key(time, uid)
    until = ranges.moment(asked.until) if asked.until else timezone.now()
    since = ranges.moment(asked.since) if asked.since else until and until - DEFAULT_SPAN
    if since is None or until is None or since >= until:
        raise Invalid(
            "from and to are not a time range.",
            fix="Give ISO 8601 times such as 2026-11-21T22:00:00Z, from before to.",
            code="RANGE",
        )
    return since, until, None


def _texts(*times: datetime) -> list[str]:
    return [at.isoformat() for at in times]


class Question(Given):
    """One SELECT over the views: `activity`, and one per source."""

    sql: str = Field(
        min_length=1,
        max_length=20_000,
        pattern=r"^[^\x00]*$",
        examples=["SELECT source, count(*) AS n FROM activity GROUP BY 1 ORDER BY 2 DESC"],
    )
    tenant: Some = Field([], description="Keys of tenants; all you may ask without.")
    limit: int = Field(1000, ge=1, le=MOST_ROWS, strict=True, description="Most rows to send.")


@operation(router, "POST", "events/query", Right.QUERY_SQL, shapes.Rows, refusals=(404, 409))
def query_events(request: Asking, asked: Question) -> dict[str, Any]:
    """Ask the events in SQL.

    One SELECT, checked by the database's own parser, read only, bounded in time, memory and rows.
    The question is recorded in the audit trail. Only tenants whose events you may ask are seen.
    """
    orgs = _meant(request.auth.orgs(), asked.tenant)
    rows, cut = acts.ask_events(asked.sql, orgs, limit=asked.limit, actor=request.auth.name)
    columns = [[plain(v) for v in column.to_pylist()] for column in rows.columns]
    return {
        "columns": rows.column_names,
        "rows": [list(row) for row in zip(*columns, strict=True)],
        "cut": cut,
    }


@operation(router, "GET", "events/views", Right.QUERY_SQL, list[shapes.View], refusals=(409,))
def list_views(request: Asking) -> list[dict[str, Any]]:
    """The views that questions in SQL may name, with their columns."""
    return acts.event_views(request.auth.orgs())
