"""Random numbers of a seed, a stream of its own for each purpose: one more draw here leaves what is
drawn there as it was."""

from __future__ import annotations

import hashlib
import random
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Dice:
    def __init__(self, seed: int) -> None:
        self.seed = seed
        self._streams: dict[str, random.Random] = {}

    def of(self, purpose: str) -> random.Random:
        if purpose not in self._streams:
            digest = hashlib.sha256(f"{self.seed}/{purpose}".encode()).digest()
            self._streams[purpose] = random.Random(digest)
        return self._streams[purpose]

    def random(self, purpose: str) -> float:
        return self.of(purpose).random()

    def choice(self, purpose: str, among: Sequence[T]) -> T:
        return self.of(purpose).choice(among)

    def chance(self, purpose: str, probability: float) -> bool:
        return self.random(purpose) < probability

    def between(self, purpose: str, low: float, high: float) -> float:
        return self.of(purpose).uniform(low, high)
