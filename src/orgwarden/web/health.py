"""`/health/`: whether this process can serve pages, as JSON, without signing in."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orgwarden import __version__
from orgwarden.web import access


@access.public
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 with `ok`, or 503 with the part that does not answer. Says nothing of any tenant."""
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return JsonResponse({"status": "failing", "records": "not reachable"}, status=503)
    return JsonResponse({"status": "ok", "records": "ok", "version": __version__})
