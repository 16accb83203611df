"""Settings that are whole numbers, as fields of a form; and `/settings/collecting/`, where those
about collecting are set. Those about messages stand on the page of notifications."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.views.decorators.http import require_http_methods

from orgwarden.core.roles import Right
from orgwarden.records import preferences
from orgwarden.records.preferences import Preference
from orgwarden.web import access, frame
from orgwarden.web.typed import whole

COLLECTING = (preferences.EXCESSIVE_SYNC, preferences.GRANT_IDLE_DAYS)


@dataclass(frozen=True)
class Field:
    """One setting as the form shows it. `wrong` says what was wrong with what was typed."""

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
    """The form about collecting."""
    wrong = keep(request, COLLECTING) if request.method == "POST" else {}
    if request.method == "POST" and not wrong:
        messages.success(request, "The settings are saved.")
        return redirect("preferences")
    return frame.show(
        request,
        "web/preferences.html",
        fields(COLLECTING, request.POST, wrong),
        title="Collecting",
        here="settings",
        status=422 if wrong else 200,
    )


def keep(request: HttpRequest, asked: Sequence[Preference]) -> dict[str, str]:
    """Stores what changed and fits; says of each that does not what is wanted."""
    wrong = {}
    for one in asked:
        number = whole(request.POST.get(one.key, ""))
        if number is None or not one.least <= number <= one.most:
            wrong[one.key] = f"Give a whole number from {one.least:,} to {one.most:,}."
        elif number != preferences.value(one):
            preferences.put(one, number, actor=request.user.get_username())
    return wrong


def fields(
    asked: Sequence[Preference], typed: Mapping[str, str], wrong: Mapping[str, str]
) -> tuple[Field, ...]:
    """The form's fields, with what was typed where it came back."""
    return tuple(
        Field(
            p.key,
            p.title,
            p.means,
            typed.get(p.key, str(preferences.value(p))),
            p.default,
            p.unit,
            wrong.get(p.key, ""),
        )
        for p in asked
    )
