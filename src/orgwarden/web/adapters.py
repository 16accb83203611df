"""What allauth asks us while somebody signs in: nobody signs up, everything goes into the audit
chain, one-time-code secrets are sealed, single sign-on finds a person who is already known."""

from __future__ import annotations

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core import context
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from django.conf import settings
from django.contrib.auth import get_user_model
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from orgwarden.records import audit, envelope, memberships
from orgwarden.records.audit import Action
from orgwarden.web import access, sessions, throttle

_BOUND_TO = "second factor"
_ERRORS_A_MINUTE = 20  # of single sign-on, from one address, that are recorded
_NOTICES = {
    "mfa/email/totp_activated": (Action.FACTOR_ADDED, "authenticator app"),
    "mfa/email/totp_deactivated": (Action.FACTOR_REMOVED, "authenticator app"),
    "mfa/email/webauthn_added": (Action.FACTOR_ADDED, "passkey"),
    "mfa/email/webauthn_removed": (Action.FACTOR_REMOVED, "passkey"),
    "mfa/email/recovery_codes_generated": (Action.RECOVERY_CODES_MADE, "recovery codes"),
}
_TOLD = {
    "mfa/messages/totp_activated.txt": "The authenticator app is set up.",
    "mfa/messages/totp_deactivated.txt": "The authenticator app is removed.",
    "mfa/messages/webauthn_added.txt": "The passkey is added.",
    "mfa/messages/webauthn_removed.txt": "The passkey is removed.",
    "mfa/messages/recovery_codes_generated.txt": "New recovery codes are made. The old ones no "
    "longer work.",
}


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Signing in and what is said about it."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Never: administrators add people."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The address rate limits count by."""
        return access.address_of(request) or "unknown"

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Where a sign-in leads when no page was asked for."""
        return reverse("overview")

    def is_reauthentication_required(self, *, app: str, **_: Any) -> bool:
        """Not when the person proved who they are within the last minutes."""
        return not sessions.is_fresh(context.request)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        message_context: dict[str, Any] | None = None,
        extra_tags: str = "",
        message: str | None = None,
    ) -> None:
        """Our words for what happened; nothing for what the page shows anyhow."""
        told = message or _TOLD.get(message_template or "")
        if told:
            super().add_message(request, level, extra_tags=extra_tags, message=told)

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: Any = None, email: Any = None
    ) -> None:
        """No mail: an entry in the audit chain."""
        if template_prefix in _NOTICES:
            action, what = _NOTICES[template_prefix]
            audit.record(user.get_username(), action, user.get_username(), {"what": what})

    def reauthenticate(self, user: Any, password: str) -> bool:
        """The password asked for before a critical step; right or wrong, it is recorded."""
        right = bool(super().reauthenticate(user, password))
        action = Action.PROVED_AGAIN if right else Action.SIGN_IN_FAILED
        audit.record(user.get_username(), action, access.address_of(context.request))
        return right

    def post_login(self, request: HttpRequest, user: Any, **more: Any) -> HttpResponse:
        """The end of every way in."""
        sessions.begin(request)
        used = [str(r.get("type") or r["method"]) for r in sessions.proofs(request)]
        audit.record(user.get_username(), Action.SIGN_IN, access.address_of(request), {"by": used})
        response: HttpResponse = super().post_login(request, user, **more)
        return response


class CodeForm(AuthenticateForm):  # type: ignore[misc]  # allauth has no types
    """The second step of a sign-in; a wrong code is recorded."""

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        _wrong_code(self.user)


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]  # allauth has no types
    """A code asked for before a critical step; a wrong one is recorded."""

    def _emit_authentication_failed(self, authenticator: Authenticator) -> None:
        _wrong_code(self.user)


def _wrong_code(user: Any) -> None:
    audit.record(user.get_username(), Action.FACTOR_FAILED, access.address_of(context.request))


class MfaAdapter(DefaultMFAAdapter):  # type: ignore[misc]  # allauth has no types
    """Second factors."""

    def encrypt(self, text: str) -> str:
        """Sealed under the key outside the database."""
        return base64.b64encode(envelope.seal(text.encode(), bound_to=_BOUND_TO)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """What `encrypt` made."""
        sealed = base64.b64decode(encrypted_text)
        return envelope.open_sealed(sealed, bound_to=_BOUND_TO).decode()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """The name proposed for a new passkey."""
        held = Authenticator.objects.filter(user_id=user.pk, type=type).count()
        return "Passkey" if not held else f"Passkey {held + 1}"


class SocialAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Single sign-on. Who comes is a person known by an address that the provider has verified,
    or a new one if their domain is allowed."""

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Bind a known person's account at the provider on their first visit."""
        if sociallogin.state.get("process") != AuthProcess.LOGIN:
            # Who is signed in would take on the account, or the second factor, of another.
            raise _refuse(request, "Single sign-on is for signing in only.")
        told = sociallogin.account.extra_data
        sessions.note_provider(request, told.get("id_token") or told)
        if sociallogin.is_existing:
            if not sociallogin.user.is_active:
                raise _refuse(request, "Your account is switched off.")
            return
        email = _verified(sociallogin)
        if not email:
            raise _refuse(request, "The provider names no verified e-mail address for you.")
        # PostgreSQL takes letters for the same whose capitals are; nobody's address may.
        found = get_user_model().objects.filter(email__iexact=email)
        known = [person for person in found if person.email.casefold() == email.casefold()]
        if len(known) == 1 and known[0].is_active:
            sociallogin.connect(request, known[0])
            return
        if known:
            raise _refuse(request, "Your e-mail address is switched off or belongs to several.")
        if email.rpartition("@")[2].lower() not in settings.ORGWARDEN_OIDC_DOMAINS:
            raise _refuse(request, f"Nobody here has the e-mail address {email}.")

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """Only for a verified address in a domain that is allowed."""
        email = _verified(sociallogin)
        return email.rpartition("@")[2].lower() in settings.ORGWARDEN_OIDC_DOMAINS

    def is_auto_signup_allowed(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        """There is no form: a person is made or refused."""
        return True

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Any = None) -> Any:
        """A new person, called by their address, with the role the installation gives, or none."""
        email = _verified(sociallogin)
        sociallogin.user.username = email[:150]
        sociallogin.user.email = email
        sociallogin.user.set_unusable_password()
        sociallogin.save(request)
        role = settings.ORGWARDEN_OIDC_ROLE
        if role is not None:
            memberships.give(sociallogin.user, role, by="single sign-on")
        given = {"by": "single sign-on", "after": memberships.described(sociallogin.user)}
        audit.record(email, Action.PERSON_ADDED, email, given)
        return sociallogin.user

    def on_authentication_error(self, request: HttpRequest, provider: Any, **more: Any) -> None:
        """The provider refused, or could not be asked."""
        why = type(more.get("exception")).__name__ if more.get("exception") else "refused"
        # Anybody can send these without end; the chain takes so many of one address and no more.
        if throttle.one_more("single-sign-on", access.address_of(request), _ERRORS_A_MINUTE, 60):
            _failed_entry(request, why)
        raise _failed(
            request,
            "Single sign-on did not work: the provider refused, or could not be asked.",
            status=401,
        )


def _verified(sociallogin: SocialLogin) -> str:
    found = [a.email for a in sociallogin.email_addresses if a.verified is True and a.email]
    return str(found[0]) if found else ""


def _refuse(request: HttpRequest, why: str) -> ImmediateHttpResponse:
    _failed_entry(request, why)
    return _failed(request, why, status=403)


def _failed_entry(request: HttpRequest, why: str) -> None:
    address = access.address_of(request)
    audit.record("(single sign-on)", Action.SIGN_IN_FAILED, address, {"why": why})


def _failed(request: HttpRequest, why: str, *, status: int) -> ImmediateHttpResponse:
    page = {
        "heading": "Not signed in",
        "what": why,
        "fix": "Ask an administrator of Orgwarden, or sign in another way.",
    }
    return ImmediateHttpResponse(render(request, "web/not_signed_in.html", page, status=status))
