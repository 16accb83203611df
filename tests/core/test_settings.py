"""Nested settings become one path and one text each, whatever is added beside them."""

from __future__ import annotations

from orgwarden.core.settings import flattened


def test_each_value_has_a_path_and_truths_are_words() -> None:
    nested = {"a": "1", "sessionSettings": {"lockSessionsToIp": False, "deep": {"b": True}}}
    assert dict(flattened(nested)) == {
        "a": "1",
        "sessionSettings.lockSessionsToIp": "false",
        "sessionSettings.deep.b": "true",
    }


def test_repeated_elements_are_told_by_their_names_also_when_there_is_one() -> None:
    login = {"entityName": "LoginEvent", "isEnabled": True}
    api = {"entityName": "ApiEvent", "isEnabled": False}
    one, two = dict(flattened({"e": login})), dict(flattened({"e": [api, login]}))
    assert one["e[LoginEvent].isEnabled"] == "true"
    assert one.items() <= two.items()
    assert two["e[ApiEvent].isEnabled"] == "false"


def test_ranges_of_addresses_are_told_by_their_ends_and_nameless_ones_by_their_place() -> None:
    ranges = {"ipRanges": [{"start": "192.0.2.0", "end": "192.0.2.9", "description": "x"}]}
    assert dict(flattened(ranges))["ipRanges[192.0.2.0-192.0.2.9].description"] == "x"
    assert dict(flattened({"l": [{"v": "1"}, {"v": "2"}]})) == {"l[1].v": "1", "l[2].v": "2"}


def test_a_list_of_texts_is_one_text() -> None:
    assert dict(flattened({"scopes": ["Api", "Web"]})) == {"scopes": "Api\nWeb"}
