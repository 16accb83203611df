"""Refusals as problem documents (RFC 9457): what happened, what to do, a code to search for."""

from __future__ import annotations

import logging
import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import RequestDataTooBig
from django.db import DatabaseError
from django.http import HttpResponse, JsonResponse
from ninja.errors import HttpError, ValidationError

from orgwarden.core.problems import NotAllowed, NotThere, Problem, TryLater
from orgwarden.lake.sql_check import Refused
from orgwarden.records.api_tokens import BadToken
from orgwarden.web import words

log = logging.getLogger(__name__)

KIND = "application/problem+json"
TITLES = {
    400: "Not readable",
    401: "No valid API token",
    403: "Not allowed",
    404: "Not found",
    405: "No such method here",
    409: "Not possible as things stand",
    413: "Too large",
    422: "Not valid",
    500: "Error",
    503: "Try later",
}


def answer(
    status: int,
    detail: str,
    *,
    fix: str = "",
    code: str = "",
    errors: list[dict[str, str]] | None = None,
    headers: Mapping[str, str] | None = None,
) -> HttpResponse:
    """A problem document."""
    told: dict[str, Any] = {
        "type": "about:blank",
        "title": TITLES[status],
        "status": status,
        "detail": words.sentence(detail),
        "fix": words.sentence(fix),
        "code": code or TITLES[status].upper().replace(" ", "_"),
    }
    if errors is not None:
        told["errors"] = errors
    response = JsonResponse(told, status=status, content_type=KIND)
    for name, value in (headers or {}).items():
        response.headers[name] = value
    if status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="orgwarden"'
    response.headers["Cache-Control"] = "no-store"
    return response


def of_exception(error: Exception) -> HttpResponse:
    """What an operation raised, as a problem document. What nobody understood is a 500 whose
    details are in the log and nowhere else."""
    match error:
        case Problem():
            return _of_problem(error)
        case ValidationError():
            return _of_fields(error)
        case RequestDataTooBig():
            return answer(413, "The request is too large.", fix="Send less at once.")
        case HttpError():  # ninja could not read the body
            fix = "Send JSON in UTF-8 with Content-Type: application/json."
            return answer(400, "The body could not be read.", fix=fix)
        case DatabaseError():
            log.exception("the records cannot be asked")
            fix = "Try again in a minute."
            return answer(
                503, "The records cannot be asked now.", fix=fix, headers={"Retry-After": "60"}
            )
    log.error("an API request failed", exc_info=error)
    return answer(
        500,
        "Orgwarden met an error it does not know.",
        fix="Nothing that was collected is lost. Please report it with the log of this minute.",
        code="UNEXPECTED",
    )


def _of_problem(problem: Problem) -> HttpResponse:
    headers = {}
    errors = None
    match problem:
        case BadToken():
            status = 401
        case TryLater():
            status = 503
            seconds = problem.after.total_seconds() if problem.after else 60.0
            headers["Retry-After"] = str(max(1, math.ceil(seconds)))
        case NotAllowed():
            status = 403
        case NotThere():
            status = 404
        case Refused() | Invalid():
            status = 422
        case _ if field := getattr(problem, "field", ""):  # a setting that does not fit
            status = 422
            errors = [{"field": str(field), "detail": words.sentence(problem.what)}]
        case _:
            status = 409
    told = {"fix": problem.fix, "code": problem.code}
    return answer(status, problem.what, errors=errors, headers=headers, **told)


class Invalid(Problem):
    """What was sent cannot be what was meant."""


def _of_fields(error: ValidationError) -> HttpResponse:
    errors = [
        {
            "field": ".".join(str(part) for part in e.get("loc", ()))[:200],
            "detail": words.sentence(str(e.get("msg", ""))[:300]),
        }
        for e in error.errors[:50]
    ]
    named = ", ".join(dict.fromkeys(e["field"] for e in errors[:5]))
    return answer(
        422,
        f"What was sent is not valid: {named}.",
        fix="Look at errors, and at /api/v1/openapi.json for what is expected.",
        code="INVALID",
        errors=errors,
    )
