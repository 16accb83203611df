"""Faults of our own, planted one at a time: each breaks one promise, and a seed must show it.

A mutant is a road to Salesforce that lies, or one function put in the place of another while the
seed runs. The product is not edited, and nothing but these mutants puts anything in its place.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any

from orgwarden.core import expiry
from orgwarden.core.budget import Ruling
from orgwarden.core.ledger import Ledger
from orgwarden.flows import (
    metering,
    publish,
    read_log_files,
    read_rows,
    read_snapshot,
)
from orgwarden.flows.work import Work
from orgwarden.lake.table import OrgLake
from orgwarden.records import calls, credentials, leases
from orgwarden.salesforce import Transport
from tests.simulation import installation
from tests.simulation.course import Course, Verdict
from tests.simulation.wire import Wire

Put = tuple[Any, str, Any]  # where, under which name, what instead


@dataclass(frozen=True)
class Mutant:
    """`breaks` are invariants of which the checker must name one. `seeds` are tried in this order:
    the first is the smallest that showed it when it was planted, the others stand by for a change
    of what the seeds draw. `dear` ones take 6 s and more."""

    planted: str
    breaks: str
    seeds: Sequence[int]
    puts: Callable[[], list[Put]] = list
    wire: type[Wire] = Wire
    dear: bool = False

    def found(self) -> Verdict | None:
        """The verdict of the first of its seeds that shows it."""
        for seed in self.seeds:
            with _instead(self.puts()):
                verdict = Course(seed).run(self.wire)
            if any(words.split(":")[0] in self.breaks.split() for words in verdict.broken):
                return verdict
        return None


@contextmanager
def _instead(puts: Sequence[Put]) -> Iterator[None]:
    with ExitStack() as after:
        for where, name, what in puts:
            after.callback(setattr, where, name, getattr(where, name))
            setattr(where, name, what)
        yield


# --- the wire


class Forgiving(Wire):
    """An answer with an error to a query becomes one without rows."""

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> tuple[int, dict[str, str], bytes]:
        status, told, content = super().ask(method, path, headers, body)
        if status >= 400 and "/query?" in path:
            empty = json.dumps({"totalSize": 0, "done": True, "records": []}).encode()
            return 200, {**told, "content-length": str(len(empty))}, empty
        return status, told, content


class Losing(Wire):
    """The last row of an answer is left out, and the count agrees."""

    def ask(
        self, method: str, path: str, headers: Mapping[str, str], body: Any = None
    ) -> tuple[int, dict[str, str], bytes]:
        status, told, content = super().ask(method, path, headers, body)
        if status == 200 and "/query?" in path:
            answer = json.loads(content)
            if answer.get("done") and len(answer["records"]) > 1:
                answer["records"].pop()
                answer["totalSize"] -= 1
                content = json.dumps(answer).encode()
                told = {**told, "content-length": str(len(content))}
        return status, told, content


# --- the lake's commit


def _nothing_stored() -> list[Put]:
    return [(Work, "stored", lambda work, source: [])]


def _cursor_first() -> list[Put]:
    """The window is called complete before its rows are landed."""
    was = read_rows.read_pages

    def read(work: Work, source: Any, fields: Any, conditions: Any, done: Any) -> None:
        work.commit([], done)
        was(work, source, fields, conditions, done)

    return [(read_rows, "read_pages", read)]


def _ledger_alone() -> list[Put]:
    """What landed is counted and never put into the table."""
    was = OrgLake.commit

    def commit(lake: OrgLake, parts: Any, ledger: Ledger, epoch: int, **more: Any) -> None:
        was(lake, [], ledger, epoch, **more)

    return [(OrgLake, "commit", commit)]


def _unfenced() -> list[Put]:
    """A worker that was overtaken goes on as if it still held the org."""
    ledger = publish.ledger

    def published(org: Any, now: Ledger, before: Any = None, *, epoch: Any = None) -> None:
        ledger(org, now, before)

    return [
        (OrgLake, "_check", lambda lake, epoch: lake.refresh()),
        (leases.Heartbeat, "check", lambda beat: None),
        (publish, "ledger", published),
    ]


# --- what is counted and told


def _uncounted() -> list[Put]:
    return [(calls, "count", lambda org, source, hour, calls=1, **more: None)]


def _no_refusal() -> list[Put]:
    def rule_on(rules: Any, standing: Any, *, lane: str, now: datetime) -> Ruling:
        return Ruling()

    return [(metering, "rule_on", rule_on)]


def _stubborn() -> list[Put]:
    """Whatever fails is tried again at once, thirty times."""

    def repeat(road: Transport, attempt: Any, *, address: Any, endpoint: str, **more: Any) -> Any:
        for _ in range(29):
            try:
                return attempt()
            except Exception:  # noqa: BLE001  that is what is wrong with it
                continue
        return attempt()

    return [(Transport, "repeat", repeat)]


def _cursor_shown_ahead() -> list[Put]:
    was = publish.text_of
    return [(publish, "text_of", lambda at: was(at + timedelta(hours=1)))]


def _changes_lost() -> list[Put]:
    was = read_snapshot._land

    def land(work: Any, source: Any, versions: Any, found: Any) -> Any:
        return was(work, source, versions, [replace(part, changes=None) for part in found])

    return [(read_snapshot, "_land", land)]


def _versions_lost() -> list[Put]:
    """Of a snapshot that was compared nothing new is landed."""
    was = read_snapshot._land

    def land(work: Any, source: Any, versions: Any, found: Any) -> Any:
        none = [replace(p, versions=p.versions.slice(0, 0), changes=None) for p in found]
        return was(work, source, versions, none if versions._before else found)

    return [(read_snapshot, "_land", land)]


def _before_we_came() -> list[Put]:
    """As it was: days are complete from the oldest daily file on, though others have gone."""
    long_ago = datetime(1, 1, 1, tzinfo=UTC)
    return [(at, "first_whole_day", lambda now, kept: long_ago) for at in (read_log_files, expiry)]


def _token_shown() -> list[Put]:
    was = installation.of_org

    def of_org(org: Any, now: Any = None) -> dict[str, Any]:
        held = credentials.newest(org, "access_token")
        return {**was(org, now), "connected_user": held.value if held else ""}

    return [(installation, "of_org", of_org)]


MUTANTS = (
    Mutant("an error taken for no rows", "I1 I6 I12", (6,), wire=Forgiving),
    Mutant("the last row of an answer lost", "I1 I6 I12", (1,), wire=Losing, dear=True),
    Mutant("what is stored is not compared with", "I2", (2,), _nothing_stored),
    Mutant("rows counted and not put into the table", "I1 I2 I6", (1,), _ledger_alone),
    Mutant("the cursor committed before the rows", "I1 I12", (2,), _cursor_first, dear=True),
    Mutant("the cursor shown ahead of what is complete", "I3", (1,), _cursor_shown_ahead),
    Mutant("the overtaken worker not fenced", "I4", (2,), _unfenced),
    Mutant("calls not counted", "I5", (1,), _uncounted),
    Mutant("the budget not asked", "I5", (13,), _no_refusal),
    Mutant("days complete whose files went before us", "I1", (47,), _before_we_came, dear=True),
    Mutant("a token shown", "I7", (1,), _token_shown),
    Mutant("tries without end", "I11", (1,), _stubborn),
    Mutant("changes of a snapshot lost", "I1", (1,), _changes_lost, dear=True),
    Mutant("new versions of a snapshot lost", "I1", (9,), _versions_lost),
)  # fmt: skip
