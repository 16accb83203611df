"""Whether a machine of the org may still come in, and since when it may not.

A machine whose app was blocked, switched off or deleted, whose grant was revoked or whose user was
frozen goes on trying: its sign-ins fail, its calls end.
"""

from __future__ import annotations

from orgsim.org import Org
from orgsim.world.cast import Integration, World

REFRESH = "OAuth Refresh Token"


def refusal(org: Org, it: Integration) -> str | None:
    """What LoginHistory says of a machine's try; None when it comes in."""
    app = next((a for a in org.apps.values() if a.name == it.app), None)
    if app is not None and app.deleted:
        return "Failed: Consumer Deleted"
    if app is not None and (app.felt("blocked") or not app.felt("enabled")):
        return "Failed: OAuth API Access Disabled"
    users, logins = org.store["User"], org.store["UserLogin"]
    at = users.find(it.id)
    if at is not None and not users.value(at, "IsActive"):
        return "Failed: User is inactive"
    who, frozen = (logins.type.position[n] for n in ("UserId", "IsFrozen"))
    if any(row[who] == it.id and row[frozen] for row in logins.rows):
        return "Failed: User is frozen"
    if it.login_sub_type == REFRESH and (it.id, it.app) not in _granted(org):
        return "Failed: Invalid token"
    return None


def _granted(org: Org) -> frozenset[tuple[str, str]]:
    """Who has a grant of which app: user id and app name."""
    world, tokens = org.world, org.store["OauthToken"]
    assert world is not None
    if world.granted[0] != tokens.version:
        user, name = (tokens.type.position[n] for n in ("UserId", "AppName"))
        found = frozenset(
            (row[user], row[name]) for at, row in enumerate(tokens.rows) if at not in tokens.deleted
        )
        world.granted = (tokens.version, found)
    return world.granted[1]


def note(world: World, it: Integration, at: int, refused: bool) -> None:
    """Remember from when to when a machine was kept out."""
    spans = world.kept_out.setdefault(it.id, [])
    out = bool(spans) and spans[-1][1] is None
    if refused and not out:
        spans.append((at, None))
    elif out and not refused:
        spans[-1] = (spans[-1][0], at)


def was_out(world: World, it: Integration, at: int) -> bool:
    return any(
        since <= at and (until is None or at < until)
        for since, until in world.kept_out.get(it.id, ())
    )
