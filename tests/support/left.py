"""What tests leave behind is searched, after each test, for every secret that the emulated orgs
gave out meanwhile. Installations and houses register themselves; others call `register`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.support.canaries import given_out, issued, leaks
from tests.support.orgsim import OrgsimServer

LARGEST = 4 * 1024 * 1024  # bytes of a file of the lake; larger ones hold more of the same


@dataclass
class Left:
    """A folder, the orgs it talked to with what they had given out before, and what was printed.
    `also` are folders beside it, `typed` secrets that the test itself gave in, by kind."""

    folder: Path
    orgs: list[tuple[OrgsimServer, int]] = field(default_factory=list)
    texts: Callable[[], bytes] = bytes
    also: list[Path] = field(default_factory=list)
    typed: dict[str, list[str]] = field(default_factory=dict)

    def talks_to(self, *sims: OrgsimServer) -> None:
        known = [sim for sim, _ in self.orgs]
        self.orgs += [(sim, issued(sim)) for sim in sims if sim not in known]

    def leaks(self) -> list[str]:
        secrets = {kind: list(values) for kind, values in self.typed.items()}
        for sim, since in self.orgs:
            for kind, values in given_out(sim, since=since).items():
                secrets.setdefault(kind, []).extend(values)
        if not secrets:
            return []
        found = set()
        for folder in filter(Path.is_dir, [self.folder, *self.also]):
            found |= {str(k) for k in leaks(secrets, folder, self.texts(), largest=LARGEST)}
        return sorted(found)


_LEFT: dict[Path, Left] = {}


def register(left: Left) -> None:
    """Have a folder searched when the present test ends."""
    _LEFT[left.folder] = left


@pytest.fixture(autouse=True)
def nothing_secret_is_left() -> Iterator[None]:
    yield
    every = list(_LEFT.values())
    _LEFT.clear()
    found = [leak for left in every for leak in left.leaks()]
    assert not found, "\n".join(found)
