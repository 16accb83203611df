"""Consent in the browser: the web server flow with PKCE.

`state` is random, used once, bound to the browser session that began, and good for ten minutes.
The redirect address is built from the configured public address, never from a request's Host.
"""

from __future__ import annotations

import secrets
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from django.conf import settings

from orgwarden.catalog.features import FEATURE_IDS as FEATURES
from orgwarden.core.problems import NeedsPerson, Problem
from orgwarden.flows.clients import transport
from orgwarden.flows.connect import Asked, refuse_taken, store
from orgwarden.records import audit
from orgwarden.records.envelope import open_sealed, seal
from orgwarden.records.models import ConsentRequest, Org
from orgwarden.salesforce import (
    Secret,
    authorize_url,
    canonical,
    exchange_code,
    identity,
    new_verifier,
)

GOOD_FOR = timedelta(minutes=10)
SCOPES = ("api", "refresh_token")
CALLBACK = "/connect/callback"


def callback_address() -> str:
    """The exact redirect address to register at Salesforce. Raises NeedsPerson if Salesforce
    would not take it: https, or http on localhost."""
    public = settings.ORGWARDEN_PUBLIC_URL.rstrip("/")
    parts = urlsplit(public)
    if parts.scheme != "https" and parts.hostname not in ("localhost", "127.0.0.1"):
        raise NeedsPerson(
            f"Salesforce sends consent to https addresses only, and this is {public}.",
            fix="Set ORGWARDEN_PUBLIC_URL to an https address, or connect with client credentials.",
            code="PUBLIC_URL",
        )
    return public + CALLBACK


def begin_consent(
    *,
    name: str,
    url: str,
    client_id: str,
    client_secret: str,
    actor: str,
    session_key: str,
    features: list[str] | None = None,
    redirect_uri: str = "",
) -> str:
    """Where to send the browser. The secret waits sealed until it comes back."""
    del redirect_uri  # a page's own idea of its address is not to be trusted
    refuse_taken(name)
    address = canonical(url, allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
    callback = callback_address()
    verifier, challenge = new_verifier()
    state = secrets.token_urlsafe(32)
    ConsentRequest.objects.filter(created_at__lt=datetime.now(UTC) - GOOD_FOR).delete()
    kept = f"{verifier.reveal()}\n{client_secret}"
    ConsentRequest.objects.create(
        state=state,
        session_key=session_key,
        sealed=seal(kept.encode(), bound_to=f"consent:{state}"),
        payload={
            "name": name,
            "url": address.url,
            "client_id": client_id,
            "actor": actor,
            "features": list(features or FEATURES),
        },
        created_at=datetime.now(UTC),
    )
    return authorize_url(address, client_id, callback, state, challenge, SCOPES)


def finish_consent(state: str, code: str, session_key: str) -> Org:
    """The connected org for a callback. Raises Problem; a state is good for one call only."""
    now = datetime.now(UTC)
    fresh = ConsentRequest.objects.filter(
        state=state, session_key=session_key, used_at=None, created_at__gte=now - GOOD_FOR
    )
    if not fresh.update(used_at=now):
        raise NeedsPerson(
            "This consent is not one that was started here in the last ten minutes.",
            fix="Start again from the Integrations page.",
            code="CONSENT_STATE",
        )
    request = ConsentRequest.objects.get(state=state)
    kept = open_sealed(request.sealed, bound_to=f"consent:{state}").decode()
    request.delete()
    verifier, _, client_secret = kept.partition("\n")
    told = request.payload
    address = canonical(told["url"], allowed=settings.ORGWARDEN_ALLOWED_SALESFORCE_HOSTS)
    try:
        tokens = exchange_code(
            transport(),
            address,
            told["client_id"],
            Secret(client_secret) if client_secret else None,
            Secret(code),
            callback_address(),
            Secret(verifier),
        )
        if tokens.refresh_token is None:
            raise NeedsPerson(
                "Salesforce gave no refresh token, so collecting would end within hours.",
                fix="Add the scope refresh_token to the app, then connect again.",
                code="NO_REFRESH_TOKEN",
            )
        who = identity(transport(), tokens)
    except Problem as problem:
        detail = {"code": problem.code}
        audit.record(told["actor"], audit.Action.ORG_CONNECT_FAILED, told["name"], detail)
        raise
    asked = Asked(
        told["name"],
        told["url"],
        told["client_id"],
        Org.Flow.WEB_SERVER,
        told["actor"],
        tuple(told["features"]),
    )
    held = {"client_secret": client_secret} if client_secret else {}
    return store(asked, told["url"], tokens, who, held)
