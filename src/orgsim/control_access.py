"""Control over who may what: permissions, hidden columns, the apps, their keys and tokens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from orgsim.control_asked import app_of, asked_object, type_of, user_of, wrong
from orgsim.oauth import keys
from orgsim.org import EXTERNAL, OAuthApp
from orgsim.wire import ApiError, Reply, Request, answer

if TYPE_CHECKING:
    from orgsim.server import OrgServer


def permission(server: OrgServer, request: Request) -> Reply:
    """Grant or take one permission, of a permission set (its row) or of a user alone."""
    asked = asked_object(request)
    name = str(asked.get("permission", "")).removeprefix("Permissions")
    value = asked.get("value", True)
    sets = server.org.store.tables.get("PermissionSet")
    column = f"Permissions{name}"
    if not isinstance(value, bool) or sets is None or column not in sets.type.position:
        raise wrong(f"there is no permission {name!r}, or value is neither true nor false")
    if asked.get("user"):
        user_id = user_of(server, str(asked["user"]))
        server.people.override[user_id, name] = value
    else:
        wanted = str(asked.get("permission_set", ""))
        at = sets.find(wanted)
        if at is None:
            names = [sets.type.position[n] for n in ("Name", "Label") if n in sets.type.position]
            at = next(
                (i for i, row in enumerate(sets.rows) if wanted in [row[n] for n in names]), None
            )
        if at is None:
            raise ApiError(404, "SIM", f"no permission set is called {wanted!r}")
        server.org.change(sets, at, {column: value})
    server.people.changed()
    return answer({"permission": name, "value": value})


def app(server: OrgServer, request: Request) -> Reply:
    """The external client app that every org has, or the one asked for by `name`."""
    return answer(shown(server, app_of(server, request.params.get("name"))))


def shown(server: OrgServer, app: OAuthApp) -> dict[str, Any]:
    return {
        "consumer_key": app.consumer_key,
        "consumer_secret": app.consumer_secret,
        "run_as": server.people.value(app.run_as, "Username") if app.run_as else None,
        "url": server.base_url,
    }


def certificate(server: OrgServer, request: Request) -> Reply:
    """Set the certificate whose key signs an app's JWTs."""
    asked = asked_object(request)
    found = app_of(server, asked.get("name"))
    pem = asked.get("pem")
    try:
        made = x509.load_pem_x509_certificate(str(pem).encode())
        is_rsa = isinstance(made.public_key(), rsa.RSAPublicKey)
    except (ValueError, UnsupportedAlgorithm):
        is_rsa = False
    if not is_rsa:
        raise wrong("pem must be a certificate of an RSA key: JWT bearer takes RS256 only")
    found.certificate_pem = str(pem)
    return answer(shown(server, found))


def private_key(server: OrgServer, request: Request) -> Reply:
    """The app, with a ready key for the JWT bearer flow whose certificate it has from now on."""
    found = app_of(server, request.params.get("name"))
    found.certificate_pem = keys.certificate_pem(server.org, server.key)
    return answer(shown(server, found) | {"private_key": keys.private_pem(server.key)})


def secrets(server: OrgServer, request: Request) -> Reply:
    """All that the org gave out and nobody else may see: every token and code ever issued, the
    secrets of the external client apps, the ready private key. `since` leaves out so many of the
    first issued."""
    issued = server.sessions.issued
    since = request.params.get("since", "0")
    if not since.isdecimal():
        raise wrong("since is a number")
    apps = [a for a in server.org.apps.values() if a.kind == EXTERNAL]
    told = [("consumer secret", a.consumer_secret) for a in apps]
    if "key" in server.__dict__:  # made when first asked for
        told.append(("private key", keys.private_pem(server.key)))
    told += issued[int(since) :]
    found = [{"kind": kind, "value": value} for kind, value in told]
    return answer({"issued": len(issued), "secrets": found})


def columns(server: OrgServer, request: Request) -> Reply:
    """Hide fields of an object from everybody; an empty list shows them again."""
    asked = asked_object(request)
    kind = type_of(server, asked.get("object"))
    names = asked.get("hide")
    if not isinstance(names, list):
        raise wrong("hide is a list of field names")
    unknown = [n for n in names if str(n).lower() not in kind.by_name]
    if unknown:
        raise wrong(f"{kind.name} has no field {unknown[0]}")
    server.hidden[kind.name] = frozenset(kind.by_name[n.lower()].name for n in names)
    server.hidden_ms = server.org.clock.now()
    return answer({"object": kind.name, "hide": sorted(server.hidden[kind.name])})


def token(server: OrgServer, request: Request) -> Reply:
    """An access token for scripts: of the app's run-as user, or of the `user` asked for."""
    user = request.params.get("user")
    if user:
        user_id: str | None = user_of(server, user)
    else:
        user_id = app_of(server, None).run_as
    if user_id is None:
        raise ApiError(404, "SIM", "the org has no app with a run-as user")
    session = server.sessions.open(user_id, None, ("api",))
    return answer({"access_token": session.token, "instance_url": server.base_url})
