"""The keeper: a process of its own that exchanges a refresh token and stores what comes back.

When the app rotates refresh tokens, the only copy of the next one is in Salesforce's answer. A
worker, a page or a command that is killed while it waits for that answer would take the grant with
it. So none of them waits itself: the keeper does, in a session of its own, holds the refresh lock
in its own name, stores the new token and ends, whether anybody is still there to hear of it or not.
What is left is the moment between the arrival of the answer and the end of its commit, in a process
that does nothing else; who dies then has lost the grant, is told so, and reconnects.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections import defaultdict
from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings

from orgwarden.core.problems import Contained, GrantExpired, NeedsPerson, Problem, TryLater

if TYPE_CHECKING:
    from orgwarden.records.models import Org

_KINDS: dict[str, type[Problem]] = {
    kind.__name__: kind for kind in (Contained, GrantExpired, NeedsPerson, TryLater, Problem)
}
_one_at_a_time: defaultdict[int, threading.Lock] = defaultdict(threading.Lock)


def alone(org: Org) -> threading.Lock:
    """Of this process's threads one asks a keeper for an org; the rest use what it brought."""
    return _one_at_a_time[org.pk]


def renew(org: Org, seen: int) -> None:
    """Have an access token newer than version `seen` stored. Raises what Salesforce said."""
    told = {
        "org": org.pk,
        "seen": seen,
        "hosts": sorted(settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS),
    }
    keeper = subprocess.Popen(
        [sys.executable, "-P", "-m", "orgwarden.flows.keeper"],  # -P: nothing of the cwd
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,  # what ends us does not end it
    )
    # Not `run`: that would kill the keeper when we are interrupted.
    said, _ = keeper.communicate(json.dumps(told).encode())
    if keeper.returncode == 0:
        return
    try:
        problem = json.loads(said)
    except ValueError:
        raise TryLater(
            "The process that renews tokens ended without a word.",
            fix="It is tried again by itself; the log has the details.",
            code="KEEPER",
        ) from None
    raise _again(problem)


def _told(problem: Problem) -> dict[str, Any]:
    after = getattr(problem, "after", None)
    names = [c.__name__ for c in type(problem).__mro__ if c.__name__ in _KINDS]
    return {
        "kind": names[0],
        "what": problem.what,
        "fix": problem.fix,
        "code": problem.code,
        "after": after.total_seconds() if after is not None else None,
    }


def _again(told: dict[str, Any]) -> Problem:
    kind, what = _KINDS[told["kind"]], told["what"]
    if issubclass(kind, TryLater):
        after = timedelta(seconds=told["after"]) if told["after"] is not None else None
        return kind(what, after=after, fix=told["fix"], code=told["code"])
    return kind(what, fix=told["fix"], code=told["code"])


def main() -> int:
    """One renewal, as standard input asks for it; a problem goes to standard output as JSON."""
    told = json.load(sys.stdin)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "orgwarden.site.settings")
    import django

    django.setup()
    settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS = frozenset(told["hosts"])
    from orgwarden.flows.clients import transport
    from orgwarden.flows.tokens import OrgCredentials
    from orgwarden.records.models import Org

    try:
        OrgCredentials(Org.objects.get(pk=told["org"]), transport()).renew_here(told["seen"])
    except Problem as problem:
        try:
            sys.stdout.write(json.dumps(_told(problem)))
            sys.stdout.flush()
        except BrokenPipeError:
            os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # nobody is there to hear it
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
