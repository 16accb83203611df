"""What a message says is kept whole and shown without anything hidden in it."""

from __future__ import annotations

import pytest

from orgwarden.notify.content import Content, lines, neutral
from tests.notify.texts import HOSTILE


def test_the_outbox_gives_back_what_it_was_given() -> None:
    content = Content(
        "incident.opened", "s", ("a", "b"), "2026-11-22T00:00:00Z", "fix", (("Tenant", "x"),),
        "https://x.example/", "error", "k", 3,
    )  # fmt: skip
    assert Content.from_json(content.to_json()) == content


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_neutral_text_is_one_visible_line(text: str) -> None:
    shown = neutral(text)
    assert len(shown) <= 2000
    assert shown.isprintable()
    assert "canary" not in shown


def test_the_lines_name_the_fix_and_leave_out_what_is_empty() -> None:
    content = Content("test", "s", ("a", ""), "t", "do it", (("k", ""), ("n", "v")))
    assert lines(content) == ["a", "What to do: do it", "n: v"]
