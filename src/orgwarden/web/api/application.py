"""The API put together: its routers, its refusals, its OpenAPI document."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.urls import Resolver404, URLResolver
from django.urls.resolvers import RegexPattern
from ninja import NinjaAPI

from orgwarden import __version__
from orgwarden.core.scopes import WORDS, Scope
from orgwarden.records import audit
from orgwarden.web.api import (
    apps,
    catalogue,
    events,
    installation,
    managing,
    problems,
    tenants,
    watching,
)

PREFIX = "/api/v1/"
DOCUMENT = "openapi.json"
_ABOUT = """\
What the pages of Orgwarden can do with connections, for scripts.

Send an API token in the header `Authorization: Bearer ow_…`; make one under Settings, API tokens,
or with `orgwarden token create`. A token can do what its scopes name and its person may do at that
moment. Times are ISO 8601 in UTC. Lists come in pages: ask again with `cursor` set to `next`.
Refusals are problem documents (RFC 9457) with the fix."""


class Api(NinjaAPI):
    """NinjaAPI whose refusals are problem documents."""

    def on_exception(self, request: HttpRequest, exc: Any) -> HttpResponse:
        return problems.of_exception(exc)


@lru_cache(maxsize=1)
def api() -> Api:
    """The API; made once in a process."""
    made = Api(
        title="Orgwarden",
        version=__version__,
        description=_ABOUT,
        docs_url=None,
        openapi_url=None,
        urls_namespace="api-v1",
    )
    for part in (tenants, managing, watching, apps, events, catalogue, installation):
        made.add_router("", part.router)
    return made


@lru_cache(maxsize=1)
def _addresses() -> URLResolver:
    return URLResolver(RegexPattern(r""), api().urls[0])


@lru_cache(maxsize=1)
def document() -> dict[str, Any]:
    """The OpenAPI document."""
    made: dict[str, Any] = dict(api().get_openapi_schema(path_prefix=PREFIX))
    made["servers"] = []
    for path in made["paths"].values():
        for told in path.values():
            _complete(told)
    for scheme in made["components"]["securitySchemes"].values():
        scheme["description"] = "An API token. Scopes: " + "; ".join(
            f"`{scope}`: {WORDS[scope]}" for scope in Scope
        )
    return made


def _complete(told: dict[str, Any]) -> None:
    """Puts into one operation what ninja does not know: that refusals are problem documents, and
    which of them a body brings with it."""
    responses = told["responses"]
    problem = responses[401]["content"]["application/json"]
    for status in (400, 413) if "requestBody" in told else ():
        responses[status] = {}
    for status, response in responses.items():
        if status >= 400:
            response["content"] = {problems.KIND: problem}
            response["description"] = problems.TITLES[status]
    told["responses"] = {str(k): responses[k] for k in sorted(responses)}


def answer(request: HttpRequest, rest: str) -> HttpResponse:
    """The answer to a request for `/api/v1/<rest>`."""
    if rest == DOCUMENT:
        return _document(request)
    try:
        if not rest:  # where ninja has a page of its own
            raise Resolver404
        match = _addresses().resolve(rest)
    except Resolver404:
        fix = f"GET {PREFIX}{DOCUMENT} lists the operations."
        return problems.answer(404, "The API has no such address.", fix=fix, code="NO_OPERATION")
    request.api_path = match.kwargs  # type: ignore[attr-defined]  # for callers.ApiToken
    with audit.via(""):
        response: HttpResponse = match.func(request, *match.args, **match.kwargs)
    if response.status_code == 405:
        return _no_method(response.headers["Allow"])
    response.headers.setdefault("Cache-Control", "private, no-store")
    return response


def _document(request: HttpRequest) -> HttpResponse:
    if request.method not in ("GET", "HEAD"):
        return _no_method("GET, HEAD")
    return JsonResponse(document())


def _no_method(allowed: str) -> HttpResponse:
    fix = f"Use {allowed}."
    headers = {"Allow": allowed}
    return problems.answer(405, "This address does not take that.", fix=fix, headers=headers)
