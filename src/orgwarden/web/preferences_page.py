"""`/settings/collecting/`: what counts as excessive here, and how long a grant may idle."""

from __future__ import annotations

from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orgwarden.core.problems import Problem
from orgwarden.core.roles import Right
from orgwarden.records import preferences
from orgwarden.web import access, frame


@dataclass(frozen=True)
class Field:
    key: str
    title: str
    means: str
    value: str
    usual: int
    unit: str
    wrong: str


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.MANAGE_SETTINGS)
def preferences_page(request: HttpRequest) -> HttpResponse:
    """The form; saving stores what changed and fits, and says what does not."""
    wrong: dict[str, str] = {}
    typed: dict[str, str] = {}
    if request.method == "POST":
        for one in preferences.PREFERENCES:
            text = typed[one.key] = request.POST.get(one.key, "").strip()
            if not (text.isascii() and text.isdigit() and len(text) < 9):
                wrong[one.key] = f"Give a whole number from {one.least} to {one.most}."
            elif int(text) != preferences.value(one):
                try:
                    preferences.put(one, int(text), actor=request.user.get_username())
                except Problem as problem:
                    wrong[one.key] = problem.sentence()
        if not wrong:
            messages.success(request, "The settings are saved.")
            return redirect("preferences")
    fields = tuple(
        Field(
            p.key,
            p.title,
            p.means,
            typed.get(p.key, str(preferences.value(p))),
            p.default,
            p.unit,
            wrong.get(p.key, ""),
        )
        for p in preferences.PREFERENCES
    )
    return frame.show(
        request,
        "web/preferences.html",
        fields,
        title="Collecting",
        here="settings",
        what=frame.asked(request),
        with_range=False,
        status=422 if wrong else 200,
    )
