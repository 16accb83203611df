"""Who asks, and whether they may: checked before anything else of a request is read.

1. A whole, known, live token in the header `Authorization: Bearer …`, or 401.
2. The token's scopes name the operation's right, or 403.
3. The tenant in the address is one the person may see, or 404, as if it were not there.
4. The person has the right: for that tenant, for some tenant, or for the whole installation; or
   403 and an entry in the audit chain.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest
from ninja.security import HttpBearer

from orgwarden.core.problems import NotAllowed, NotThere
from orgwarden.core.roles import INSTALLATION, Right
from orgwarden.core.scopes import scope_of
from orgwarden.records import api_tokens, audit
from orgwarden.records.api_tokens import BadToken, Bearer
from orgwarden.records.models import Org
from orgwarden.web import access
from orgwarden.web.api.problems import Invalid


@dataclass(frozen=True)
class Caller:
    """Who asks. `org` is the address's tenant, where it names one."""

    bearer: Bearer
    right: Right
    org: Org | None = None

    @property
    def name(self) -> str:
        """For flows and the audit chain."""
        return self.bearer.name

    @property
    def tenant(self) -> Org:
        """The address's tenant; only in operations whose address names one."""
        assert self.org is not None
        return self.org

    def orgs(self) -> list[Org]:
        """The tenants for which the operation's right is given, by name."""
        return self.bearer.orgs(self.right)


class Asking(HttpRequest):
    """A request after `ApiToken` let it pass: `auth` says who asks."""

    auth: Caller
    api_path: dict[str, str]  # what the address named


class ApiToken(HttpBearer):
    """Lets a request pass to one operation."""

    def __init__(self, right: Right, parameters: frozenset[str]) -> None:
        super().__init__()
        self.right, self.parameters = right, parameters

    def __call__(self, request: HttpRequest) -> Caller:
        scheme, _, text = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not text.strip():
            raise BadToken(
                "No API token came with the request.",
                fix="Send one in the header Authorization: Bearer ow_…",
                code="TOKEN_MISSING",
            )
        return self.authenticate(request, text.strip())

    def authenticate(self, request: HttpRequest, token: str) -> Caller:
        bearer = api_tokens.bearer_of(token, address=access.address_of(request))
        audit.acts_by(bearer.via)
        if self.right not in bearer.rights:
            raise NotAllowed(
                f"This API token has no scope {scope_of(self.right)}.",
                fix=f"Use one that has it; this one has {', '.join(bearer.row.scopes)}.",
                code="SCOPE",
            )
        key = getattr(request, "api_path", {}).get("key")
        org = None
        if key is not None:
            org = Org.objects.filter(key=key).first()
            if org is None or not bearer.held.may(Right.SEE_TENANTS, org):
                raise NotThere(
                    "There is no such tenant.", fix="GET /api/v1/tenants lists yours.",
                    code="NO_TENANT",
                )  # fmt: skip
        if not self._allowed(bearer, org):
            asked = {"method": request.method, "right": self.right.value}
            audit.record(bearer.name, audit.Action.ACCESS_DENIED, request.path, asked)
            raise NotAllowed(
                "None of your roles allows this.",
                fix="Ask an administrator for a role that does.",
                code="ROLE",
            )
        if unknown := sorted(set(request.GET) - self.parameters):
            known = ", ".join(sorted(self.parameters)) or "none"
            raise Invalid(
                f"There is no parameter {unknown[0][:80]!r} here.",
                fix=f"It takes: {known}.",
                code="PARAMETER",
            )
        return Caller(bearer, self.right, org)

    def _allowed(self, bearer: Bearer, org: Org | None) -> bool:
        if org is not None or self.right in INSTALLATION:
            return bearer.may(self.right, org)
        return bearer.may_somewhere(self.right)
