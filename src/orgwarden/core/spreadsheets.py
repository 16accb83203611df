"""Cells that a spreadsheet would run: in every CSV we write they become text.

Salesforce's strings are hostile: an app may be called `=cmd(…)`.
"""

from __future__ import annotations

import re

# How such a cell begins; the wide forms too, which some read as the narrow ones. Also a pattern of
# RE2, for columns.
FORMULA = r"^[=+\-@\t\r\n＝＋－＠]"
_BEGINS = re.compile(FORMULA)


def harmless(text: str) -> str:
    """`text` with an apostrophe before it where a spreadsheet might run it."""
    return f"'{text}" if _BEGINS.match(text) else text
