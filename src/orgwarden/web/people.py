"""`/settings/people/`: who may use this installation, in which roles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from orgwarden.core.problems import Problem
from orgwarden.core.roles import WORDS, Right, Role, needs_second_factor
from orgwarden.records import people
from orgwarden.records.models import Org
from orgwarden.web import access, frame

_FACTORS = {"totp": "App", "webauthn": "Passkey"}


@dataclass(frozen=True)
class Line:
    """One person in the list."""

    name: str
    href: str
    email: str
    roles: tuple[str, ...]
    factor: str  # the kinds they have, as words; "" for none
    factor_kind: str  # ok, missing, none (none is fine for this role)
    last: datetime | None
    active: bool
    self: bool


@dataclass(frozen=True)
class Cell:
    value: str
    role: str
    label: str
    ticked: bool


@dataclass(frozen=True)
class Scope:
    """All tenants, or one: a row of the roles' table."""

    name: str
    cells: tuple[Cell, ...]


@dataclass(frozen=True)
class PersonPage:
    """The form for a new person or one who is there."""

    name: str = ""
    email: str = ""
    scopes: tuple[Scope, ...] = ()
    roles: tuple[tuple[str, str], ...] = ()
    problem: str = ""
    person: Any = None
    line: Line | None = None
    secret: str = ""  # a password made just now, shown once


@require_safe
@access.needs(Right.MANAGE_PEOPLE)
def listing(request: HttpRequest) -> HttpResponse:
    """Everybody."""
    lines = tuple(_line(person, request) for person in people.everybody())
    page = {"lines": lines, "active": sum(line.active for line in lines)}
    return frame.show(request, "web/people.html", page, title="People", here="settings")


def _line(person: Any, request: HttpRequest) -> Line:
    held = sorted(person.memberships.all(), key=lambda m: (m.org is not None, m.role))
    kinds = {_FACTORS[f.type] for f in person.authenticator_set.all() if f.type in _FACTORS}
    needed = any(needs_second_factor(Role(m.role)) for m in held)
    return Line(
        name=person.get_username(),
        href=reverse("person", args=[person.pk]),
        email=person.email,
        roles=tuple(
            f"{m.get_role_display()}, {m.org.name if m.org else 'all tenants'}" for m in held
        ),
        factor=" and ".join(sorted(kinds)),
        factor_kind="ok" if kinds else "missing" if needed else "none",
        last=person.last_login,
        active=person.is_active,
        self=person.pk == request.user.pk,
    )


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.MANAGE_PEOPLE)
@access.fresh
def add(request: HttpRequest) -> HttpResponse:
    """A new person, with a password that is shown once."""
    wanted = _wanted(request)
    name, email = request.POST.get("name", ""), request.POST.get("email", "")
    problem = ""
    if request.method == "POST":
        try:
            person, secret = people.add(name, email, wanted, by=request.user.get_username())
        except Problem as found:
            problem = found.sentence()
        else:
            return _once(request, person, secret, f"{person.get_username()} is added.")
    page = _form(PersonPage(name=name, email=email, problem=problem), wanted)
    status = 422 if problem else 200
    return frame.show(
        request, "web/person.html", page, title="Add a person", here="settings", status=status
    )


@require_http_methods(["GET", "HEAD", "POST"])
@access.needs(Right.MANAGE_PEOPLE)
@access.fresh
def person(request: HttpRequest, pk: int) -> HttpResponse:
    """One person: address, roles, and what else can be done."""
    who = get_object_or_404(get_user_model(), pk=pk)
    problem = ""
    if request.method == "POST":
        email, wanted = request.POST.get("email", ""), _wanted(request)
        try:
            people.change(who, email=email, wanted=wanted, by=request.user.get_username())
        except Problem as found:
            problem = found.sentence()
        else:
            messages.success(request, f"{who.get_username()} is changed.")
            return redirect("people")
    else:
        email = who.email
        wanted = [(Role(m.role), m.org) for m in who.memberships.select_related("org")]
    page = PersonPage(
        who.get_username(), email, problem=problem, person=who, line=_line(who, request)
    )
    title = who.get_username()
    status = 422 if problem else 200
    return frame.show(
        request, "web/person.html", _form(page, wanted), title=title, here="settings", status=status
    )


@require_POST
@access.needs(Right.MANAGE_PEOPLE)
@access.fresh
def act(request: HttpRequest, pk: int, what: str) -> HttpResponse:
    """Switch off and on, a new password, no more second factor, remove."""
    who = get_object_or_404(get_user_model(), pk=pk)
    name, by = who.get_username(), request.user.get_username()
    try:
        if who.pk == request.user.pk and what in ("off", "remove", "factor"):
            raise Problem(
                "You cannot do this to yourself.", fix="Ask another administrator.", code="SELF"
            )
        if what == "password":
            return _once(
                request, who, people.new_password(who, by=by), f"{name} has a new password."
            )
        if what in ("on", "off"):
            people.switch(who, on=what == "on", by=by)
            told = f"{name} may sign in." if what == "on" else f"{name} is switched off."
        elif what == "factor":
            people.reset_second_factor(who, by=by)
            told = f"{name} has no second factor any more and will be asked to set one up."
        else:
            if request.POST.get("name", "").strip() != name:
                raise Problem("The name does not match.", fix=f"Type {name} exactly as shown.")
            people.remove(who, by=by)
            told = f"{name} is removed."
    except Problem as problem:
        messages.error(request, problem.sentence())
        return redirect("person", pk=pk)
    messages.success(request, told)
    return redirect("people")


def _once(request: HttpRequest, who: Any, secret: str, told: str) -> HttpResponse:
    page = {"name": who.get_username(), "secret": secret, "told": told}
    return frame.show(
        request, "web/password_once.html", page, title="Password, shown once", here="settings"
    )


def _wanted(request: HttpRequest) -> list[tuple[Role, Org | None]]:
    orgs: dict[str, Org | None] = {o.key: o for o in Org.objects.all()}
    orgs["*"] = None
    found = []
    for value in request.POST.getlist("role"):
        role, _, key = value.partition(":")
        if role in set(Role) and key in orgs:
            found.append((Role(role), orgs[key]))
    return found


def _form(page: PersonPage, wanted: list[tuple[Role, Org | None]]) -> PersonPage:
    ticked = {(role, org.key if org else "*") for role, org in wanted}
    places = [("*", "All tenants"), *((o.key, o.name) for o in Org.objects.all())]
    scopes = tuple(
        Scope(
            name,
            tuple(
                Cell(
                    f"{role}:{key}",
                    role.capitalize(),
                    f"{role.capitalize()} of {name}",
                    (role, key) in ticked,
                )
                for role in Role
            ),
        )
        for key, name in places
    )
    return PersonPage(
        page.name,
        page.email,
        scopes,
        tuple((role.capitalize(), WORDS[role]) for role in Role),
        page.problem,
        page.person,
        page.line,
    )
