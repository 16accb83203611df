"""Credentials: the newest is what is read, and of many who want a new token one asks for it."""

from __future__ import annotations

import signal
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from orgwarden.core.problems import NeedsPerson
from orgwarden.records import credentials
from orgwarden.records.leases import Busy
from orgwarden.records.models import Credential
from tests.records.conftest import Database, InThreads


def test_the_newest_value_is_read(database: Database) -> None:
    org = database.org()
    assert credentials.newest(org, "refresh_token") is None
    for value in ("one", "two", "three"):
        credentials.store(org, "refresh_token", value)
    stored = credentials.newest(org, "refresh_token")
    assert stored is not None
    assert (stored.value, stored.version) == ("three", 3)


def test_an_older_value_is_forgotten_with_the_storing_of_a_newer(database: Database) -> None:
    org = database.org()
    for kind in credentials.KINDS:
        for value in ("one", "two", "three"):
            credentials.store(org, kind, value)
    kept = Credential.objects.order_by("kind").values_list("kind", "version")
    assert list(kept) == [(kind, 3) for kind in sorted(credentials.KINDS)]


def test_a_missing_credential_says_what_to_do(database: Database) -> None:
    with pytest.raises(NeedsPerson, match="Acme has no refresh token") as refused:
        credentials.need(database.org(), "refresh_token")
    assert refused.value.fix == "Reconnect the org."


def test_an_unknown_kind_is_a_bug(database: Database) -> None:
    with pytest.raises(ValueError, match="not a kind"):
        credentials.store(database.org(), "pet_name", "x")


def test_forgetting_deletes_every_version(database: Database) -> None:
    org = database.org()
    credentials.store(org, "client_secret", "s")
    credentials.store(org, "refresh_token", "r")
    credentials.forget(org, "refresh_token")
    assert credentials.need(org, "client_secret") == "s"
    credentials.forget(org)
    assert not Credential.objects.exists()


def test_a_stored_secret_is_not_shown() -> None:
    stored = credentials.Stored("access_token", 1, "the value", datetime(2026, 11, 21, tzinfo=UTC))
    assert "the value" not in f"{stored} {stored!r}"


def test_storers_at_the_same_moment_get_versions_of_their_own(
    database: Database, in_threads: InThreads
) -> None:
    org = database.org()
    results = in_threads(8, lambda n: credentials.store(org, "refresh_token", str(n)).version)
    assert sorted(results, key=repr) == list(range(1, 9))


@pytest.mark.fault("A7")
def test_four_processes_of_eight_threads_ask_exactly_once(
    database: Database, tmp_path: Path
) -> None:
    org, log = database.org(), tmp_path / "log"
    credentials.store(org, "refresh_token", "first")
    credentials.store(org, "access_token", "expired")
    workers = database.workers(4, "refresh", org.key, 8, str(log))
    got = [value for worker in workers for value in worker.hears()]
    assert got == ["fresh"] * 32
    assert log.read_text().splitlines() == ["asked"]
    for worker in workers:
        assert worker.ends() == ""


def test_after_a_refresh_that_failed_the_next_caller_tries(database: Database) -> None:
    org = database.org()

    def fails() -> None:
        raise NeedsPerson("Salesforce said no.")

    with pytest.raises(NeedsPerson):
        credentials.single_flight(org, seen=0, refresh=fails)
    got = credentials.single_flight(
        org, seen=0, refresh=lambda: void(credentials.store(org, "access_token", "fresh"))
    )
    assert (got.value, got.version) == ("fresh", 1)


def void(_: object) -> None:
    """For a lambda that returns nothing."""


def test_a_refresh_that_stores_nothing_is_a_bug(database: Database) -> None:
    with pytest.raises(RuntimeError, match="stored no access_token"):
        credentials.single_flight(database.org(), seen=0, refresh=lambda: None)


def test_a_refresher_that_was_killed_is_taken_over_at_once(database: Database) -> None:
    org = database.org()
    [worker] = database.workers(1, "refresh_and_hang", org.key)
    assert worker.hears() == "inside"
    with pytest.raises(Busy), credentials.refresh_lock(org, wait=timedelta(seconds=0.3)):
        pass
    worker.process.send_signal(signal.SIGKILL)
    with credentials.refresh_lock(org, wait=timedelta(seconds=10)):
        pass  # the minute of whoever was killed is not waited for


def test_a_refresher_that_stalls_is_taken_over_after_its_time(database: Database) -> None:
    org = database.org()
    short = timedelta(seconds=0.4)
    with (
        credentials.refresh_lock(org, length=short),
        credentials.refresh_lock(org, wait=timedelta(seconds=10)) as second,
    ):
        assert second.epoch == 2
