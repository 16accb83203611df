"""`/health/`: how this installation stands, as JSON, without signing in and without a name."""

from __future__ import annotations

from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from orgwarden import __version__
from orgwarden.web import access
from orgwarden.web.condition import FAILING, condition


@access.public
@never_cache
@require_safe
def health(request: HttpRequest) -> JsonResponse:
    """200 with `ok` or `degraded`, 503 with `failing`; the checks say which part. With
    `?part=pages` only whether this process can serve pages, for load balancers."""
    try:
        if request.GET.get("part") == "pages":
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1")
            return JsonResponse({"status": "ok", "records": "ok", "version": __version__})
        found = condition(timezone.now())
    except DatabaseError:
        return JsonResponse({"status": "failing", "records": "not reachable"}, status=503)
    told = {"status": found.status, **found.checks, "version": __version__}
    return JsonResponse(told, status=503 if found.status == FAILING else 200)
