"""Long tests come before short ones; each path that is named is there."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.longest_first import LONG, place_of

ROOT = Path(__file__).parents[2]


@pytest.mark.parametrize("path", LONG)
def test_what_is_called_long_is_there(path: str) -> None:
    assert (ROOT / path).exists()


def test_the_narrower_path_decides_and_short_tests_keep_their_order() -> None:
    names = [
        "tests/core/test_b.py::one",
        "tests/core/test_a.py::two",
        "tests/flows/test_cost.py::three",
        "tests/flows/test_exactly_once.py::four[1]@five",
    ]
    assert sorted(names, key=place_of) == [names[3], names[2], names[0], names[1]]
