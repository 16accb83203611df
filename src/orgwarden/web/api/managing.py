"""What changes a tenant or asks for work on it."""

from __future__ import annotations

from typing import Any

from ninja import Router, Status
from pydantic import Field

from orgwarden.core.roles import Right
from orgwarden.web import acts
from orgwarden.web.api import shapes
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation
from orgwarden.web.api.problems import Invalid
from orgwarden.web.api.shapes import Given

router = Router(tags=["Managing"])


@operation(
    router, "POST", "tenants/{slug:key}/collect", Right.COLLECT, shapes.Collecting,
    status=202, refusals=(409,),
)  # fmt: skip
def collect_now(request: Asking, key: str) -> Status[dict[str, bool]]:
    """Collect now.

    A worker is asked and the answer comes at once; a run in progress is joined.
    """
    return Status(202, {"joined": acts.collect_now(request.auth.tenant, request.auth.name)})


class Deletion(Given):
    name: str = Field(max_length=80, description="The tenant's name, exactly.")


@operation(
    router, "POST", "tenants/{slug:key}/delete", Right.DELETE_TENANTS, shapes.Done,
    refusals=(409,),
)  # fmt: skip
def delete_tenant(request: Asking, key: str, asked: Deletion) -> dict[str, Any]:
    """Delete a tenant with everything collected from it.

    Revokes our grant at Salesforce. It cannot be undone, so the tenant's name has to be sent.
    """
    org = request.auth.tenant
    if asked.name != org.name:
        raise Invalid(
            "The name does not match; nothing was deleted.",
            fix="Send the tenant's name exactly as GET shows it.",
            code="NAME",
        )
    return {"done": acts.delete_org(org, request.auth.name)}
