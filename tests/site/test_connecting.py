"""What the operator says about connecting orgs."""

from __future__ import annotations

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.site import connecting


@pytest.mark.seed("C7")
def test_egress_addresses_are_addresses_or_networks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert connecting.egress_addresses() == ()
    monkeypatch.setenv("ORGWARDEN_EGRESS_ADDRESSES", "198.51.100.7, 203.0.113.0/28 2001:db8::1")
    assert connecting.egress_addresses() == ("198.51.100.7", "203.0.113.0/28", "2001:db8::1")
    monkeypatch.setenv("ORGWARDEN_EGRESS_ADDRESSES", "our-gateway")
    with pytest.raises(NeedsPerson) as raised:
        connecting.egress_addresses()
    assert "our-gateway" in raised.value.what


def test_references_are_named_by_their_beginning_and_never_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert connecting.secret_references() == ()
    monkeypatch.setenv(
        "ORGWARDEN_SECRET_REFERENCES",
        "file:/etc/orgwarden/, env:ORGWARDEN_SECRET_ 'command:/usr/bin/vault read prod'",
    )
    assert connecting.secret_references() == (
        "file:/etc/orgwarden/", "env:ORGWARDEN_SECRET_", "command:/usr/bin/vault read prod"
    )  # fmt: skip
    for wrong in ("env:", "file:secrets", "everything", "'unfinished"):
        monkeypatch.setenv("ORGWARDEN_SECRET_REFERENCES", wrong)
        with pytest.raises(NeedsPerson):
            connecting.secret_references()
