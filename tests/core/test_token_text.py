"""The text of an API token: recognised whole, refused when a character is wrong, never twice."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from orgwarden.core import token_text
from orgwarden.core.redaction import redacted

TOKEN = token_text.new()


def test_a_new_token_is_whole_and_unlike_any_other() -> None:
    made = {token_text.new() for _ in range(200)}
    assert len(made) == 200
    assert all(token_text.is_whole(text) for text in made)


@given(st.integers(0, len(TOKEN) - 1), st.sampled_from("0aZ_é \x00"))
def test_one_wrong_character_is_seen(at: int, other: str) -> None:
    wrong = TOKEN[:at] + other + TOKEN[at + 1 :]
    assert token_text.is_whole(wrong) == (wrong == TOKEN)


@given(st.text())
def test_any_other_text_is_no_token_and_no_error(text: str) -> None:
    assert not token_text.is_whole(text)


@pytest.mark.parametrize(
    "text",
    ["", "ow_", TOKEN[:-1], TOKEN + "0", TOKEN.lower() + "\n"],
    ids=["empty", "start", "cut", "longer", "lower"],  # the token is another one each time
)
def test_a_token_that_was_copied_badly_is_seen(text: str) -> None:
    assert not token_text.is_whole(text)


def test_the_redactor_knows_a_token_and_leaves_its_shown_beginning() -> None:
    assert TOKEN not in redacted(f"GET /api/v1/tenants {TOKEN} 200")
    start = token_text.start_of(TOKEN)
    assert redacted(f"token {start} was used") == f"token {start} was used"
