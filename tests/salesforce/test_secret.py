"""A secret shows itself to nobody who does not ask for it by name."""

from __future__ import annotations

import copy
import json
import pickle
from dataclasses import asdict

import pytest

from orgwarden.salesforce import Secret, Tokens


def test_no_way_of_printing_shows_it() -> None:
    secret = Secret("hush-hush")
    tokens = Tokens(secret, secret, "https://x.my.salesforce.com", "", ("api",), None)
    shown = [str(secret), repr(secret), f"{secret}", f"{secret!r:>30}", "%s" % secret, repr(tokens)]  # noqa: UP031
    assert all("hush" not in text for text in shown)
    with pytest.raises(TypeError):
        json.dumps({"token": secret})


def test_it_is_not_pickled() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret("hush"))


def test_it_compares_by_value() -> None:
    assert Secret("é") == Secret("é")
    assert Secret("a") != Secret("b")
    assert Secret("a") != "a"
    assert len({Secret("a"), Secret("a")}) == 1
    assert not Secret("")


def test_frozen_values_that_hold_one_can_be_copied() -> None:
    tokens = Tokens(Secret("a"), None, "https://x.my.salesforce.com", "", (), None)
    assert copy.copy(tokens) == tokens
    assert asdict(tokens)["access_token"] == Secret("a")
