"""What people type into fields, read: whole numbers, lists of e-mail addresses."""

from __future__ import annotations

import re

ID = 18  # digits of the longest row id


def whole(text: str, digits: int = 6) -> int | None:
    """A whole number in at most so many plain digits, with blanks around it at most; None for
    anything else."""
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) <= digits else None


def addresses(text: str) -> tuple[str, ...]:
    """The e-mail addresses in a list by commas, semicolons, blanks or lines; each once."""
    return tuple(dict.fromkeys(part for part in re.split(r"[,;\s]+", text) if part))
