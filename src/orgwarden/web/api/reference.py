"""`/settings/api/`: the API's operations as a page, from the OpenAPI document.

Rendered here and not by a viewer from elsewhere: those need scripts and styles inside the page,
which the content security policy forbids.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from orgwarden.core.scopes import WORDS, Scope
from orgwarden.web import access, frame


@dataclass(frozen=True)
class Item:
    """A parameter, or a field of a body."""

    name: str
    kind: str
    required: bool
    words: str


@dataclass(frozen=True)
class Told:
    """One operation."""

    id: str
    method: str
    path: str
    summary: str
    description: str
    scope: str
    parameters: tuple[Item, ...]
    body: tuple[Item, ...]
    answer: str
    refusals: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Reference:
    groups: tuple[tuple[str, tuple[Told, ...]], ...]
    scopes: tuple[tuple[str, str], ...]
    example: str


@require_safe
@access.signed_in
def reference(request: HttpRequest) -> HttpResponse:
    """The page."""
    from orgwarden.web.api import application

    address = request.build_absolute_uri("/api/v1/tenants")
    page = Reference(
        groups=groups_of(application.document()),
        scopes=tuple((s.value, WORDS[s]) for s in Scope),
        example=f'curl -H "Authorization: Bearer $ORGWARDEN_TOKEN" {address}',
    )
    return frame.show(
        request,
        "web/api_reference.html",
        page,
        title="API reference",
        here="settings",
    )


def groups_of(document: dict[str, Any]) -> tuple[tuple[str, tuple[Told, ...]], ...]:
    """The operations by what they are about, in the document's order."""
    found: dict[str, list[Told]] = {}
    for path, methods in document["paths"].items():
        for method, told in methods.items():
            found.setdefault(told["tags"][0], []).append(_told(document, path, method, told))
    return tuple((tag, tuple(group)) for tag, group in found.items())


def _told(document: dict[str, Any], path: str, method: str, told: dict[str, Any]) -> Told:
    body: tuple[Item, ...] = ()
    if "requestBody" in told:
        schema = _resolved(document, told["requestBody"]["content"]["application/json"]["schema"])
        required = schema.get("required", [])
        body = tuple(
            Item(name, kind_of(field), name in required, field.get("description", ""))
            for name, field in schema["properties"].items()
        )
    answers = {int(status): answer for status, answer in told["responses"].items()}
    success = next(status for status in answers if status < 400)
    content = answers[success].get("content", {})
    shape = kind_of(content["application/json"]["schema"]) if content else "nothing"
    return Told(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        description=told.get("description", "").removeprefix(f"{told['summary']}.").strip(),
        scope=told["x-scope"],
        parameters=tuple(
            Item(p["name"], kind_of(p["schema"]), p["required"], p.get("description", ""))
            for p in told["parameters"]
        ),
        body=body,
        answer=f"{success}: {shape}",
        refusals=tuple((str(s), a["description"]) for s, a in answers.items() if s >= 400),
    )


def _resolved(document: dict[str, Any], schema: dict[str, Any]) -> dict[str, Any]:
    name = schema.get("$ref", "").rsplit("/", 1)[-1]
    found: dict[str, Any] = document["components"]["schemas"][name] if name else schema
    return found


def kind_of(schema: dict[str, Any]) -> str:
    """A schema in a word or two: `text`, `whole number`, `list of Tenant`."""
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[-1]
        return f"a page of {name[5:-1]}" if name.startswith("Page_") else str(name)
    if "anyOf" in schema:
        kinds = [kind_of(s) for s in schema["anyOf"] if s.get("type") != "null"]
        return " or ".join(kinds)
    if schema.get("type") == "array":
        return f"list of {kind_of(schema['items'])}"
    if "enum" in schema:
        return "one of " + ", ".join(str(v) for v in schema["enum"])
    names = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    return names.get(schema.get("type", ""), str(schema.get("type", "anything")))
