"""What both of New Relic's ways of reading have in common."""

from __future__ import annotations

import json

import requests


def session_with(token: str) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.headers["Authorization"] = f"Bearer {token}"
    return session


def tell(rows: int, seconds: float) -> None:
    changed = "its way of reading written anew (its code is not on PyPI); nothing is sent on"
    print(json.dumps({"rows": rows, "seconds": seconds, "changed": changed}))
