"""People of the console: added, given roles, switched off, removed. Every change is in the audit
chain with what was before and after, and the last administrator of all tenants stays."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction

from orgwarden.core.problems import NeedsPerson
from orgwarden.core.roles import Role
from orgwarden.records import audit, memberships
from orgwarden.records.audit import Action
from orgwarden.records.models import Org

Wanted = Iterable[tuple[Role, Org | None]]


def everybody() -> list[Any]:
    """All people, by name, with their memberships at hand."""
    people = get_user_model().objects.prefetch_related("memberships__org", "authenticator_set")
    return list(people.order_by("username"))


def find(name: str) -> Any:
    """The person of that name. Raises NeedsPerson."""
    found = get_user_model().objects.filter(username=name).first()
    if found is None:
        raise NeedsPerson(
            f"Nobody is called {name}.",
            fix="List the people with orgwarden people list.",
            code="NOBODY",
        )
    return found


def add(name: str, email: str, wanted: Wanted, *, by: str) -> tuple[Any, str]:
    """Add a person; they, and the password made for them, which is kept nowhere."""
    name, email = name.strip(), _email(email)
    person = get_user_model()(username=name, email=email)
    try:
        person.clean_fields(exclude=["password"])
    except ValidationError as e:
        raise NeedsPerson(
            f"{name or 'Nothing'} cannot be a username: {' '.join(e.messages)}",
            fix="Use letters, digits and @ . + - _ only, at most 150.",
            code="USERNAME",
        ) from None
    password = secrets.token_urlsafe(15)
    person.set_password(password)
    try:
        with transaction.atomic():
            if get_user_model().objects.filter(username__iexact=name).exists():
                raise IntegrityError
            person.save()
            _, after = memberships.replace(person, wanted, by=by)
            audit.record(by, Action.PERSON_ADDED, name, {"email": email, "after": after})
    except IntegrityError:
        raise NeedsPerson(
            f"Somebody is called {name} already.", fix="Choose another name.", code="NAME_TAKEN"
        ) from None
    return person, password


def change(person: Any, *, email: str, wanted: Wanted, by: str) -> None:
    """Give the person this address and exactly these roles."""
    with _an_administrator_stays():
        old, person.email = person.email, _email(email)
        person.save(update_fields=["email"])
        before, after = memberships.replace(person, wanted, by=by)
        if (before, old) != (after, person.email):
            _changed(person, by, [*before, f"e-mail {old}"], [*after, f"e-mail {person.email}"])


def switch(person: Any, *, on: bool, by: str) -> None:
    """Let the person in, or keep them out; their sessions and API tokens stop at once."""
    with _an_administrator_stays():
        before, person.is_active = person.is_active, on
        person.save(update_fields=["is_active"])
        if before != on:
            words = {True: "may sign in", False: "switched off"}
            _changed(person, by, [words[before]], [words[on]])


def new_password(person: Any, *, by: str) -> str:
    """Make a new password for the person, kept nowhere; their sessions end."""
    password = secrets.token_urlsafe(15)
    with transaction.atomic():
        person.set_password(password)
        person.save(update_fields=["password"])
        audit.record(by, Action.PASSWORD_CHANGED, person.get_username())
    return password


def reset_second_factor(person: Any, *, by: str) -> int:
    """Remove authenticator app, passkeys and recovery codes, for somebody who has lost them."""
    with transaction.atomic():
        count: int = person.authenticator_set.all().delete()[0]
        audit.record(by, Action.FACTOR_REMOVED, person.get_username(), {"count": count})
    return count


def remove(person: Any, *, by: str) -> None:
    """Remove the person with their roles and API tokens. What they did stays in the audit chain."""
    with _an_administrator_stays():
        name, before = person.get_username(), memberships.described(person)
        person.delete()
        audit.record(by, Action.PERSON_REMOVED, name, {"before": before})


def _changed(person: Any, by: str, before: Sequence[str], after: Sequence[str]) -> None:
    told = {"before": list(before), "after": list(after)}
    audit.record(by, Action.PERSON_CHANGED, person.get_username(), told)


@contextmanager
def _an_administrator_stays() -> Iterator[None]:
    """One transaction, undone when it would leave nobody who is one."""
    with transaction.atomic():
        # Locked, so that two cannot remove each other at once.
        list(get_user_model().objects.select_for_update().filter(is_active=True).order_by("pk"))
        yield
        if not memberships.administrators():
            raise NeedsPerson(
                "Then nobody would be an administrator of all tenants.",
                fix="Make somebody else one first.",
                code="LAST_ADMINISTRATOR",
            )


def _email(typed: str) -> str:
    typed = typed.strip()
    if typed:
        try:
            validate_email(typed)
        except ValidationError:
            raise NeedsPerson(
                f"{typed} is no e-mail address.", fix="Leave it empty or mend it.", code="EMAIL"
            ) from None
    return typed
