"""No cell of ours is run by a spreadsheet, and nothing else is altered."""

from __future__ import annotations

import pytest

from orgwarden.core.spreadsheets import harmless


@pytest.mark.parametrize("start", list("=+-@\t\r\n＝＋－＠"))
def test_what_would_be_run_is_made_text(start: str) -> None:
    assert harmless(f"{start}cmd|' /C calc'!A0") == f"'{start}cmd|' /C calc'!A0"


@pytest.mark.parametrize("text", ["", "acme", "a=1", " =1", "'=1", "1+1"])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert harmless(text) == text
