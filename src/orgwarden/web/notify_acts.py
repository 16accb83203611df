"""What the notification pages ask the flows to do; imported when first used, as in `acts`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from orgwarden.records.models import Destination, Message

if TYPE_CHECKING:
    from orgwarden.flows.tell.destinations import Kept


def keep_destination(
    *,
    name: str,
    kind: str,
    address: str,
    secret: str,
    method: str,
    enabled: bool,
    actor: str,
    old: Destination | None = None,
) -> Kept:
    """Adds or changes a destination; raises Problem."""
    from orgwarden.flows.tell.destinations import Asked, keep

    return keep(Asked(name, kind, address, secret, method, enabled), actor=actor, old=old)


def method_of(destination: Destination) -> str:
    """How a heartbeat is called; raises Problem when its address does not open."""
    from orgwarden.flows.tell.send import opened

    return opened(destination).method


def delete_destination(destination: Destination, actor: str) -> None:
    """Removes it with what waits for it."""
    from orgwarden.flows.tell import destinations as tell_destinations

    tell_destinations.delete(destination, actor=actor)


def try_destination(destination: Destination, actor: str) -> str:
    """Sends a test now; raises Problem."""
    from orgwarden.flows.tell import try_out as tell_try

    return tell_try.try_out(destination, actor=actor)


def send_again(message: Message, actor: str) -> None:
    """Lets a message go out once more."""
    from orgwarden.flows.tell import try_out as tell_try

    tell_try.send_again(message, actor=actor)


def unheard() -> list[str]:
    """Names of the tenants whose ready message nobody would get."""
    from orgwarden.flows.tell import ready as tell_ready

    return [org.name for org in tell_ready.unheard()]


def headline(kind: str, subject: str) -> str:
    """An incident in a few words, without its tenant."""
    from orgwarden.core.incidents import TITLES, Kind
    from orgwarden.web.words import source_name

    title = TITLES[Kind(kind)]
    return f"{title}, {source_name(subject)}" if subject else title
