"""Who may reach which page. Every view says its rule by a decorator; one without is refused.

- `@needs(Right.X)`: with a `key` in the address, the right for that tenant. Who may not see the
  tenant gets 404, as if it were not there; who sees it but lacks the right gets 403 and an entry
  in the audit chain. Without a `key`, the right for some tenant, or for the whole installation
  when the right is one of the installation's or `everywhere` is set.
- `@signed_in`: everybody who has signed in, about themselves.
- `@public`: everybody.
- `@fresh` besides: the person has proved who they are within the last minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from orgwarden.core.roles import INSTALLATION, Right
from orgwarden.records import audit
from orgwarden.records.memberships import Held, held, may
from orgwarden.records.models import Org

__all__ = ["Held", "Right", "held", "may"]

View = Callable[..., HttpResponseBase]
_RULE = "access_rule"


@dataclass(frozen=True)
class Rule:
    """Who may use a view. Without a right: everybody signed in, or everybody if `public`."""

    right: Right | None = None
    everywhere: bool = False
    public: bool = False

    def allows(self, person: Held, org: Org | None) -> bool:
        """Whether somebody signed in who holds `person` passes; `org` is the address's tenant."""
        if self.right is None:
            return True
        if org is not None or self.everywhere:
            return person.may(self.right, org)
        return person.may_somewhere(self.right)


def rule_of(view: Any) -> Rule | None:
    """The rule a view was given, or None."""
    rule = getattr(view, _RULE, None)
    return rule if isinstance(rule, Rule) else None


def _ruled(view: View, rule: Rule) -> View:
    setattr(view, _RULE, rule)
    return view


def needs(right: Right, *, everywhere: bool = False) -> Callable[[View], View]:
    """The view is for people who have `right`."""
    rule = Rule(right, everywhere=everywhere or right in INSTALLATION)

    def decorate(view: View) -> View:
        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            person = held(request.user)
            org = None
            if "key" in kwargs:
                org = Org.objects.filter(key=kwargs["key"]).first()
                if org is None or not person.may(Right.SEE_TENANTS, org):
                    _denied(request, right)
                    raise Http404("There is no such tenant.")
            if not rule.allows(person, org):
                _denied(request, right)
                raise PermissionDenied(_why(person, right))
            return view(request, *args, **kwargs)

        return _ruled(guarded, rule)

    return decorate


def _why(person: Held, right: Right) -> str:
    if not person.roles:
        return "Your account has no role yet, so there is nothing it may see."
    if right in INSTALLATION and person.may_somewhere(Right.EDIT_TENANTS):
        return "This concerns all tenants, and you are an administrator of some."
    return "None of your roles allows this."


def _denied(request: HttpRequest, right: Right) -> None:
    if not request.user.is_authenticated:
        return
    asked = {"method": request.method, "address": address_of(request), "right": right.value}
    audit.record(request.user.get_username(), audit.Action.ACCESS_DENIED, request.path, asked)


def signed_in(view: View) -> View:
    """The view is for everybody who has signed in."""

    # A wrapper of its own, so that a view of another package stays as it was.
    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return _ruled(guarded, Rule())


def public(view: View) -> View:
    """The view is for everybody, signed in or not."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return view(request, *args, **kwargs)

    return _ruled(login_not_required(guarded), Rule(public=True))


def fresh(view: View) -> View:
    """The view asks again who is there, unless that was proved within the last minutes. Stands
    below the rule, so that it is asked only of people whom the rule lets through."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        from orgwarden.web import sessions  # it imports this module

        if not sessions.is_fresh(request):
            return sessions.ask_again(request)
        return view(request, *args, **kwargs)

    return guarded


class RuledViewsMiddleware:
    """Refuses a view that has no rule: what nobody thought about stays closed."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Any, *_: Any) -> None:
        """Before the view is called."""
        if rule_of(view) is None:
            raise PermissionDenied("This page says not who may use it, so nobody may.")


def address_of(request: HttpRequest) -> str:
    """The address the request came from, by which tries are counted: the visitor's when a trusted
    proxy names it (`web.proxies`), else whoever is connected."""
    return str(request.META.get("REMOTE_ADDR", ""))
