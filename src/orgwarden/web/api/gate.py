"""Where `/api/v1/…` enters: the API is built at the first request and not before, because what it
is made of takes a third of a second to load and no page needs it."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from orgwarden.web import access


@csrf_exempt  # nothing here looks at a cookie, so there is no request to forge
@access.public  # each operation asks for a token and its own right: web.api.callers
def gate(request: HttpRequest, rest: str) -> HttpResponse:
    """Any address below `/api/v1/`."""
    from orgwarden.web.api import application

    return application.answer(request, rest)
