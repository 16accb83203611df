"""Addresses of signing in, of proving again who one is, and of one's own account.

The names are those allauth asks for. Each of its views gets a rule of ours; what it offers beyond
that (signing up, changing addresses by mail) has no address here.
"""

from __future__ import annotations

from allauth.account import views as account_views
from allauth.mfa.base import views as factor_views
from allauth.mfa.recovery_codes import views as code_views
from allauth.mfa.totp import views as app_views
from allauth.mfa.webauthn import views as passkey_views
from allauth.socialaccount import providers
from allauth.socialaccount import views as social_views
from allauth.socialaccount.providers.openid_connect import views as oidc_views
from django.urls import path
from django.views.generic import RedirectView

from orgwarden.web import account, signin
from orgwarden.web.access import fresh, public, signed_in

# allauth's own list of addresses does this, which is not used here: without it, single sign-on is
# an unknown provider until some other page has asked for the list of them.
providers.registry.load()

_OWN = "settings/account/"
_account = signed_in(RedirectView.as_view(pattern_name="account"))

urlpatterns = [
    path("sign-in/", signin.SignIn.as_view(), name="sign-in"),
    path("sign-in/", signin.SignIn.as_view(), name="account_login"),
    path("sign-in/second-factor/", public(factor_views.authenticate), name="mfa_authenticate"),
    path("sign-in/passkey/", public(passkey_views.login_webauthn), name="mfa_login_webauthn"),
    path("sign-in/inactive/", public(account_views.account_inactive), name="account_inactive"),
    path(
        "sign-in/cancelled/",
        public(social_views.login_cancelled),
        name="socialaccount_login_cancelled",
    ),
    path("sign-in/failed/", public(social_views.login_error), name="socialaccount_login_error"),
    path("sign-in/<slug:provider_id>/", public(oidc_views.login), name="openid_connect_login"),
    path(
        "sign-in/<slug:provider_id>/callback/",
        public(oidc_views.callback),
        name="openid_connect_callback",
    ),
    path("prove/password/", signed_in(account_views.reauthenticate), name="account_reauthenticate"),
    path("prove/code/", signed_in(factor_views.reauthenticate), name="mfa_reauthenticate"),
    path(
        "prove/passkey/",
        signed_in(passkey_views.reauthenticate_webauthn),
        name="mfa_reauthenticate_webauthn",
    ),
    path("sign-out/", signin.sign_out, name="sign-out"),
    path("sign-out/", signin.sign_out, name="account_logout"),
    path(_OWN, account.account, name="account"),
    path(f"{_OWN}factors/", _account, name="mfa_index"),
    path(f"{_OWN}password/", account.password, name="password"),
    path(f"{_OWN}app/", signed_in(fresh(app_views.activate_totp)), name="mfa_activate_totp"),
    path(
        f"{_OWN}app/remove/",
        signed_in(fresh(app_views.deactivate_totp)),
        name="mfa_deactivate_totp",
    ),
    path(f"{_OWN}passkeys/", _account, name="mfa_list_webauthn"),
    path(
        f"{_OWN}passkeys/add/",
        signed_in(fresh(passkey_views.add_webauthn)),
        name="mfa_add_webauthn",
    ),
    path(
        f"{_OWN}passkeys/<int:pk>/remove/",
        signed_in(fresh(passkey_views.remove_webauthn)),
        name="mfa_remove_webauthn",
    ),
    path(
        f"{_OWN}passkeys/<int:pk>/",
        signed_in(fresh(passkey_views.edit_webauthn)),
        name="mfa_edit_webauthn",
    ),
    path(
        f"{_OWN}recovery-codes/",
        signed_in(fresh(code_views.view_recovery_codes)),
        name="mfa_view_recovery_codes",
    ),
    path(
        f"{_OWN}recovery-codes/new/",
        signed_in(fresh(code_views.generate_recovery_codes)),
        name="mfa_generate_recovery_codes",
    ),
    path(
        f"{_OWN}recovery-codes/file/",
        signed_in(fresh(code_views.download_recovery_codes)),
        name="mfa_download_recovery_codes",
    ),
]
