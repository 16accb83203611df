"""What the pages ask the flows to do: the only place where `web` calls them.

The flows are imported when first used: they bring the lake's engines with them, and a page that
only reads the records should not wait for those.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

from django.conf import settings

from orgwarden.catalog.sources import SOURCES
from orgwarden.core.budget import Rules
from orgwarden.core.problems import NeedsPerson, Problem, TryLater
from orgwarden.core.source import Kind
from orgwarden.records import references
from orgwarden.records.models import App, ConnectionTest, ConsentRequest, Org

if TYPE_CHECKING:
    import pyarrow as pa

    from orgwarden.flows.connecting.pending import Pending
    from orgwarden.flows.tenant_settings import Settings
    from orgwarden.lake.reading import Reader


READERS = 3  # questions of the events at once, in one process of pages
PATIENCE = 20.0  # seconds a page waits for its turn
_READERS = threading.BoundedSemaphore(READERS)


def callback_address() -> str:
    """What to register at Salesforce as callback URL; raises Problem if it would not be taken."""
    from orgwarden.flows.connecting import consent

    return consent.callback_address()


def check_address(url: str, environment: str) -> str:
    """The address as it is kept; raises Problem for one that no token may go to, or of the other
    kind of org."""
    from orgwarden.flows.connecting import checks

    return checks.check_address(url, environment).url


def draft(
    given: Mapping[str, Any], held: Mapping[str, str], session_key: str, keep: int | None = None
) -> Pending:
    """A connection as it was asked for (`flows.asked.Asked`), with its secrets sealed; in the
    place of an earlier draft `keep`. Raises Problem, also for a reference to a secret that the
    operator did not allow on pages: who may use a page may not read any file by it."""
    from orgwarden.flows.connecting import asked, drafts

    _refuse_references(*held.values())
    return drafts.begin(asked.Asked(**given), held, session_key, keep=keep)


def _refuse_references(*typed: str) -> None:
    """Raises NeedsPerson for a reference that the operator did not allow on pages: it would read
    any file, or run any command, of the machine."""
    for value in typed:
        if references.is_reference(value) and not references.allowed(
            value, settings.ORGWARDEN_SECRET_REFERENCES
        ):
            raise NeedsPerson(
                "This reference to a secret is not one that the operator allows on pages.",
                fix="Name its beginning in ORGWARDEN_SECRET_REFERENCES, or connect on the command"
                " line, or type the secret itself.",
                code="REFERENCE_NOT_ALLOWED",
            )


def change_draft(id: int, session_key: str, held: Mapping[str, str], **changed: Any) -> Pending:
    """The same draft with something changed."""
    from dataclasses import asdict

    before = pending(id, session_key).asked
    return draft(asdict(before) | changed, held, session_key, id)


def pending(id: int, session_key: str) -> Pending:
    """A connection on its way of this session; raises Problem when there is none."""
    from orgwarden.flows.connecting import pending as flow

    return flow.find(id, session_key)


def on_their_way(session_key: str) -> list[Pending]:
    """All that this session has begun and neither finished nor given up."""
    from orgwarden.flows.connecting import pending as flow

    return flow.of_session(session_key)


def consent(id: int, session_key: str, actor: str) -> None:
    """The explicit yes to what was shown. After it, the browser goes to Salesforce or a worker
    signs in. Raises Problem."""
    from orgwarden.flows.connecting import consent as flow

    flow.go(id, session_key, actor)


def finish_consent(state: str, code: str, session_key: str) -> Pending:
    """Turns the answer of a consent into a proven connection, or into one that failed and says
    why. Raises Problem when the state is not one of this session."""
    from orgwarden.flows.connecting import consent as flow

    begun = ConsentRequest.objects.filter(state=state, session_key=session_key).first()
    try:
        return flow.finish(state, code, session_key)
    except Problem as problem:
        if begun is None or problem.code == "CONSENT_STATE":
            raise
        return pending(begun.pk, session_key)


def consent_refused(state: str, session_key: str, error: str, description: str) -> Pending:
    """A refusal that came back from Salesforce; raises Problem when it is not this session's."""
    from orgwarden.flows.connecting import consent as flow

    return flow.refused(state, session_key, error, description)[0]


def confirm(id: int, session_key: str, actor: str, *, accept: bool) -> Org:
    """Stores the proven connection; raises Problem."""
    from orgwarden.flows.connecting import confirm as flow

    return flow.confirm(id, session_key, actor, accept=accept)


def stop(id: int, session_key: str) -> None:
    """Ends waiting for Salesforce; the draft stays. Raises Problem."""
    from orgwarden.flows.connecting import drafts

    drafts.stop(id, session_key)


def give_up(id: int, session_key: str, actor: str) -> str:
    """Ends a connection on its way and gives its grant back; says what was done."""
    from orgwarden.flows.connecting import confirm as flow

    return flow.refuse(id, session_key, actor)


def certificate_ends(pem: str) -> datetime:
    """When a certificate that was made here ends."""
    from orgwarden.flows.connecting import key_pair

    return key_pair.last_day(pem)


def test_org(org: Org, actor: str) -> ConnectionTest:
    """Queues a test of the connection, or joins the one on its way."""
    from orgwarden.flows.preflight import look as preflight

    return preflight.ask(org, actor)


def lose_abandoned_tests() -> None:
    """Notices connection tests that were cut off; to be asked before tests are read."""
    from orgwarden.flows.preflight import look as preflight

    preflight.lose_abandoned()


def told_test(test: ConnectionTest) -> dict[str, Any]:
    """A connection test as it is shown and kept."""
    from orgwarden.flows.preflight import told as preflight_told

    return preflight_told.as_json(test)


def told_test_text(test: ConnectionTest) -> str:
    """A connection test as plain text."""
    from orgwarden.flows.preflight import told as preflight_told

    return preflight_told.as_text(test)


def delete_org(org: Org, actor: str) -> list[str]:
    """Revokes our grant and removes the tenant with all that was collected; says what was done."""
    from orgwarden.flows import delete_org as flow

    return flow.delete_org(org, actor=actor)


def collect_now(org: Org, actor: str) -> bool:
    """Asks a worker to collect from the org now; True when a run in progress is joined."""
    from orgwarden.flows import collect_now as flow

    return flow.collect_now(org, actor)


def pause(org: Org, actor: str) -> None:
    """Stops collecting from the org until it is resumed."""
    from orgwarden.flows import pause as flow

    flow.pause(org, actor=actor)


def resume(org: Org, actor: str) -> None:
    """Collects from the org again."""
    from orgwarden.flows import pause as flow

    flow.resume(org, actor=actor)


def grant_dies_at(org: Org) -> datetime | None:
    """When the org's grant dies if it is not used; None when nothing of it could."""
    from orgwarden.flows import pause as flow

    return flow.grant_dies_at(org)


def settings_of(org: Org) -> Settings:
    """What can be edited of the org."""
    from orgwarden.flows.tenant_settings import Settings

    return Settings.of(org)


def set_budget(org: Org, actor: str, wanted: Rules) -> list[str]:
    """Change the limits of its API calls; the names of what changed. Raises Problem."""
    from orgwarden.flows.budget_rules import set_rules

    return set_rules(org, wanted, actor=actor)


def edit_org(org: Org, actor: str, **wanted: Any) -> list[str]:
    """Stores an org's settings and says which changed; raises Problem, with its `field`."""
    from orgwarden.flows import edit_org as flow
    from orgwarden.flows.tenant_settings import Settings

    return flow.edit_org(org, Settings(**wanted), actor=actor)


def check_again(org: Org, actor: str, *, secret: str, client_id: str) -> Org:
    """Reconnects by key or secret; raises Problem, as `draft` does."""
    from orgwarden.flows.connecting import reconnect

    _refuse_references(secret)
    return reconnect.check_again(org, actor=actor, secret=secret, client_id=client_id)


def begin_reconnect(org: Org, actor: str, session_key: str, **changes: str) -> int:
    """A draft of the org's connection, to be consented to anew; its id. Raises Problem, as `draft`
    does."""
    from orgwarden.flows.connecting import reconnect

    _refuse_references(changes.get("secret", ""))
    return reconnect.begin(org, actor=actor, session_key=session_key, **changes)


def support_bundle(org: Org, actor: str) -> bytes:
    """A zip file for support: no event, no secret."""
    from orgwarden.flows import support_bundle as flow

    return flow.support_bundle(org, actor=actor)


@contextmanager
def open_reader(org_keys: Sequence[str], since: datetime, until: datetime) -> Iterator[Reader]:
    """A reader over the events of these orgs in [since, until); raises Problem.

    Only few at a time: each may take a gigabyte and both processors, and pages that need no events
    shall answer meanwhile.
    """
    from orgwarden.flows.lakes import lake_root
    from orgwarden.lake import days

    with (
        _turn(),
        days.DaysReader(
            lake_root(),
            org_keys,
            since=since,
            until=until,
            whole=[s.id for s in SOURCES if s.kind is Kind.SNAPSHOT],
        ) as reader,
    ):
        yield reader


@contextmanager
def _turn() -> Iterator[None]:
    """Wait for one of the few places of those who ask the events; raises TryLater."""
    if not _READERS.acquire(timeout=PATIENCE):
        raise TryLater(
            "Too many questions are asked of the events at once.",
            fix="Wait a moment and ask again, or choose a shorter time.",
            code="BUSY",
        )
    try:
        yield
    finally:
        _READERS.release()


def status_of(org: Org) -> dict[str, Any]:
    """How one org stands, as `orgwarden status --json` shows it."""
    from orgwarden.flows import status

    return status.of_org(org)


def ask_events(sql: str, orgs: Sequence[Org], *, limit: int, actor: str) -> tuple[pa.Table, bool]:
    """The rows of a person's SQL over these orgs and whether the limit cut them; raises Problem."""
    from orgwarden.flows import ask

    with _turn():
        return ask.ask(sql, orgs, limit=limit, actor=actor)


def event_views(orgs: Sequence[Org]) -> list[dict[str, Any]]:
    """The views over these orgs with their columns."""
    from orgwarden.flows import ask

    with _turn():
        return ask.views(orgs)


def classify_app(app: App, classification: str, why: str, actor: str) -> bool:
    """Say what an app is; False where it was that already. Raises Problem without a reason."""
    from orgwarden.flows.apps import decide

    return decide.classify(app, classification, why=why, actor=actor)
