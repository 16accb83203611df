"""Support bundles: a file to look at, then to send to whoever was asked for help."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.text import slugify
from django.views.decorators.http import require_safe

from orgwarden.core.roles import Right
from orgwarden.records.models import Org
from orgwarden.web import access, acts


@require_safe
@access.needs(Right.EDIT_TENANTS)
def bundle(request: HttpRequest, key: str) -> HttpResponse:
    """`/orgs/<key>/support-bundle/`: the tenant's, as a zip file."""
    org = get_object_or_404(Org, key=key)
    body = acts.support_bundle(org, request.user.get_username())
    name = slugify(org.name)[:40] or org.key
    return HttpResponse(
        body,
        content_type="application/zip",
        headers={"Content-Disposition": f'attachment; filename="orgwarden-support-{name}.zip"'},
    )
