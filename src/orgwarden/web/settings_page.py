"""`/settings/`: the way to everything that is set on a page."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.views.decorators.http import require_safe

from orgwarden.core.roles import Right
from orgwarden.web import access, frame

# Address name, title, icon, words, the right it needs (None: everybody signed in).
_PLACES: tuple[tuple[str, str, str, str, Right | None], ...] = (
    ("account", "Your account", "user", "Password, second factor, your roles.", None),
    (
        "people",
        "People and roles",
        "users",
        "Who may use this installation, and what they may do.",
        Right.MANAGE_PEOPLE,
    ),
    (
        "tokens",
        "API tokens",
        "key",
        "Tokens by which programs act for a person.",
        Right.HOLD_TOKENS,
    ),
    (
        "notifications",
        "Notifications",
        "bell",
        "Where messages go, and which.",
        Right.MANAGE_SETTINGS,
    ),
    (
        "preferences",
        "Collecting",
        "adjustments",
        "When a last sync is excessive, and how long a grant may idle.",
        Right.MANAGE_SETTINGS,
    ),
    ("audit", "Audit trail", "list-details", "Who did what, allowed or refused.", Right.READ_AUDIT),
)


@dataclass(frozen=True)
class Place:
    title: str
    icon: str
    words: str
    href: str


@require_safe
@access.signed_in
def settings(request: HttpRequest) -> HttpResponse:
    """Only the places this person may go to."""
    person = access.held(request.user)
    places = []
    for name, title, icon, words, right in _PLACES:
        if right is None or person.may_somewhere(right):
            places.append(Place(title, icon, words, reverse(name)))
    return frame.show(
        request, "web/settings.html", tuple(places), title="Settings", here="settings"
    )
