"""`/settings/tokens/`: API tokens: one's own, and everybody's for those who manage them.

A token's text is on the one page that answers its making, and nowhere else: not in an address, a
message, a session or a log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.core.scopes import RIGHTS, WORDS, Scope
from orgwarden.records import api_tokens, memberships
from orgwarden.records.models import ApiToken
from orgwarden.web import access, frame, words
from orgwarden.web.typed import whole

SPANS = (7, 30, 90, 180, 365)
DEFAULT_DAYS = 90
_STATES = {
    "active": ("circle-check", "Active"),
    "expired": ("clock", "Expired"),
    "revoked": ("ban", "Revoked"),
    "inactive": ("ban", "Its person is switched off"),
}


@dataclass(frozen=True)
class Line:
    """One token."""

    pk: int
    person: str
    name: str
    start: str
    scopes: tuple[str, ...]
    kind: str
    icon: str
    label: str
    since: datetime | None  # when the state began, where it has an end
    created_at: datetime
    created_by: str
    expires_at: datetime
    soon: bool  # ends within a week
    last_used_at: datetime | None
    last_used_from: str


@dataclass(frozen=True)
class TokensPage:
    own: tuple[Line, ...]
    others: tuple[Line, ...]
    manages: bool


@dataclass(frozen=True)
class Choice:
    value: str
    words: str
    ticked: bool
    allowed: bool  # the person has a right of it


@dataclass(frozen=True)
class NewToken:
    """The form as it was typed, and what is wrong with it."""

    scopes: tuple[Choice, ...]
    spans: tuple[tuple[int, str, bool], ...]
    name: str = ""
    problem: str = ""
    fix: str = ""
    wrong: str = ""  # the field the problem is about


@dataclass(frozen=True)
class Made:
    """A token made just now. Its text is printed once and kept nowhere."""

    name: str
    scopes: tuple[str, ...]
    expires_at: datetime
    example: str
    text: str = field(repr=False)


@require_safe
@access.needs(Right.HOLD_TOKENS)
def tokens(request: HttpRequest) -> HttpResponse:
    """The list."""
    manages = memberships.may(request.user, Right.MANAGE_TOKENS)
    rows = ApiToken.objects.select_related("person").order_by("-created_at", "-pk")
    own = _lines(rows.filter(person_id=request.user.pk))
    others = _lines(rows.exclude(person_id=request.user.pk)) if manages else ()
    page = TokensPage(own, others, manages)
    return frame.show(request, "web/tokens.html", page, title="API tokens", here="settings")


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.HOLD_TOKENS)
@access.fresh
def new(request: HttpRequest) -> HttpResponse:
    """The form, and the one page that shows a token."""
    if request.method != "POST":
        page = _form(request, [Scope.READ.value], str(DEFAULT_DAYS))
        return frame.show(
            request, "web/token_new.html", page, title="Make an API token", here="settings"
        )
    scopes, name = request.POST.getlist("scopes"), request.POST.get("name", "")[:200]
    days = request.POST.get("days", "")
    try:
        row, text = api_tokens.create(
            request.user,
            name=name,
            scopes=scopes,
            lasts=timedelta(days=whole(days) or 0),
            by=request.user.get_username(),
        )
    except Problem as error:
        page = _form(request, scopes, days, name=name, problem=error)
        title = "Make an API token"
        return frame.show(
            request, "web/token_new.html", page, title=title, here="settings", status=422
        )
    address = request.build_absolute_uri("/api/v1/tenants")
    made = Made(
        name=row.name,
        scopes=tuple(row.scopes),
        expires_at=row.expires_at,
        example=f'curl -H "Authorization: Bearer $ORGWARDEN_TOKEN" {address}',
        text=text,
    )
    response = frame.show(
        request, "web/token_made.html", made, title="API token made", here="settings"
    )
    response.headers["Cache-Control"] = "no-store"
    return response


@require_POST
@access.needs(Right.HOLD_TOKENS)
def revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Ends one of one's own tokens, or anybody's for those who manage them."""
    rows = ApiToken.objects.select_related("person").filter(pk=pk)
    if not memberships.may(request.user, Right.MANAGE_TOKENS):
        rows = rows.filter(person_id=request.user.pk)
    row = rows.first()
    if row is None:
        raise Http404("There is no such token.")
    api_tokens.revoke(row, by=request.user.get_username())
    messages.success(request, f"The token {row.name} is revoked: it opens nothing any more.")
    return redirect("tokens")


def _lines(rows: Iterable[ApiToken]) -> tuple[Line, ...]:
    """Live ones first, each as it is shown."""
    now = timezone.now()
    found = [_line(row, now) for row in rows]
    return tuple(sorted(found, key=lambda line: line.kind != "active"))


def _line(row: ApiToken, now: datetime) -> Line:
    kind = api_tokens.state_of(row, now)
    icon, label = _STATES[kind]
    return Line(
        pk=row.pk,
        person=row.person.get_username(),
        name=row.name,
        start=row.start,
        scopes=tuple(row.scopes),
        kind=kind,
        icon=icon,
        label=label,
        since={"revoked": row.revoked_at, "expired": row.expires_at}.get(kind),
        created_at=row.created_at,
        created_by=words.person(row.created_by),
        expires_at=row.expires_at,
        soon=kind == "active" and row.expires_at - now < timedelta(days=7),
        last_used_at=row.last_used_at,
        last_used_from=row.last_used_from,
    )


def _form(
    request: HttpRequest,
    scopes: list[str],
    days: str,
    *,
    name: str = "",
    problem: Problem | None = None,
) -> NewToken:
    held = access.held(request.user)
    fields = {"SCOPE": "scopes", "TOKEN_NAME": "name", "TOKEN_LASTS": "days"}
    return NewToken(
        scopes=tuple(
            Choice(s.value, WORDS[s], s in scopes, any(held.may_somewhere(r) for r in RIGHTS[s]))
            for s in Scope
        ),
        spans=tuple((n, words.count_of(n, "day"), str(n) == days) for n in SPANS),
        name=name,
        problem=problem.what if problem else "",
        fix=problem.fix if problem else "",
        wrong=fields.get(problem.code, "") if problem else "",
    )
