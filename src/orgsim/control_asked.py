"""What a control call asks for: its parts, checked, with a refusal in words for what is wrong."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from orgsim.entry import Network, networks
from orgsim.org import EXTERNAL, OAuthApp
from orgsim.schema import ObjectType
from orgsim.wire import ApiError, Request

if TYPE_CHECKING:
    from orgsim.server import OrgServer

DURATION = re.compile(r"P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:(\d+(?:\.\d+)?)S)?)?")


def wrong(message: str) -> ApiError:
    return ApiError(400, "SIM", message)


def asked_object(request: Request) -> dict[str, Any]:
    asked = request.json()
    if not isinstance(asked, dict):
        raise wrong("a JSON object is expected")
    return asked


def refuse_unknown(what: str, asked: dict[str, Any], known: Iterable[str]) -> None:
    unknown = asked.keys() - set(known)
    if unknown:
        raise wrong(f"{what} has no {min(unknown)} that can be changed")


def true_or_false(name: str, value: Any) -> bool:
    if not isinstance(value, bool):
        raise wrong(f"{name} is true or false")
    return value


def ranges(name: str, value: Any) -> tuple[Network, ...]:
    """Addresses and ranges of them."""
    try:
        return networks(value)
    except (ValueError, TypeError) as error:
        raise wrong(f"{name}: {error}") from error


def duration_ms(value: Any) -> int:
    """A number of seconds or an ISO-8601 duration, in ms."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return round(value * 1000)
    match = DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None or value in ("P", "PT"):
        raise wrong(f"not a duration: {value!r}")
    days, hours, minutes, seconds = (float(g or 0) for g in match.groups())
    return round((((days * 24 + hours) * 60 + minutes) * 60 + seconds) * 1000)


def type_of(server: OrgServer, name: Any) -> ObjectType:
    found = server.org.store.type(str(name))
    if found is None:
        raise ApiError(404, "SIM", f"no object is called {name!r}")
    return found


def user_of(server: OrgServer, text: str) -> str:
    users = server.org.store["User"]
    found = server.people.by_username(text)
    if found is None and users.find(text) is not None:
        found = text
    if found is None:
        raise ApiError(404, "SIM", f"no user is called {text!r}")
    return found


def app_of(server: OrgServer, name: str | None) -> OAuthApp:
    for key, one in server.org.apps.items():
        usual = one.kind == EXTERNAL and server.origin.apps[key].run_as
        if one.name == name or (name is None and usual):
            return one
    raise ApiError(404, "SIM", "the org has no such app")
