"""Every operation of the API as every kind of caller, generated from the OpenAPI document."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from orgwarden.core.roles import INSTALLATION, RIGHTS, Right, Role
from orgwarden.core.scopes import Scope
from orgwarden.records.audit import Action
from orgwarden.records.models import ApiToken, AuditEntry, Org
from tests.web import seeds
from tests.web.api.callers import Operation, call, operations, person, token

OPERATIONS = operations()
# What each operation needs, said a second time, so that no change of it goes unnoticed.
NEEDS = {
    "list_tenants": Right.SEE_TENANTS,
    "get_tenant": Right.SEE_TENANTS,
    "list_sources": Right.SEE_TENANTS,
    "list_coverage": Right.SEE_TENANTS,
    "get_budget": Right.SEE_TENANTS,
    "list_runs": Right.SEE_TENANTS,
    "list_tests": Right.SEE_TENANTS,
    "get_test": Right.SEE_TENANTS,
    "list_incidents": Right.SEE_TENANTS,
    "collect_now": Right.COLLECT,
    "test_connectivity": Right.TEST,
    "pause_tenant": Right.EDIT_TENANTS,
    "resume_tenant": Right.EDIT_TENANTS,
    "edit_tenant": Right.EDIT_TENANTS,
    "delete_tenant": Right.DELETE_TENANTS,
    "list_apps": Right.SEE_TENANTS,
    "get_app": Right.SEE_TENANTS,
    "classify_app": Right.CLASSIFY_APPS,
    "list_events": Right.SEE_EVENTS,
    "query_events": Right.QUERY_SQL,
    "list_views": Right.QUERY_SQL,
    "list_platforms": Right.SEE_TENANTS,
    "list_features": Right.SEE_TENANTS,
    "list_tiers": Right.SEE_TENANTS,
    "list_permissions": Right.SEE_TENANTS,
    "get_health": Right.SEE_TENANTS,
    "list_audit": Right.READ_AUDIT,
    "list_people": Right.MANAGE_PEOPLE,
    "list_own_tokens": Right.HOLD_TOKENS,
    "list_destinations": Right.MANAGE_SETTINGS,
}
each_operation = pytest.mark.parametrize("operation", OPERATIONS, ids=lambda o: o.id)
each_role = pytest.mark.parametrize("role", [*Role, None], ids=lambda r: r or "no role")


@pytest.fixture
def ours(db: None) -> Org:
    return seeds.org("Our Tenant", now=timezone.now())


@pytest.fixture
def other(db: None) -> Org:
    return seeds.org("Other", now=timezone.now())


def may_hold(role: Role | None) -> bool:
    return role is not None and Right.HOLD_TOKENS in RIGHTS[role]


def test_every_operation_has_a_rule_and_each_rule_an_operation() -> None:
    assert {o.id: o.right for o in OPERATIONS} == NEEDS
    assert all(401 in o.statuses and 403 in o.statuses for o in OPERATIONS)
    assert all(404 in o.statuses for o in OPERATIONS if o.of_tenant)


@each_role
@each_operation
def test_who_holds_a_role_for_all_tenants_may_what_it_gives(
    operation: Operation, role: Role | None, ours: Org
) -> None:
    answer = call(operation, token(person("ann", role)), key=ours.key)
    if not may_hold(role):
        assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_PERSON")
        return
    assert role is not None
    allowed = operation.right in RIGHTS[role]
    assert (answer.status_code not in (401, 403)) == allowed
    assert answer.status_code in operation.statuses
    if "{test}" not in operation.path:
        assert answer.status_code != 404
    if not allowed and operation.method != "GET":
        assert AuditEntry.objects.filter(actor="ann", action=Action.ACCESS_DENIED).exists()


@each_role
@each_operation
def test_a_stranger_to_the_tenant_is_told_that_it_is_not_there(
    operation: Operation, role: Role | None, ours: Org, other: Org
) -> None:
    answer = call(operation, token(person("bob", role, other)), key=ours.key)
    if not may_hold(role):
        assert answer.status_code == 401
    elif operation.of_tenant:
        assert answer.status_code == 404
        nowhere = call(operation, token(person("eve", role, other)), key="0123456789ab")
        assert answer.content == nowhere.content, "the two must not be told apart"
    elif operation.right in INSTALLATION:
        assert answer.status_code == 403
    assert ours.name not in answer.content.decode()
    assert ours.key not in answer.content.decode()


@each_operation
def test_a_token_without_the_scope_opens_nothing_to_an_administrator(
    operation: Operation, ours: Org
) -> None:
    others = [s.value for s in Scope if s is not operation.scope]
    answer = call(operation, token(person("ann", Role.ADMINISTRATOR), *others), key=ours.key)
    assert (answer.status_code, answer.json()["code"]) == (403, "SCOPE")


@each_operation
def test_nobody_a_session_and_a_token_in_the_address_are_refused(
    operation: Operation, ours: Org
) -> None:
    ann = person("ann", Role.ADMINISTRATOR)
    signed_in = Client(enforce_csrf_checks=True)
    signed_in.force_login(ann)
    text = token(ann)
    refused = [
        call(operation, None, key=ours.key),
        call(operation, None, key=ours.key, client=signed_in),
        call(operation, None, key=ours.key, query=f"?token={text}&access_token={text}"),
        call(operation, None, key=ours.key, Authorization=f"Basic {text}"),
        call(operation, None, key=ours.key, Authorization=f"Bearer{text}"),
        call(operation, "", key=ours.key),
        call(operation, text[:-1], key=ours.key),
        call(operation, "ow_" + "é" * 46, key=ours.key),
    ]
    for answer in refused:
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")
        assert text not in answer.content.decode()


@each_operation
def test_a_token_that_expired_was_revoked_or_whose_person_is_gone_is_refused(
    operation: Operation, ours: Org
) -> None:
    ann = person("ann", Role.ADMINISTRATOR)
    now = timezone.now()
    text = token(ann)
    rows = ApiToken.objects.filter(person=ann)
    for change, code in (
        ({"expires_at": now - timedelta(seconds=1)}, "TOKEN_EXPIRED"),
        ({"expires_at": now + timedelta(days=1), "revoked_at": now}, "TOKEN_REVOKED"),
    ):
        rows.update(**change)
        answer = call(operation, text, key=ours.key)
        assert (answer.status_code, answer.json()["code"]) == (401, code)
    rows.update(revoked_at=None)
    ann.is_active = False
    ann.save()
    answer = call(operation, text, key=ours.key)
    assert (answer.status_code, answer.json()["code"]) == (401, "TOKEN_PERSON")
