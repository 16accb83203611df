"""Exports of the filtered activity: CSV that no spreadsheet runs, JSON as it is; bounded, UTC."""

from __future__ import annotations

import io
import json
from datetime import UTC, datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv as pacsv
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.core.spreadsheets import FORMULA
from orgwarden.lake import activity as lake
from orgwarden.records import audit
from orgwarden.web import access, activity_page, acts, frame, ranges


@require_safe
@access.needs(Right.EXPORT_EVENTS)
def export(request: HttpRequest, form: str) -> HttpResponse:
    """`/activity/export.csv` and `.json` with the same query as the page."""
    if form not in ("csv", "json"):
        raise Http404("Exports are csv and json.")
    what = frame.asked(request, right=Right.EXPORT_EVENTS)
    asked = activity_page.read(request.GET, what)
    try:
        if not what.meant:
            raise Problem("No tenant is connected yet.", fix="Add one on Integrations first.")
        keys = [o.key for o in what.meant]
        with acts.open_reader(keys, asked.since, asked.until) as reader:
            table = lake.table_of(reader, asked)
    except Problem as problem:
        context = {
            "heading": "The export could not be made",
            "what": problem.what,
            "fix": problem.fix,
        }
        return render(request, "web/problem.html", context, status=503)
    audit.record(
        request.user.get_username(),
        audit.Action.EVENTS_EXPORTED,
        what.chosen.name if what.chosen else "all tenants",
        {"rows": table.num_rows, "form": form},
    )
    body = as_csv(table) if form == "csv" else as_json(table)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    response = HttpResponse(body, content_type=kind)
    name = f"activity-{ranges.stamp(asked.since)}-{ranges.stamp(asked.until)}.{form}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name.replace(":", "")}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def as_csv(table: pa.Table) -> bytes:
    """UTF-8 CSV with a header; times ISO 8601 UTC; formulas neutralised with an apostrophe."""
    columns = [_safe(_plain(column)) for column in table.columns]
    out = io.BytesIO()
    names = [n if n.isidentifier() else "column" for n in table.column_names]
    pacsv.write_csv(pa.table(dict(zip(names, columns, strict=True))), out)
    return out.getvalue()


def _plain(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if pa.types.is_timestamp(column.type):
        whole = column.cast(pa.timestamp("ms", "UTC"), safe=False)  # as fine as Salesforce's own
        return pc.strftime(whole, format="%Y-%m-%dT%H:%M:%SZ")
    return column


def _safe(column: pa.ChunkedArray) -> pa.ChunkedArray:
    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return column
    risky = pc.match_substring_regex(column, FORMULA)
    return pc.if_else(
        pc.fill_null(risky, False), pc.binary_join_element_wise("'", column, ""), column
    )


def as_json(table: pa.Table) -> bytes:
    """A list of objects; numbers as numbers, times ISO 8601 UTC, values unchanged."""
    return json.dumps(table.to_pylist(), default=_json, ensure_ascii=False).encode()


def _json(value: Any) -> str:
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    raise TypeError(f"{type(value).__name__} has no JSON form")
