"""What the generated pages share of Markdown."""

from __future__ import annotations


def cell(text: str) -> str:
    """A text as one cell of a table."""
    return text.replace("|", "\\|").replace("\n", " ")
