"""What changes a tenant or asks for work on it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

from django.http import HttpResponse
from ninja import Router, Status
from pydantic import Field

from orgwarden.core.roles import Right
from orgwarden.web import acts
from orgwarden.web.api import shapes, tenants, watching
from orgwarden.web.api.callers import Asking
from orgwarden.web.api.operations import operation
from orgwarden.web.api.problems import Invalid
from orgwarden.web.api.shapes import NO_NUL, Given

router = Router(tags=["Managing"])


@operation(
    router, "POST", "tenants/{slug:key}/collect", Right.COLLECT, shapes.Collecting,
    status=202, refusals=(409,),
)  # fmt: skip
def collect_now(request: Asking, key: shapes.Key) -> Status[dict[str, bool]]:
    """Collect now.

    A worker is asked and the answer comes at once; a run in progress is joined.
    """
    return Status(202, {"joined": acts.collect_now(request.auth.tenant, request.auth.name)})


@operation(
    router, "POST", "tenants/{slug:key}/test", Right.TEST, shapes.Test,
    status=202, refusals=(409,),
)  # fmt: skip
def test_connectivity(
    request: Asking, key: shapes.Key, response: HttpResponse
) -> Status[dict[str, Any]]:
    """Test connectivity.

    The test is queued, or the one on its way is joined; `address` (also the header Location) is
    where to read it. A worker runs it within seconds.
    """
    test = acts.test_org(request.auth.tenant, request.auth.name)
    response.headers["Location"] = watching.address_of(test)
    return Status(202, watching.told(test))


@operation(
    router, "POST", "tenants/{slug:key}/pause", Right.EDIT_TENANTS, shapes.Tenant, refusals=(409,)
)
def pause_tenant(request: Asking, key: shapes.Key) -> dict[str, Any]:
    """Pause collecting.

    A run in progress ends after its next commit. The grant is kept alive meanwhile. Pausing what
    is paused changes nothing.
    """
    acts.pause(request.auth.tenant, request.auth.name)
    return tenants.told(request.auth.tenant)


@operation(
    router, "POST", "tenants/{slug:key}/resume", Right.EDIT_TENANTS, shapes.Tenant, refusals=(409,)
)
def resume_tenant(request: Asking, key: shapes.Key) -> dict[str, Any]:
    """Resume collecting.

    What was missed is collected first.
    """
    acts.resume(request.auth.tenant, request.auth.name)
    return tenants.told(request.auth.tenant)


class Edits(Given):
    """What to change; what is left out stays as it is."""

    name: str | None = Field(None, min_length=1, max_length=80, pattern=NO_NUL)
    features: list[shapes.Text] | None = Field(None, max_length=20)
    tiers: list[shapes.Text] | None = Field(None, max_length=20)
    backfill_days: int | None = Field(None, ge=1, le=180, strict=True)
    cadence_minutes: dict[str, Annotated[int, Field(strict=True)]] | None = Field(
        None, max_length=100, description="By source; one that is left out has its default."
    )
    keep_days: dict[str, Annotated[int, Field(strict=True)]] | None = Field(
        None, max_length=200, description="By source, `*` for all others; 0: for ever."
    )
    told_addresses: list[Annotated[str, Field(max_length=254, pattern=NO_NUL)]] | None = Field(
        None, max_length=20, description="E-mail addresses of this tenant's messages."
    )


@operation(
    # One address takes GET and PATCH, so they share a router.
    tenants.router,
    "PATCH",
    "tenants/{slug:key}",
    Right.EDIT_TENANTS,
    shapes.Tenant,
    refusals=(409,),
)
def edit_tenant(request: Asking, key: shapes.Key, asked: Edits) -> dict[str, Any]:
    """Edit a tenant.

    Needs no new consent. The sign-in way is changed on the page Reconnect, because only a new
    grant can have it.
    """
    org = request.auth.tenant
    wanted = {k: v for k, v in asked.dict().items() if v is not None}
    wanted = {k: tuple(v) if isinstance(v, list) else v for k, v in wanted.items()}
    acts.edit_org(org, request.auth.name, **(asdict(acts.settings_of(org)) | wanted))
    return tenants.told(org)


class Deletion(Given):
    name: str = Field(max_length=80, description="The tenant's name, exactly.")


@operation(
    router, "POST", "tenants/{slug:key}/delete", Right.DELETE_TENANTS, shapes.Done,
    refusals=(409,),
)  # fmt: skip
def delete_tenant(request: Asking, key: shapes.Key, asked: Deletion) -> dict[str, Any]:
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
