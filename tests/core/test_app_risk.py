from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from orgwarden.catalog import risks
from orgwarden.catalog.risks import FACTORS, look_alike
from orgwarden.core.app_risk import AppFacts, Level, level_of, score

UNKNOWN = AppFacts(name="Sync", classification="sanctioned")
SOUND = replace(
    UNKNOWN, installed=True, anyone_may_allow=False, never_ends=False, privileged=0, inactive=0,
    dormant=0,
)  # fmt: skip
WORST = replace(
    SOUND, name="Dаta Loader", classification="unclassified", installed=False, privileged=2,
    never_ends=True, inactive=1, dormant=4, namesakes=1,
)  # fmt: skip
OPEN = replace(SOUND, anyone_may_allow=True)


def test_the_score_is_the_sum_of_its_reasons_and_a_hundred_at_most() -> None:
    for facts in (SOUND, replace(SOUND, privileged=1, dormant=2), WORST):
        found = score(facts, FACTORS)
        assert found.value == min(100, sum(r.points for r in found.reasons))
    assert score(SOUND, FACTORS).value == 0
    assert score(WORST, FACTORS).value == 100
    told = {r.id for f in (WORST, OPEN) for r in score(f, FACTORS).reasons}
    assert told == {f.id for f in FACTORS}


def test_what_is_unknown_scores_nothing_and_is_told() -> None:
    found = score(UNKNOWN, FACTORS)
    assert (found.value, found.reasons) == (0, ())
    told = {r.id for r in found.unjudged}
    assert told == {
        "privileged_people", "inactive_people", "anyone_may_allow", "not_installed", "never_ends",
        "dormant_grants",
    }  # fmt: skip
    assert all(r.points == 0 and r.text.endswith(".") for r in found.unjudged)


def test_levels_begin_where_they_say() -> None:
    assert [level_of(v) for v in (39, 40, 69, 70)] == [
        Level.LOW, Level.MEDIUM, Level.MEDIUM, Level.HIGH,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "name",
    [
        "Data Loader", "DataLoader", "Dаtа Loаder", "Ｄａｔａ Ｌｏａｄｅｒ", "Data L0ader",
        "Data Loader Pro", "My Ticket Portal", "Workbemch", "MFA Support", "Data Export Tool",
    ],
)  # fmt: skip
def test_a_name_like_a_tool_or_a_lure_is_told(name: str) -> None:
    assert look_alike.FACTOR.judge(replace(UNKNOWN, name=name, installed=False))


@pytest.mark.parametrize(
    "name", ["Warehouse Sync", "Dater", "", "N/A", "Signing Desk", "Farm Factory", "Preset Manager"]
)
def test_another_name_is_not(name: str) -> None:
    assert look_alike.FACTOR.judge(replace(UNKNOWN, name=name, installed=False)) is None


def test_a_blocked_app_is_no_look_alike_and_what_may_be_installed_is_not_told_so() -> None:
    bad = replace(UNKNOWN, name="Data Loader", installed=False)
    assert look_alike.FACTOR.judge(bad)
    assert look_alike.FACTOR.judge(replace(bad, blocked=True)) is None
    assert look_alike.FACTOR.judge(replace(bad, installed=None)) is None


def test_every_module_of_a_factor_is_in_the_list_under_its_own_name() -> None:
    folder = Path(risks.__file__).parent
    modules = {path.stem for path in folder.glob("*.py")} - {"__init__"}
    assert {f.id for f in FACTORS} == modules
    assert len(FACTORS) == len(modules)
    assert all(f.points > 0 and f.source and f.title for f in FACTORS)


def test_what_an_administrator_installed_under_such_a_name_is_not_called_a_look_alike() -> None:
    assert look_alike.FACTOR.judge(replace(UNKNOWN, name="Data Loader", installed=True)) is None
