"""What each OAuth error means and what mends it (fact sheet 1.8).

Salesforce packs many situations into `invalid_grant`; the description tells them apart. "Sign-in
failed" alone is never the answer: each has its own fix.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from orgwarden.core.problems import Contained, GrantExpired, NeedsPerson, Problem, TryLater

# Signing in again and again would keep the limit used up.
_AN_HOURLY_LIMIT = timedelta(minutes=15)
_RECONNECT = "Reconnect the org in Orgwarden."
_APP_SETTINGS = "In Salesforce: Setup, External Client App Manager, the app, Policies, OAuth."


@dataclass(frozen=True)
class Remedy:
    """One situation: the error, words its description holds, and what to tell a person."""

    error: str  # "" matches every error
    words: str  # "" matches every description; compared in lower case
    kind: type[Problem]
    what: str
    fix: str


# The first that fits is taken, so the narrower ones stand first.
REMEDIES: tuple[Remedy, ...] = (
    Remedy(
        "", "already being processed", TryLater,
        "Salesforce is still busy with another request for the same token.",
        "It is tried again by itself.",
    ),
    Remedy(
        "", "login rate exceeded", TryLater,
        "The connected user signed in too often in the last hour.",
        "It passes within the hour; check which other program signs in as the same user.",
    ),
    Remedy(
        "", "app must be installed", NeedsPerson,
        "Salesforce blocks apps that are not installed in the org.",
        "Install the app: Setup, Connected Apps OAuth Usage, Install; or use an External Client"
        " App created in this org.",
    ),
    Remedy(
        "invalid_grant", "expired access/refresh token", GrantExpired,
        "Salesforce no longer honours Orgwarden's grant: it was revoked, ran out, or gave way to a"
        " newer one.",
        f"{_RECONNECT} If its user is frozen, Salesforce has contained it: first make sure that"
        " Orgwarden goes out by a fixed address that is no VPN or proxy.",
    ),
    Remedy(
        "invalid_grant", "inactive user", GrantExpired,
        "The connected user is inactive in Salesforce.",
        "Activate the user, or reconnect the org with another one.",
    ),
    Remedy(
        "invalid_grant", "user is locked", Contained,
        "The connected user is locked or frozen in Salesforce, and its grants are gone.",
        "Salesforce freezes a user that it saw come from a VPN, a proxy or another risky address,"
        " and revokes all its tokens. First make sure that Orgwarden goes out by a fixed address"
        " that is none of those; then unfreeze the user (Setup, Users, the user, Unfreeze); then"
        " reconnect. Until then nothing is tried again, because each try could freeze it anew.",
    ),
    Remedy(
        "invalid_grant", "expired authorization code", NeedsPerson,
        "The sign-in took longer than 15 minutes.", "Connect again.",
    ),
    Remedy(
        "invalid_grant", "invalid authorization code", NeedsPerson,
        "The sign-in's code was already used or is not one of this org.", "Connect again.",
    ),
    Remedy(
        "invalid_grant", "invalid client credentials", NeedsPerson,
        "The consumer secret is wrong.",
        "Copy the consumer key and secret again from the app's settings in Salesforce.",
    ),
    Remedy(
        "invalid_grant", "ip restricted or invalid login hours", NeedsPerson,
        "The connected user may not sign in from this address or at this hour.",
        "Add this server's address to the login ranges, and its hours to the login hours, of the"
        " user's profile.",
    ),
    Remedy(
        "invalid_grant", "ip restricted", NeedsPerson,
        "The connected user or app may not be used from this server's address.",
        "Add the address to the login IP ranges of the user's profile, or relax the app's IP"
        f" policy. {_APP_SETTINGS}",
    ),
    Remedy(
        "invalid_grant", "not supported on this domain", NeedsPerson,
        "This kind of sign-in works only on the org's own address.",
        "Give the org's My Domain address, like https://acme.my.salesforce.com.",
    ),
    Remedy(
        "invalid_grant", "no client credentials user enabled", NeedsPerson,
        "The app has no user to run as.",
        f"Set “Run As” for the client credentials flow. {_APP_SETTINGS}",
    ),
    Remedy(
        "invalid_grant", "client credentials flow not enabled", NeedsPerson,
        "The client credentials flow is off for this app.",
        f"Turn on “Enable Client Credentials Flow”. {_APP_SETTINGS}",
    ),
    Remedy(
        "invalid_grant", "hasn't approved this consumer", NeedsPerson,
        "The user has not approved the app.",
        "Pre-authorise the app for the user's profile or a permission set, or let the user sign in"
        f" to it once. {_APP_SETTINGS}",
    ),
    Remedy(
        "invalid_grant", "audience", NeedsPerson,
        "Salesforce expects another sign-in host in our assertion.",
        "Check that the address is the org's own, and whether the org is a sandbox.",
    ),
    Remedy(
        "invalid_grant", "invalid assertion", NeedsPerson,
        "Salesforce does not accept our signed assertion.",
        "Check that the certificate uploaded to the app belongs to this private key, and that this"
        " server's clock is right.",
    ),
    Remedy(
        "invalid_grant", "redirect uri", NeedsPerson,
        "The callback address does not match the app's.",
        "Enter the callback address that Orgwarden shows in the app's settings in Salesforce,"
        " letter by letter.",
    ),
    Remedy(
        "invalid_grant", "code verifier", NeedsPerson,
        "The sign-in was not finished in the browser that began it.", "Connect again.",
    ),
    Remedy(
        "invalid_grant", "authentication failure", NeedsPerson,
        "Salesforce rejected the sign-in.",
        "Check the consumer key, the secret or key, and the user; Setup, Login History tells why.",
    ),
    Remedy(
        "invalid_grant", "", NeedsPerson,
        "Salesforce rejected the sign-in: {said}",
        "Setup, Login History of the connected user tells why; then connect again.",
    ),
    Remedy(
        "invalid_client_id", "", NeedsPerson,
        "Salesforce does not know this consumer key here.",
        "Check the consumer key, and that the address is the My Domain of the org that has the app;"
        " a new app takes up to ten minutes to be known.",
    ),
    Remedy(
        "invalid_client", "", NeedsPerson,
        "The consumer key or secret is wrong.",
        "Copy the consumer key and secret again from the app's settings in Salesforce.",
    ),
    Remedy(
        "inactive_user", "", GrantExpired,
        "The connected user is inactive in Salesforce.",
        "Activate the user, or reconnect the org with another one.",
    ),
    Remedy(
        "inactive_org", "", NeedsPerson,
        "The org is locked, closed or suspended.",
        "Ask the org's owner or Salesforce; collecting goes on when it is open again.",
    ),
    Remedy(
        "invalid_app_access", "", NeedsPerson,
        "The user is not pre-authorised for the app.",
        f"Give the user a profile or permission set that the app admits. {_APP_SETTINGS}",
    ),
    Remedy(
        "invalid_scope", "", NeedsPerson,
        "The app does not have a scope that Orgwarden asks for.",
        "Add the scopes api, id and refresh_token to the app's OAuth settings.",
    ),
    Remedy(
        "redirect_uri_mismatch", "", NeedsPerson,
        "The callback address does not match the app's.",
        "Enter the callback address that Orgwarden shows in the app's settings in Salesforce,"
        " letter by letter.",
    ),
    Remedy(
        "unsupported_grant_type", "", NeedsPerson,
        "This kind of sign-in is off for the app or the org.",
        f"Turn the flow on for the app. {_APP_SETTINGS}",
    ),
    Remedy(
        "invalid_request", "", NeedsPerson,
        "Salesforce could not read our sign-in request: {said}",
        "If the app asks for PKCE or refuses it, check its OAuth settings; else report this.",
    ),
    Remedy(
        "unsupported_response_type", "", NeedsPerson,
        "Consent in the browser is off for the app.",
        f"Turn on the authorization code flow for the app. {_APP_SETTINGS}",
    ),
    Remedy(
        "access_denied", "", NeedsPerson,
        "The sign-in was declined in Salesforce.", "Connect again and choose Allow.",
    ),
    Remedy(
        "OAUTH_APP_BLOCKED", "", NeedsPerson,
        "An administrator of the org has blocked the app.",
        "Unblock it: Setup, Connected Apps OAuth Usage.",
    ),
    Remedy(
        "OAUTH_APP_ACCESS_DENIED", "", NeedsPerson,
        "The user may not use the app.",
        f"Give the user a profile or permission set that the app admits. {_APP_SETTINGS}",
    ),
    Remedy(
        "OAUTH_EC_APP_NOT_FOUND", "", NeedsPerson,
        "The external client app is not installed in this org.",
        "Create or install the app in this org, and give its consumer key.",
    ),
    Remedy(
        "OAUTH_APPROVAL_ERROR_GENERIC", "", NeedsPerson,
        "Salesforce would not approve the app; it does so for apps that are not installed.",
        "Install the app in the org, or give the user “Approve Uninstalled Connected Apps”.",
    ),
    Remedy(
        "OAUTH_AUTHORIZATION_BLOCKED", "", NeedsPerson,
        "The org blocks apps of other orgs.",
        "Use an External Client App created in this org.",
    ),
    Remedy(
        "rate_limit_exceeded", "", TryLater,
        "The connected user signed in too often in the last hour.",
        "It passes within the hour; check which other program signs in as the same user.",
    ),
    Remedy("slow_down", "", TryLater, "Salesforce asks us to sign in more slowly.", ""),
    Remedy(
        "server_error", "", TryLater, "Salesforce failed while signing us in.",
        "It is tried again; status.salesforce.com shows the state of the org's instance.",
    ),
)  # fmt: skip


def oauth_problem(error: str, description: str, *, after: timedelta | None = None) -> Problem:
    """The problem behind `error` and `error_description`, of the token endpoint or of a callback.

    Both may be anything: they are hostile text. The caller has made `description` safe to show.
    """
    lowered = description.lower()
    for remedy in REMEDIES:
        if remedy.error in ("", error) and remedy.words in lowered:
            what = remedy.what.replace("{said}", _sentence(description))
            if issubclass(remedy.kind, TryLater):
                code = _code(error, lowered)
                if code == "rate_limit_exceeded":
                    after = after or _AN_HOURLY_LIMIT
                return remedy.kind(what, after=after, fix=remedy.fix, code=code)
            return remedy.kind(what, fix=remedy.fix, code=error)
    return NeedsPerson(
        f"Salesforce refused the sign-in ({error or 'no reason given'}): {_sentence(description)}",
        fix="Setup, Login History of the connected user tells why; then connect again.",
        code=error,
    )


def _code(error: str, lowered: str) -> str:
    """A code of its own where Salesforce gives a transient fault a permanent error's name."""
    if "already being processed" in lowered:
        return "ALREADY_PROCESSED"
    return "rate_limit_exceeded" if "login rate exceeded" in lowered else error


def _sentence(words: str) -> str:
    if not words:
        return "it gave no reason."
    return words if words[-1] in ".!?…" else words + "."
