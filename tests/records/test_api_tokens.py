"""API tokens: shown once, scoped, expiring, revocable, never more than their person."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.auth import get_user_model
from django.contrib.auth.models import User

from orgwarden.core.problems import NeedsPerson, NotThere
from orgwarden.core.roles import Right, Role
from orgwarden.records import api_tokens, audit, memberships
from orgwarden.records.api_tokens import BadToken, Bearer
from orgwarden.records.models import ApiToken, AuditEntry, Org

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
DAY = timedelta(days=1)
pytestmark = pytest.mark.django_db


def person(
    role: Role | None = Role.ADMINISTRATOR, name: str = "ann", org: Org | None = None
) -> User:
    made = get_user_model().objects.create_user(name)
    if role:
        memberships.give(made, role, org)
    return made


def org(name: str) -> Org:
    return Org.objects.create(
        name=name, url="https://acme.my.salesforce.com", flow=Org.Flow.WEB_SERVER, added_by="ann"
    )


def token(of: User, *scopes: str, lasts: timedelta = 30 * DAY) -> str:
    return api_tokens.create(
        of, name="nightly", scopes=scopes or ("read",), lasts=lasts, by="ann", now=NOW
    )[1]


def use(text: str, *, at: datetime = NOW, address: str = "10.0.0.1") -> Bearer:
    return api_tokens.bearer_of(text, address=address, now=at)


def test_only_a_digest_is_stored_and_creating_is_in_the_audit_chain_without_the_text() -> None:
    ann = person()
    row, text = api_tokens.create(
        ann, name=" nightly\n job ", scopes=["manage", "read"], lasts=DAY, by="ann", now=NOW
    )
    stored = ApiToken.objects.values().get()
    assert text not in repr(stored)
    assert text.startswith(row.start)
    assert stored["scopes"] == ["read", "manage"]
    assert stored["name"] == "nightly job"
    entry = AuditEntry.objects.get(action=audit.Action.TOKEN_CREATED)
    assert (entry.actor, entry.subject, entry.detail["start"]) == ("ann", "ann", row.start)
    assert text[12:] not in repr(entry.detail)
    assert audit.verify() is None


def test_a_token_does_what_its_scopes_and_its_person_both_allow() -> None:
    ours, other = org("Ours"), org("Other")
    bob = person(Role.RESPONDER, "bob", ours)
    bearer = use(token(bob, "read", "collect", "manage"))
    assert bearer.name == "bob"
    assert bearer.orgs() == [ours]
    assert bearer.may(Right.COLLECT, ours)
    assert not bearer.may(Right.COLLECT, other)
    assert not bearer.may(Right.DELETE_TENANTS, ours), "the role does not give it"
    narrow = use(token(bob, "collect"))
    assert narrow.orgs() == [], "the scope does not name it"
    assert not narrow.may(Right.SEE_TENANTS, ours)


def test_a_token_follows_its_persons_memberships() -> None:
    ours = org("Ours")
    bob = person(Role.ADMINISTRATOR, "bob")
    text = token(bob, "read", "manage")
    assert use(text).may(Right.DELETE_TENANTS, ours)
    memberships.replace(bob, [(Role.ANALYST, ours)])
    assert not use(text).may(Right.DELETE_TENANTS, ours)
    memberships.replace(bob, [])
    with pytest.raises(BadToken, match="may hold no API token"):
        use(text)


def test_expired_revoked_unknown_garbled_and_orphaned_tokens_each_say_why() -> None:
    ann = person()
    text = token(ann, lasts=DAY)
    use(text, at=NOW + DAY - timedelta(seconds=1))
    for wrong, why in ((text[:-1], "whole"), (text + "é", "whole"), ("", "whole")):
        with pytest.raises(BadToken, match=why):
            use(wrong)
    with pytest.raises(BadToken, match="expired"):
        use(text, at=NOW + DAY)
    ann.is_active = False
    ann.save()
    with pytest.raises(BadToken, match="not active"):
        use(text)
    row = ApiToken.objects.get()
    api_tokens.revoke(row, by="root")
    api_tokens.revoke(row, by="root")
    assert AuditEntry.objects.filter(action=audit.Action.TOKEN_REVOKED).count() == 1
    with pytest.raises(BadToken, match="revoked"):
        use(text)
    row.delete()
    with pytest.raises(BadToken, match="not known"):
        use(text)


def test_last_use_says_when_and_from_where_and_is_not_written_each_time() -> None:
    text = token(person())
    use(text)
    row = ApiToken.objects.get()
    assert (row.last_used_at, row.last_used_from) == (NOW, "10.0.0.1")
    use(text, at=NOW + timedelta(seconds=30))
    row.refresh_from_db()
    assert row.last_used_at == NOW
    use(text, at=NOW + timedelta(seconds=40), address="10.0.0.2")
    row.refresh_from_db()
    assert (row.last_used_at, row.last_used_from) == (NOW + timedelta(seconds=40), "10.0.0.2")


@pytest.mark.parametrize(
    ("more", "says"),
    [
        ({"scopes": []}, "no scope"),
        ({"scopes": ["read", "root"]}, "no scope root"),
        ({"name": "  "}, "needs a name"),
        ({"name": "x" * 81}, "needs a name"),
        ({"lasts": timedelta(0)}, "1 to 365 days"),
        ({"lasts": 366 * DAY}, "1 to 365 days"),
    ],
)
def test_a_token_without_name_scope_or_end_is_refused(more: dict[str, object], says: str) -> None:
    asked = {"name": "x", "scopes": ["read"], "lasts": DAY, "by": "ann", **more}
    with pytest.raises(NeedsPerson, match=says):
        api_tokens.create(person(), **asked)  # type: ignore[arg-type]


def test_people_without_the_right_hold_none_and_nobody_holds_very_many() -> None:
    with pytest.raises(NeedsPerson, match="may hold no API token"):
        token(person(None, "eve"))
    ann = person()
    for _ in range(api_tokens.MOST):
        token(ann)
    with pytest.raises(NeedsPerson, match="live tokens already"):
        token(ann)
    api_tokens.revoke(ApiToken.objects.all()[0], by="ann")
    token(ann)


def test_a_token_is_found_by_its_beginning() -> None:
    ann, bob = person(), person(name="bob")
    start = token(ann)[:9]
    assert api_tokens.find(start).person == ann
    with pytest.raises(NotThere):
        api_tokens.find(start, person=bob)
    with pytest.raises(NotThere):
        api_tokens.find("ow_nothing")


def test_entries_of_the_audit_chain_say_which_token_was_used() -> None:
    with audit.via("nightly (ow_Ab12cd…)"):
        audit.record("ann", audit.Action.ORG_TESTED, "prod", {"passed": True})
    audit.record("ann", audit.Action.ORG_TESTED, "prod")
    inside, outside = AuditEntry.objects.all()
    assert inside.detail == {"passed": True, "via": "nightly (ow_Ab12cd…)"}
    assert outside.detail == {}
    assert audit.verify() is None
