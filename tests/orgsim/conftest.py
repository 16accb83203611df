"""Fixtures of the emulator's tests: a fresh small org, served, and people who call it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
import requests

from orgsim.server import OrgServer
from tests.orgsim import standin


class Caller:
    """A user of the org with a session; `get` and `post` take paths after the version."""

    def __init__(self, server: OrgServer, username: str, version: str = "62.0") -> None:
        self.url = server.base_url
        self.http = requests.Session()
        self.http.trust_env = False
        answer = self.http.get(f"{self.url}/_sim/token", params={"user": username}, timeout=10)
        self.token = answer.json()["access_token"]
        self.http.headers["Authorization"] = f"Bearer {self.token}"
        self.version = version

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        if not path.startswith("/"):
            path = f"/services/data/v{self.version}/{path}"
        return self.http.request(method, self.url + path, timeout=20, **more)

    def get(self, path: str, **more: Any) -> requests.Response:
        return self.call("GET", path, **more)

    def post(self, path: str, json: Any, **more: Any) -> requests.Response:
        return self.call("POST", path, json=json, **more)

    def soql(self, text: str, resource: str = "query") -> Any:
        return self.get(resource, params={"q": text}).json()

    def rows(self, text: str) -> list[Any]:
        answer = self.soql(text)
        assert isinstance(answer, dict), answer
        records: list[Any] = answer["records"]
        return records


@pytest.fixture
def server() -> Iterator[OrgServer]:
    org = standin.make_org(speed=0)
    with standin.serving(org) as one:
        yield one


@pytest.fixture
def caller(server: OrgServer) -> Callable[[str], Caller]:
    return lambda name: Caller(server, f"{name}@example.org")


@pytest.fixture
def anna(server: OrgServer) -> Caller:
    """An administrator."""
    return Caller(server, "anna@example.org")


@pytest.fixture
def bert(server: OrgServer) -> Caller:
    """Somebody who may use the API and nothing else."""
    return Caller(server, "bert@example.org")
