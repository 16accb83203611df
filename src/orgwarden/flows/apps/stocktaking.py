"""When to take stock of an org's apps: once what tells of them has changed.

Log files can take minutes and add little, so the stock is taken before them and once more at the
end: an app that came an hour ago must not wait for a backlog. What only mentions apps, as sign-ins
do, comes all the time: for it alone the stock is taken once an hour. What the last stock was taken
of is kept with it: one that failed, or was killed, is taken again with the next collection.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from orgwarden.core.problems import LostLease, Problem
from orgwarden.core.source import Kind, Source
from orgwarden.flows.apps.stock import known_of, take_stock
from orgwarden.flows.apps.traces import SOURCES
from orgwarden.flows.work import Work
from orgwarden.records.models import AppStock

log = logging.getLogger(__name__)
MENTION = ("login_history", "event_log_apitotalusage")
TELL = sorted({*SOURCES, "users", "permission_sets", "permission_set_assignments"} - {*MENTION})
SELDOM = timedelta(hours=1)
MADE = 1  # the number of this way of putting apps together: another takes stock anew
UNKNOWN_FAULT = "Orgwarden met an error it does not know; its log says more."


class Stocktaking:
    """One collection's. A fault here must not undo what is committed: it is logged and shown, and
    the stock keeps its age."""

    def __init__(self, work: Work) -> None:
        self._work = work

    def before(self, source: Source) -> None:
        """This source is read next."""
        if source.kind is Kind.LOG_FILES:
            self._work.settle(*TELL)
            self.take()

    def take(self) -> None:
        """Take stock if what tells of apps is not what the last stock was taken of."""
        org, now = self._work.org, self._work.now()
        kept, _ = AppStock.objects.get_or_create(org=org)
        told, mentioned = self._of(TELL), self._of(MENTION)
        of: dict[str, Any] = {"made": MADE, "told": told, "known": sorted(known_of(org))}
        lately = kept.at is not None and now - kept.at < SELDOM
        if kept.of == of and (kept.mentioned == mentioned or lately):
            return
        if not (told or mentioned):
            return  # nothing that tells of apps has been collected yet
        problem = self._taken()
        if problem:
            kept.problem = problem
            kept.save(update_fields=["problem"])
            return
        kept.of, kept.mentioned, kept.at, kept.problem = of, mentioned, now, ""
        kept.save()

    def _taken(self) -> str:
        """What went wrong, in a sentence; empty if nothing did."""
        work = self._work
        try:
            take_stock(work.org, now=work.now(), ours=work.beat.check)
        except LostLease:
            raise
        except Problem as problem:
            log.warning("no stock of the apps of %s: %s", work.org.name, problem.what)
            return problem.sentence()
        except Exception:
            log.exception("no stock of the apps of %s", work.org.name)
            return UNKNOWN_FAULT
        return ""

    def _of(self, sources: tuple[str, ...] | list[str]) -> int:
        """How many rows have been stored of these."""
        return sum(self._work.ledger.of(source).stored for source in sources)
