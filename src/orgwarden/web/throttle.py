"""How long a sign-in has to wait after wrong tries: growing, per account and address.

Two counters: one for the account from this address (free tries, then 2, 4, 8 … seconds, at most
fifteen minutes), one for the address whatever the account (so that a list of names is slow too).
The wait is the same whether the account exists or not. Counters live in the records, so that all
web processes count together, and fade after an hour without a try.
"""

from __future__ import annotations

import hashlib
import ipaddress
from datetime import UTC, datetime, timedelta

from django.core.cache import cache, caches

from orgwarden.records.shared_cache import SharedCache

FREE_TRIES = 4
FREE_TRIES_AN_ADDRESS = 20
LONGEST = timedelta(minutes=15)
FADES_AFTER = timedelta(hours=1)


def delay(tries: int, free: int) -> timedelta:
    """The wait after so many wrong tries."""
    if tries < free:
        return timedelta(0)
    return min(timedelta(seconds=2.0 ** min(tries - free + 1, 20)), LONGEST)


def wait(account: str, address: str, now: datetime) -> timedelta:
    """How long this account from this address has to wait before the next try counts."""
    waits = [timedelta(0)]
    for key, free in _keys(account, address):
        tries, last = _read(key)
        if last is not None:
            waits.append(last + delay(tries, free) - now)
    return max(waits)


def failed(account: str, address: str, now: datetime) -> None:
    """Counts a wrong try."""
    for key, _ in _keys(account, address):
        _shared().change(
            key,
            lambda held: [(held[0] if held else 0) + 1, now.timestamp()],
            int(FADES_AFTER.total_seconds()),
        )


def succeeded(account: str, address: str) -> None:
    """Forgets the account's wrong tries from this address; the address keeps its own count."""
    cache.delete(_keys(account, address)[0][0])


def one_more(what: str, who: str, most: int, seconds: int) -> bool:
    """Counts one; False when it is more than `most` in this span of `seconds`."""
    now = int(datetime.now(UTC).timestamp())
    name = hashlib.sha256(_network(who).encode()).hexdigest()[:40]
    key = f"{what}-{name}-{now // seconds}"
    return int(_shared().change(key, lambda held: (held or 0) + 1, seconds * 2)) <= most


def _shared() -> SharedCache:
    held = caches["default"]
    assert isinstance(held, SharedCache)
    return held


def _read(key: str) -> tuple[int, datetime | None]:
    held = cache.get(key)
    if held is None:
        return 0, None
    tries, last = held
    return int(tries), datetime.fromtimestamp(last, tz=UTC)


def _network(address: str) -> str:
    """The address; of IPv6 the network a subscriber is given, who has all its addresses at will."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(ip, ipaddress.IPv6Address):
        return address
    return str(ip.ipv4_mapped or ipaddress.ip_network((ip, 64), strict=False))


def _keys(account: str, address: str) -> tuple[tuple[str, int], tuple[str, int]]:
    # Hashed: a cache key has a length and an alphabet, a typed name has neither.
    address = _network(address)
    person = hashlib.sha256(f"{account.strip().casefold()}\x1f{address}".encode()).hexdigest()
    place = hashlib.sha256(address.encode()).hexdigest()
    return (
        (f"sign-in-account-{person}", FREE_TRIES),
        (f"sign-in-address-{place}", FREE_TRIES_AN_ADDRESS),
    )
