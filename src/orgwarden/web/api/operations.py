"""How an operation is declared: its method, address, right, answer, and the refusals it may give.

    @operation(router, "GET", "/tenants", Right.SEE_TENANTS, list[Tenant])

Everything a caller must know follows from that and goes into the OpenAPI document: the scope a
token needs (`x-scope`), the right (`x-right`), every status with its content type.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, get_type_hints

from ninja import Router

from orgwarden.core.roles import Right
from orgwarden.core.scopes import scope_of
from orgwarden.web.api.callers import ApiToken
from orgwarden.web.api.shapes import ProblemDocument

View = Callable[..., Any]
ALWAYS = (401, 403, 422, 503)


def operation(
    router: Router,
    method: str,
    path: str,
    right: Right,
    answer: Any,
    *,
    status: int = 200,
    refusals: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Register the decorated function. Its name is the operation's id, its docstring the summary
    and, after an empty line, the description. `refusals` besides those that every operation has,
    those of a tenant's address (404) and of a body (400, 413)."""
    codes = {*ALWAYS, *refusals}
    if "{" in path:
        codes.add(404)

    def decorate(view: View) -> View:
        summary, _, rest = (view.__doc__ or "").strip().partition("\n\n")
        router.api_operation(
            [method],
            path,
            auth=ApiToken(right, _parameters(view) if method == "GET" else frozenset()),
            response={status: answer, **dict.fromkeys(sorted(codes), ProblemDocument)},
            operation_id=view.__name__,
            summary=" ".join(summary.split()).removesuffix("."),
            description=" ".join(rest.split()),
            openapi_extra={"x-right": right.value, "x-scope": scope_of(right).value},
            url_name=view.__name__,
            by_alias=True,
        )(view)
        return view

    return decorate


def _parameters(view: View) -> frozenset[str]:
    """The names of the query's parameters: those of the shape called `asked`."""
    shape = get_type_hints(view).get("asked")
    fields = getattr(shape, "model_fields", {})
    return frozenset(field.alias or name for name, field in fields.items())
