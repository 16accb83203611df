"""Every source keeps the promises of its declaration, by form here, by deed in test_contracts."""

from __future__ import annotations

import importlib
import pkgutil
import re
from datetime import timedelta
from typing import Any

import pytest

from orgwarden.catalog import sources
from orgwarden.catalog.sources import BY_ID, MADE, SOURCES, event_log_file, source_of
from orgwarden.catalog.sources.event_log_types import FREE, TYPES
from orgwarden.core.budget import PRIORITY
from orgwarden.core.expr import Instant, Whole, columns_of
from orgwarden.core.source import DERIVED, NORMALISED, Kind, Source
from orgwarden.flows.permissions import LABELS

EVERY_ONE = (*SOURCES, *MADE)
EVERY: list[Source] = [*EVERY_ONE, *(event_log_file.of_type(name) for name in TYPES)]
NOT_SOURCES = {"bulk_jobs", "event_log_types", "powers", "stored_event", "whole"}


def each(values: list[Source]) -> Any:
    return pytest.mark.parametrize("source", values, ids=lambda s: s.id)


def test_the_files_are_the_list_and_the_id_is_the_file() -> None:
    modules = {m.name for m in pkgutil.iter_modules(sources.__path__)} - NOT_SOURCES
    declared = {}
    for name in modules:
        module = importlib.import_module(f"orgwarden.catalog.sources.{name}")
        declared[name] = getattr(module, "SOURCE", None) or module.FAMILY
    assert {name: s.id for name, s in declared.items()} == {name: name for name in modules}
    assert {s.id for s in EVERY_ONE} == modules
    assert all(declared[s.id] is s for s in EVERY_ONE)


def test_ids_are_unique_in_any_case() -> None:
    ids = [s.id for s in EVERY]
    assert len({i.lower() for i in ids}) == len(ids)
    assert all(i == i.lower() for i in ids)
    assert set(BY_ID) == {s.id for s in EVERY_ONE}


@each(EVERY)
def test_a_source_explains_itself(source: Source) -> None:
    assert source.title
    assert source.about.endswith(".")
    assert source.cost.endswith(".")
    assert source.kept
    assert source.lane in PRIORITY
    assert timedelta(minutes=1) <= source.cadence <= timedelta(days=1)
    assert timedelta() < source.lag
    assert all(f.meaning for f in source.fields)
    assert len({f.name.lower() for f in source.fields}) == len(source.fields)


@pytest.mark.seed("M15", "M22", "M23", "D16")
def test_cadence_and_reach_are_what_the_seeds_state() -> None:
    for name in ("login_history", "setup_audit_trail"):
        assert BY_ID[name].cadence == timedelta(minutes=15)
        assert BY_ID[name].backfill == timedelta(days=60)
    assert BY_ID["event_log_file"].cadence == timedelta(hours=1)
    assert BY_ID["event_log_file"].backfill == timedelta(days=30)


@each(EVERY)
def test_a_need_says_what_goes_dark_and_has_a_name_for_people(source: Source) -> None:
    assert bool(source.needs) == (source not in MADE)
    for need in source.needs:
        assert need.permission in LABELS
        assert need.without
        assert not need.without.endswith(".")  # it is the end of a sentence


@each(EVERY)
def test_the_normalised_columns_are_known_and_typed(source: Source) -> None:
    assert set(source.normalised) <= set(NORMALISED) - DERIVED
    assert isinstance(source.normalised["time"], Instant)
    for name in ("rows", "bytes"):
        if name in source.normalised:
            assert isinstance(source.normalised[name], Whole)
    if source is not event_log_file.FAMILY:  # it stands for its types, each of which has one
        assert "action" in source.normalised


@each([s for s in EVERY if s.kind is not Kind.LOG_FILES])
def test_expressions_read_declared_columns_only(source: Source) -> None:
    declared = {f.name for f in source.fields}
    for name, expr in source.normalised.items():
        assert columns_of(expr) <= declared, name
    assert {source.time_field, *source.key} <= declared
    for group in source.extras:
        assert set(group) <= declared
        assert source.time_field not in group
        assert not set(group) & set(source.key)


@each([s for s in EVERY if s.kind is Kind.LOG_FILES and s is not event_log_file.FAMILY])
def test_what_a_type_adds_reads_its_own_documented_columns(source: Source) -> None:
    declared = {f.name for f in source.fields}
    own = TYPES[source.object].normalised
    for name, expr in own.items():
        assert columns_of(expr) <= declared, name


def test_every_free_type_is_one_we_describe_or_collect_all_the_same() -> None:
    for name in FREE:
        assert event_log_file.of_type(name).id == f"event_log_{name.lower()}"


@pytest.mark.parametrize(
    "name", ["../../../other", "a/b", "/etc", "x\x00y", "a b", "Ä", 'q"q', "..", "x" * 5000]
)
def test_a_type_of_any_name_is_a_view_and_one_folder(name: str) -> None:
    source = event_log_file.of_type(name)
    assert re.fullmatch(r"event_log_[0-9a-z_]{1,70}", source.id)
    assert source.object == name


def test_a_source_is_found_by_its_id_and_an_unknown_type_is_taken_as_it_is() -> None:
    assert source_of("users") is BY_ID["users"]
    assert source_of("event_log_restapi").object == "RestApi"
    assert source_of("event_log_brandnew").title == "brandnew"
    assert source_of("event_log_brandnew", "BrandNew").object == "BrandNew"
    with pytest.raises(KeyError):
        source_of("weather")
