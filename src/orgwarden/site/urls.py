"""The addresses: all of them are the pages'."""

from __future__ import annotations

from django.urls import include, path

urlpatterns = [path("", include("orgwarden.web.urls"))]
