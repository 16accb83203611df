"""One REST call after its session was found: what every resource is handed."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from orgsim.oauth.sessions import Session
from orgsim.soql.scope import Asker
from orgsim.wire import ApiError, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer


@dataclass
class Call:
    server: OrgServer
    request: Request
    session: Session
    version: str
    api: str = "data"

    @cached_property
    def asker(self) -> Asker:
        return self.server.asker(self.session, self.version, api=self.api)

    @property
    def root(self) -> str:
        """The path of this API at this version."""
        tooling = "/tooling" if self.api == "tooling" else ""
        return f"/services/data/v{self.version}{tooling}"

    def of(self, api: str) -> Call:
        return replace(self, api=api)

    def asked(self, request: Request) -> Call:
        """The same caller asking something else, as composite calls do."""
        return replace(self, request=request)

    def need(self, permission: str) -> None:
        if permission not in self.asker.permissions:
            raise ApiError(
                403,
                "INSUFFICIENT_ACCESS",
                "You don't have permission to perform this operation",
            )
