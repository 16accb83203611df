"""How pages meet the flows: only few questions of the events at once."""

from __future__ import annotations

from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from orgwarden.core.problems import TryLater
from orgwarden.web import acts

NOW = datetime(2026, 11, 22, tzinfo=UTC)


def test_more_questions_at_once_than_the_machine_bears_wait_and_are_then_refused_in_words(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ORGWARDEN_LAKE_URL = str(tmp_path)
    monkeypatch.setattr(acts, "PATIENCE", 0.05)
    with ExitStack() as held:
        for _ in range(acts.READERS):
            held.enter_context(acts.open_reader([], NOW, NOW))
        with pytest.raises(TryLater, match="Too many questions"), acts.open_reader([], NOW, NOW):
            raise AssertionError("one too many was let in")
    with acts.open_reader([], NOW, NOW):
        pass


def test_a_question_that_fails_gives_its_place_back(
    settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.ORGWARDEN_LAKE_URL = str(tmp_path)
    monkeypatch.setattr(acts, "PATIENCE", 0.05)
    for _ in range(acts.READERS + 1):
        with pytest.raises(ZeroDivisionError), acts.open_reader([], NOW, NOW):
            raise ZeroDivisionError
