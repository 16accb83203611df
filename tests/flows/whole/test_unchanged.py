"""A thing read whole that is as it was costs no comparison and no commit of its own."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from orgwarden.core.ledger import Ledger
from orgwarden.core.problems import LostLease, Stopped
from orgwarden.flows.whole.reading import Part, Reading
from orgwarden.flows.whole.unchanged import Digested, digested
from orgwarden.lake.table import OrgLake
from orgwarden.records.models import Org, Run, SourceState
from tests.support.house import House
from tests.support.orgsim import OrgsimServer

QUIET = ("profiles", "permission_sets", "package_licenses")


@pytest.fixture
def org(at_home: House, sim: OrgsimServer) -> Org:
    connected = at_home.connect(sim)
    at_home.collect(connected, *QUIET)
    return connected


def lake(home: House, org: Org) -> OrgLake:
    return OrgLake.open(Path(home.settings.ORGWARDEN_LAKE_URL) / org.key)


def ledger(home: House, org: Org) -> Ledger:
    return lake(home, org).ledger()


def test_readings_without_a_change_share_one_commit_and_each_is_counted(
    at_home: House, sim: OrgsimServer, org: Org
) -> None:
    before, version = ledger(at_home, org), lake(at_home, org).version
    sim.control("clock", {"advance": "PT1M"})  # the org's time stands still otherwise
    told: list[str] = []
    done = at_home.collect(org, *QUIET, tell=lambda run: told.append(run.source))
    assert lake(at_home, org).version == version + 2  # the fence, and one for all three
    assert told == []
    after = ledger(at_home, org)
    for outcome in done.outcomes:
        was, now = before.of(outcome.source), after.of(outcome.source)
        assert (outcome.outcome, outcome.stored) == (Run.Outcome.DONE, 0)
        assert outcome.rows == now.duplicate - was.duplicate == was.stored
        assert now.cursor is not None
        assert was.cursor is not None
        assert now.cursor > was.cursor
        run = Run.objects.filter(org=org, source=outcome.source).first()
        assert run is not None
        assert (run.outcome, run.rows_read, run.rows_duplicate) == (
            Run.Outcome.DONE, was.stored, was.stored,
        )  # fmt: skip
        state = at_home.state(org, outcome.source)
        assert state.state == SourceState.State.CURRENT
        assert (
            state.coverage["complete"][0][1] == after.of(outcome.source).to_json()["complete"][0][1]
        )


def test_a_commit_of_another_source_takes_them_along(at_home: House, org: Org) -> None:
    at_home.collect(org, "event_log_file")
    version = lake(at_home, org).version
    at_home.collect(org, *QUIET, "event_log_file")
    assert lake(at_home, org).version == version + 2  # the fence, and that of the log files


@pytest.mark.parametrize("point", ["landed", "refreshed"])
def test_nothing_is_called_done_before_the_commit(at_home: House, org: Org, point: str) -> None:
    before = ledger(at_home, org)
    states = [at_home.state(org, s).last_success_at for s in QUIET]

    def stop(reached: str) -> None:
        if reached == point:
            raise Stopped("The worker was told to stop.")

    with pytest.raises(LostLease):
        at_home.collect(org, *QUIET, at=stop)
    after = ledger(at_home, org)
    for source, success in zip(QUIET, states, strict=True):
        assert after.of(source) == before.of(source)
        run = Run.objects.filter(org=org, source=source).first()
        assert run is not None
        assert run.outcome == Run.Outcome.LOST
        assert at_home.state(org, source).last_success_at == success
    done = at_home.collect(org, *QUIET)
    assert {o.outcome for o in done.outcomes} == {Run.Outcome.DONE}


def test_a_full_disk_at_that_commit_is_each_runs_own_failure(at_home: House, org: Org) -> None:
    def full(reached: str) -> None:
        if reached == "refreshed":
            raise OSError(28, "No space left on device")

    done = at_home.collect(org, *QUIET, at=full)
    assert {(o.outcome, o.code) for o in done.outcomes} == {(Run.Outcome.FAILED, "ENOSPC")}
    assert {at_home.state(org, s).state for s in QUIET} == {SourceState.State.FAILING}


def _part(*records: bytes) -> Part:
    return [b'{"totalSize": 1, "records": [' + b", ".join(records) + b"]}"], True


def _read(names: tuple[str, ...], *parts: Part, whole: bool = True) -> Digested:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return digested(Reading(names, at, iter(parts), lambda seen: True, lambda: "", whole))


def test_a_digest_is_of_the_fields_and_the_records_and_not_of_how_pages_are_cut() -> None:
    one, two = b'{"Id": "1"}', b'{"Id": "2"}'
    whole = _read(("Id",), _part(one, two)).digest
    [first], _ = _part(one)
    [second], _ = _part(two)
    assert _read(("Id",), ([first, second], True)).digest == whole
    assert _read(("Id", "Name"), _part(one, two)).digest != whole
    assert _read(("Id",), _part(two, one)).digest != whole
    assert _read(("Id",), _part(one, two), whole=False).digest == ""
    long = _read(("Id",), ([first], False), ([second], True))
    assert long.digest == ""
    assert [last for _, last in long.parts] == [False, True]
