"""The limits of a tenant's API calls: what each means, and the form that changes them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from orgwarden.core.budget import Rules
from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records.models import Org
from orgwarden.web import access, acts, frame
from orgwarden.web.typed import whole

# Field, label, what it means.
LIMITS = (
    ("floor", "Per cent never taken",
     "The last calls of the org's day stay free for everybody else, whatever happens. 0 switches"
     " this off: collecting may then use the org's last call."),
    ("stop", "Per cent at which collecting stops",
     "When all apps together have used so much, nothing is collected until the next UTC day, but"
     " for the protected lane. 100 switches this off."),
    ("resume", "Per cent below which it resumes",
     "Collecting goes on when the use of the last 24 hours is below this, not before the next UTC"
     " day."),
    ("own", "Per cent that Orgwarden takes at most",
     "Our own calls of the last 24 hours. 100 switches this off."),
    ("protected_calls", "Calls a day for the protected lane",
     "While collecting is stopped, so many calls keep sign-ins, tokens, job lists and log files"
     " that are about to expire in sight, because whoever burns the calls must not blind you. They"
     " are shared out over the day. 0: nothing is collected while stopped; approved changes are"
     " still made."),
)  # fmt: skip


@dataclass(frozen=True)
class Limit:
    id: str
    label: str
    words: str
    typed: str
    usual: str
    wrong: str


@dataclass(frozen=True)
class LimitsPage:
    name: str
    back: str
    limits: tuple[Limit, ...]
    only_own: bool
    errors: Mapping[str, str] = field(default_factory=dict)


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.EDIT_TENANTS)
def limits(request: HttpRequest, key: str) -> HttpResponse:
    """`/orgs/<key>/budget/`."""
    org = get_object_or_404(Org, key=key)
    if request.method != "POST":
        now = asdict(Rules.of(org.budget))
        return _form(request, org, {n: str(v) for n, v in now.items()}, now["only_own"])
    typed = {name: request.POST.get(name, "").strip() for name, *_ in LIMITS}
    only_own = request.POST.get("counts") == "own"
    numbers = {name: number for name, text in typed.items() if (number := whole(text)) is not None}
    errors = dict.fromkeys(typed.keys() - numbers.keys(), "Give a whole number.")
    if not errors:
        wanted = Rules(**numbers, only_own=only_own)
        errors = wanted.wrong()
        if not errors:
            return _saved(request, org, wanted)
    return _form(request, org, typed, only_own, errors)


def _saved(request: HttpRequest, org: Org, wanted: Rules) -> HttpResponse:
    back = f"{reverse('org', args=[org.key])}#budget-title"
    try:
        changed = acts.set_budget(org, request.user.get_username(), wanted)
    except Problem as problem:
        messages.error(request, problem.sentence())
        return redirect(back)
    messages.success(request, "The limits are saved." if changed else "Nothing was changed.")
    return redirect(back)


def _form(
    request: HttpRequest,
    org: Org,
    typed: Mapping[str, str],
    only_own: bool,
    errors: Mapping[str, str] | None = None,
) -> HttpResponse:
    usual, errors = asdict(Rules()), errors or {}
    page = LimitsPage(
        name=org.name,
        back=reverse("org", args=[org.key]),
        limits=tuple(
            Limit(name, label, told, typed.get(name, ""), str(usual[name]), errors.get(name, ""))
            for name, label, told in LIMITS
        ),
        only_own=only_own,
        errors=errors,
    )
    return frame.show(
        request,
        "web/limits.html",
        page,
        title=f"Limits of {org.name}",
        here="integrations",
        status=422 if errors else 200,
    )
