"""The text of an API token: `ow_`, forty random characters, six that prove it was copied whole.

The prefix is what the redactor and other people's scanners for leaked secrets look for; the
check characters let a scanner tell a token from a text that merely looks like one, and let us
say "copied badly" without asking the database.
"""

from __future__ import annotations

import secrets
import string
import zlib

PREFIX = "ow_"
RANDOM, CHECK = 40, 6  # 40 of 62 characters are 238 bits
SHOWN = 9  # of the first characters, the prefix included: enough to tell tokens apart
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


def new() -> str:
    """A token nobody has seen."""
    body = "".join(secrets.choice(_ALPHABET) for _ in range(RANDOM))
    return f"{PREFIX}{body}{_check(body)}"


def is_whole(text: str) -> bool:
    """Whether `text` has a token's form and its check characters are right."""
    body, check = text[len(PREFIX) : -CHECK], text[-CHECK:]
    return (
        text.startswith(PREFIX)
        and len(body) == RANDOM
        and set(body) <= set(_ALPHABET)
        and check == _check(body)
    )


def start_of(text: str) -> str:
    """What may be stored and shown of it."""
    return text[:SHOWN]


def _check(body: str) -> str:
    number, found = zlib.crc32(body.encode("ascii")), ""
    for _ in range(CHECK):
        number, digit = divmod(number, len(_ALPHABET))
        found = _ALPHABET[digit] + found
    return found
