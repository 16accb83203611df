"""A heartbeat: a call that says nothing but that we live, so that its absence is noticed."""

from __future__ import annotations

from orgwarden.notify.address import WebAddress
from orgwarden.notify.http import call

METHODS = ("GET", "POST")


def beat(address: WebAddress, method: str = "GET") -> None:
    """Call it once. Raises as `http.call` does."""
    if method not in METHODS:
        raise ValueError(f"not a method of a heartbeat: {method}")
    call(address, method=method)
