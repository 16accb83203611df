"""A string that is never shown: tokens, client secrets and keys while they are in memory.

Printing, formatting, logging or pickling one shows nothing of its value; only `reveal` does, and
only the line that puts it on the wire or into the envelope calls that.
"""

from __future__ import annotations

import hmac
from typing import NoReturn


class Secret:
    """Holds a secret string. Equal secrets compare equal, in constant time."""

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    def reveal(self) -> str:
        """The value itself. Never log, store or show what this returns."""
        return self._value

    def __bool__(self) -> bool:
        return bool(self._value)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Secret):
            return NotImplemented
        return hmac.compare_digest(self._value.encode(), other._value.encode())

    def __hash__(self) -> int:
        return hash(self._value)

    def __repr__(self) -> str:
        return "Secret(…)"

    __str__ = __repr__

    def __copy__(self) -> Secret:
        return self

    def __deepcopy__(self, memo: object) -> Secret:
        return self

    def __reduce__(self) -> NoReturn:
        # A pickle would carry the value into a job table or a crash dump.
        raise TypeError("a Secret is not pickled")
