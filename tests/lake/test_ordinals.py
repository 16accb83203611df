"""Ordinals: hashes seen before are found, and little memory is needed beside them."""

from __future__ import annotations

import tracemalloc

import numpy as np
import numpy.typing as npt
import pytest

from orgwarden.lake.ordinals import Seen

Hashes = npt.NDArray[np.uint64]


def hashes(seed: int, count: int, below: int = 2**64) -> Hashes:
    rng = np.random.default_rng(seed)
    return np.sort(rng.integers(0, below - 1, count, np.uint64, endpoint=True))


@pytest.mark.parametrize("below", [2**64, 300, 3])
def test_exactly_the_hashes_seen_before_are_found(below: int) -> None:
    seen, known = Seen(recent=50, shelf=40), np.array([], np.uint64)
    for turn, count in enumerate([7, 0, 100, 1, 33, 12, 250, 5, 90, 40]):
        order = hashes(turn, count, below)
        if turn % 2:  # some of what came before
            order = np.sort(np.concatenate((order, known[::5])))
        assert (seen.among(order) == np.isin(order, known)).all()
        seen.add(order)
        known = np.concatenate((known, order))
    assert seen.among(np.unique(known)).all()


def test_the_hashes_of_a_large_file_take_little_more_than_their_eight_bytes() -> None:
    batch = 50_000
    tracemalloc.start()
    try:
        seen = Seen(recent=2 * batch, shelf=2 * batch)
        for turn in range(40):
            seen.add(hashes(turn, batch))
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 8 * (40 * batch + 12 * batch)
