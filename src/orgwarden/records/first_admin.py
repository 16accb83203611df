"""The first person: created once, with the groups that say who may do what."""

from __future__ import annotations

import os
import secrets
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from orgwarden.core.problems import NeedsPerson

ADMINISTRATOR = "Administrator"
ANALYST = "Analyst"
VIEWER = "Viewer"
GROUPS = (ADMINISTRATOR, ANALYST, VIEWER)


@dataclass(frozen=True)
class FirstAdmin:
    """What `ensure_first_admin` found or made."""

    username: str
    created: bool
    # Only when it was created now and generated: shown once, stored nowhere.
    generated_password: str | None = field(default=None, repr=False)
    warning: str = ""  # one sentence when the given password is weak


def ensure_first_admin() -> FirstAdmin:
    """Make the groups and, when there is no administrator yet, the first one.

    From ORGWARDEN_ADMIN_USER (default `admin`) and ORGWARDEN_ADMIN_PASSWORD, or with a generated
    password. Idempotent: an existing administrator, and its password, are left as they are.
    Somebody of that name who is no administrator is not made one; that is a NeedsPerson.
    """
    people = get_user_model().objects
    groups = {name: Group.objects.get_or_create(name=name)[0] for name in GROUPS}
    present = people.filter(groups=groups[ADMINISTRATOR], is_active=True).order_by("pk").first()
    if present is not None:
        return FirstAdmin(present.get_username(), created=False)
    username = os.environ.get("ORGWARDEN_ADMIN_USER") or "admin"
    given = os.environ.get("ORGWARDEN_ADMIN_PASSWORD")
    password = given or secrets.token_urlsafe(15)
    try:
        with transaction.atomic():
            admin = people.create_user(
                username, password=password, is_staff=True, is_superuser=True
            )
            admin.groups.add(groups[ADMINISTRATOR])
    except IntegrityError:
        if people.filter(username=username, groups=groups[ADMINISTRATOR], is_active=True).exists():
            return FirstAdmin(username, created=False)  # another process was first
        raise NeedsPerson(
            f"There is no administrator, and {username} is somebody else's name already.",
            fix="Set ORGWARDEN_ADMIN_USER to another name and run orgwarden init again.",
            code="ADMIN_NAME_TAKEN",
        ) from None
    if not given:
        return FirstAdmin(username, created=True, generated_password=password)
    try:
        validate_password(given, admin)
    except ValidationError as e:
        why = " ".join(e.messages)
        return FirstAdmin(
            username, created=True, warning=f"ORGWARDEN_ADMIN_PASSWORD is weak: {why}"
        )
    return FirstAdmin(username, created=True)
