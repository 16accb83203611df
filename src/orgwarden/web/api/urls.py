"""The addresses of the API and of its pages."""

from __future__ import annotations

from django.urls import path, re_path

from orgwarden.web import tokens_page
from orgwarden.web.api import gate, reference

urlpatterns = [
    path("settings/tokens/", tokens_page.tokens, name="tokens"),
    path("settings/tokens/new/", tokens_page.new, name="token-new"),
    path("settings/tokens/<int:pk>/revoke/", tokens_page.revoke, name="token-revoke"),
    path("settings/api/", reference.reference, name="api-reference"),
    # Any text, line ends included: what follows is the API's to refuse, not a page's.
    re_path(r"^api/v1/(?P<rest>[\s\S]*)$", gate.gate, name="api"),
]
