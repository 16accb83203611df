"""The first person: created once, as administrator of all tenants."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.roles import Role
from orgwarden.records import audit, memberships

INIT = "orgwarden init"  # who the audit chain and the role name as having done it


@dataclass(frozen=True)
class FirstAdmin:
    """What `ensure_first_admin` found or made."""

    username: str
    created: bool
    # Only when it was created now and generated: shown once, stored nowhere.
    generated_password: str | None = field(default=None, repr=False)


def ensure_first_admin() -> FirstAdmin:
    """When there is no administrator of all tenants yet, make the first one.

    From ORGWARDEN_ADMIN_USER (default `admin`) and ORGWARDEN_ADMIN_PASSWORD, or with a generated
    password. Idempotent: an existing administrator, and its password, are left as they are.
    Somebody of that name who is no administrator is not made one; that is a NeedsPerson.
    """
    people = get_user_model().objects
    if present := memberships.administrators():
        return FirstAdmin(present[0].get_username(), created=False)
    username = os.environ.get("ORGWARDEN_ADMIN_USER") or "admin"
    given = os.environ.get("ORGWARDEN_ADMIN_PASSWORD")
    if given:
        _refuse_weak(given, username)
    password = given or secrets.token_urlsafe(15)
    try:
        with transaction.atomic():
            admin = people.create_user(username, password=password)
            memberships.give(admin, Role.ADMINISTRATOR, by=INIT)
            told = {"email": admin.email, "after": memberships.described(admin)}
            audit.record(INIT, audit.Action.PERSON_ADDED, username, told)
    except IntegrityError:
        if any(p.get_username() == username for p in memberships.administrators()):
            return FirstAdmin(username, created=False)  # another process was first
        raise NeedsPerson(
            f"There is no administrator, and {username} is somebody else's name already.",
            fix="Set ORGWARDEN_ADMIN_USER to another name and run orgwarden init again.",
            code="ADMIN_NAME_TAKEN",
        ) from None
    return FirstAdmin(username, created=True, generated_password=None if given else password)


def _refuse_weak(password: str, username: str) -> None:
    try:
        validate_password(password, get_user_model()(username=username))
    except ValidationError as e:
        raise NeedsPerson(
            f"ORGWARDEN_ADMIN_PASSWORD is weak: {' '.join(e.messages)}",
            fix="Set a longer one that nobody guesses, or unset it: then one is made and shown.",
            code="ADMIN_PASSWORD",
        ) from None
