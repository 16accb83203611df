"""When to take stock of an org's apps: once what tells of them has changed.

Log files can take minutes and add little, so the stock is taken before them and once more at the
end: an app that came an hour ago must not wait for a backlog. What only mentions apps, as sign-ins
do, comes all the time: for it alone the stock is taken once an hour.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from orgwarden.core.problems import LostLease, Problem
from orgwarden.core.source import Kind, Source
from orgwarden.flows.apps.stock import take_stock
from orgwarden.flows.apps.traces import SOURCES
from orgwarden.flows.work import Work
from orgwarden.records.models import App

log = logging.getLogger(__name__)
MENTION = ("login_history", "event_log_apitotalusage")
TELL = tuple({*SOURCES, "users", "permission_sets", "permission_set_assignments"} - {*MENTION})
SELDOM = timedelta(hours=1)


class Stocktaking:
    """One collection's. A fault here must not undo what is committed: it is logged, and the stock
    keeps its age, which the pages show."""

    def __init__(self, work: Work) -> None:
        self._work, self._of = work, _stored(work)

    def before(self, source: Source) -> None:
        """This source is read next."""
        if source.kind is Kind.LOG_FILES:
            self._work.settle(*TELL)
            self.take()

    def take(self) -> None:
        """Take stock if anything that tells of apps has been stored since it was taken."""
        now = _stored(self._work)
        if now == self._of or (now[0] == self._of[0] and self._lately()):
            return
        try:
            take_stock(self._work.org, now=self._work.now())
        except LostLease:
            raise
        except Problem as problem:
            log.warning("no stock of the apps of %s: %s", self._work.org.name, problem.what)
        except Exception:
            log.exception("no stock of the apps of %s", self._work.org.name)
        else:
            self._of = now

    def _lately(self) -> bool:
        newest = App.objects.filter(org=self._work.org).order_by("-looked_at").first()
        return newest is not None and self._work.now() - newest.looked_at < SELDOM


def _stored(work: Work) -> tuple[int, int]:
    """Rows stored of what tells of apps, and of what only mentions them."""
    told, mentioned = (
        sum(work.ledger.of(source).stored for source in sources) for sources in (TELL, MENTION)
    )
    return told, mentioned
