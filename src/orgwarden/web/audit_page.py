"""`/audit/`: who did what to what, allowed or refused; filtered, page by page, and as a file."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.views.decorators.http import require_safe

from orgwarden.core.roles import Right
from orgwarden.records import audit
from orgwarden.records.audit_reading import Asked, as_csv, as_json, entries
from orgwarden.records.models import AuditEntry
from orgwarden.web import access, frame, ranges, words
from orgwarden.web.typed import ID, whole

A_PAGE = 100
_REFUSED = (":denied", ":failed", "-failed")


@dataclass(frozen=True)
class Line:
    """One entry, spelled."""

    id: int
    at: datetime
    actor: str
    action: str
    what: str  # the action in words
    refused: bool
    subject: str
    before: tuple[str, ...]
    after: tuple[str, ...]
    more: tuple[str, ...]  # the rest of the detail
    digest: str


@dataclass(frozen=True)
class AuditPage:
    lines: tuple[Line, ...]
    actor: str
    action: str
    text: str
    actions: tuple[tuple[str, str], ...]
    older: str
    newest: str
    csv: str
    json: str
    tip: audit.Tip | None
    filtered: bool


@require_safe
@access.needs(Right.READ_AUDIT)
def page(request: HttpRequest) -> HttpResponse:
    """The newest first."""
    what = frame.asked(request)
    asked = _asked(request, what.range)
    found = entries(asked).order_by("-id")
    after = whole(request.GET.get("after", ""), ID)
    if after is not None:
        found = found.filter(pk__lt=after)
    rows = list(found[: A_PAGE + 1])
    kept = {"actor": asked.actor, "action": asked.action, "text": asked.text} | what.range.query()
    here = reverse("audit")
    shown = AuditPage(
        lines=tuple(_line(row) for row in rows[:A_PAGE]),
        actor=asked.actor,
        action=asked.action,
        text=asked.text,
        actions=tuple((a.value, words.deed(a.value)) for a in audit.Action),
        older=frame.address(here, kept, {"after": str(rows[A_PAGE - 1].pk)})
        if len(rows) > A_PAGE
        else "",
        newest=frame.address(here, kept) if after is not None else "",
        csv=frame.address(reverse("audit-export", args=["csv"]), kept),
        json=frame.address(reverse("audit-export", args=["json"]), kept),
        tip=audit.tip(),
        filtered=bool(asked.actor or asked.action or asked.text),
    )
    return frame.show(request, "web/audit.html", shown, title="Audit", here="audit", what=what)


@require_safe
@access.needs(Right.READ_AUDIT)
def export(request: HttpRequest, form: str) -> HttpResponseBase:
    """The same filter as a file, oldest first, with the digests that `orgwarden audit verify`
    checks."""
    if form not in ("csv", "json"):
        raise Http404("Exports are csv and json.")
    asked = _asked(request, frame.asked(request).range)
    found = entries(asked)
    told = {"form": form, "rows": found.count()}
    audit.record(request.user.get_username(), audit.Action.AUDIT_EXPORTED, "audit chain", told)
    kind = "text/csv; charset=utf-8" if form == "csv" else "application/json"
    pieces = as_csv(found) if form == "csv" else as_json(found)
    response = StreamingHttpResponse(pieces, content_type=kind)
    response.headers["Content-Disposition"] = f'attachment; filename="audit.{form}"'
    response.headers["Cache-Control"] = "private, no-store"
    return response


def _asked(request: HttpRequest, span: ranges.Range) -> Asked:
    def typed(name: str) -> str:
        return request.GET.get(name, "").replace("\x00", "")[:255].strip()

    return Asked(typed("actor"), typed("action"), typed("text"), span.since, span.until)


def _line(row: AuditEntry) -> Line:
    detail: dict[str, Any] = dict(row.detail) if isinstance(row.detail, dict) else {}
    before, after = detail.pop("before", None), detail.pop("after", None)
    return Line(
        id=row.pk,
        at=row.at,
        actor=row.actor,
        action=row.action,
        what=words.deed(row.action),
        refused=row.action.endswith(_REFUSED),
        subject=words.visible(row.subject),
        before=_items(before),
        after=_items(after),
        more=_items(detail),
        digest=row.digest,
    )


def _items(value: Any) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, dict):
        return tuple(
            f"{k.replace('_', ' ')}: {words.recorded(v)}" for k, v in sorted(value.items())
        )
    return tuple(str(v) for v in value) if isinstance(value, list) else (str(value),)
