"""A session that speaks http where simple-salesforce, which knows nothing else, says https."""

from __future__ import annotations

from typing import Any

import requests
from requests.adapters import HTTPAdapter


class PlainHTTP(HTTPAdapter):
    def send(self, request: requests.PreparedRequest, **more: Any) -> requests.Response:  # type: ignore[override]
        assert request.url is not None
        request.url = request.url.replace("https://", "http://", 1)
        return super().send(request, **more)


def to_plain_http() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://127.0.0.1", PlainHTTP())
    return session
