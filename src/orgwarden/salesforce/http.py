"""The one road to Salesforce: a pooled HTTP transport with time limits, retries and no surprises.

Rules it obeys:
- A token goes only to the origin it was issued for: a redirect elsewhere is never followed with it.
- All waiting and repeating of transient failures happens in `Transport.repeat`, nowhere else, and
  only for requests that may be made twice (or that Salesforce says it did not act on).
- Nothing is read from `.netrc` and no cookie is kept: the only credential is the one passed in.
- Neither bodies nor headers are logged.
"""

from __future__ import annotations

import logging
import os
import random
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import urljoin, urlsplit

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.utils import get_environ_proxies

from orgwarden import __version__
from orgwarden.core.problems import NeedsPerson, OverBudget, Problem, TryLater
from orgwarden.salesforce.address import Address, canonical
from orgwarden.salesforce.bodies import http_date, is_web_page
from orgwarden.salesforce.errors import SessionExpired, problem_from, worth_repeating
from orgwarden.salesforce.network import Adapter, NoCookies, named_faults
from orgwarden.salesforce.restraint import Breaker, Restraint
from orgwarden.salesforce.secret import Secret

log = logging.getLogger("orgwarden.salesforce")

T = TypeVar("T")

# The largest answer that is held in memory; log files and Bulk results are streamed to disk.
LARGEST_BODY = 256 * 1024 * 1024
CHUNK = 1024 * 1024
MOST_TRIES = 5
_MOST_REDIRECTS = 3
# A longer wait is handed to the caller: nobody should hold an org's lease asleep.
_LONGEST_WAIT = timedelta(seconds=60)


@dataclass(frozen=True)
class Answer:
    """A whole answer: `body` is decoded from its transfer and content encoding."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """One per process and set of time limits; may be used by several threads at once.

    `allowed` names development addresses as `host:port`. `ca_bundle` (default: the file that
    ORGWARDEN_CA_BUNDLE names) is trusted in addition to the public authorities. Proxies come from
    the usual environment variables and never apply to loopback. `wait`, `chance` and `clock` are
    the sleeping function (seconds), a random number in [0, 1) and a monotonic clock (seconds).
    `adapter` takes the place of the network.
    """

    def __init__(
        self,
        *,
        allowed: frozenset[str] = frozenset(),
        ca_bundle: Path | None = None,
        connect_timeout: float = 10.0,
        read_timeout: float = 60.0,
        connections: int = 16,
        wait: Callable[[float], None] = time.sleep,
        chance: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
        adapter: BaseAdapter | None = None,
    ) -> None:
        self.allowed = allowed
        self.wait = wait
        self.clock = clock
        self._chance = chance
        self._timeout = (connect_timeout, read_timeout)
        self._restraints: dict[str, Restraint] = {}
        named = os.environ.get("ORGWARDEN_CA_BUNDLE")
        adapter = adapter or Adapter(ca_bundle or (Path(named) if named else None), connections)
        self._session = requests.Session()
        # The environment is read here, by us: `trust_env` would also let a line in .netrc replace
        # our Authorization header and REQUESTS_CA_BUNDLE replace the authorities.
        self._session.trust_env = False
        self._session.mount("https://", adapter)
        self._session.mount("http://", adapter)
        self._session.cookies = NoCookies()

    def close(self) -> None:
        """Closes idle connections."""
        self._session.close()

    def address(self, text: str) -> Address:
        """`canonical` with this transport's development addresses."""
        return canonical(text, allowed=self.allowed)

    # ── One try ──────────────────────────────────────────────────────────────────────────────────

    @contextmanager
    def open(
        self,
        method: str,
        url: str,
        *,
        token: Secret | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | Mapping[str, str] | None = None,
    ) -> Iterator[Stream]:
        """One request, its answer's body still to be read. Raises TryLater for a network fault,
        here or while the body is read inside the `with`; an error status is the caller's."""
        origin = "{0.scheme}://{0.netloc}".format(urlsplit(url)).lower()
        with self._restraint(origin).turns:
            stream = self._follow(method, url, token=token, headers=headers or {}, data=data)
            try:
                with named_faults(urlsplit(url).netloc):
                    yield stream
            finally:
                stream.close()

    def exchange(
        self,
        method: str,
        url: str,
        *,
        token: Secret | None = None,
        headers: Mapping[str, str] | None = None,
        data: bytes | Mapping[str, str] | None = None,
    ) -> Answer:
        """One request and its whole answer, whatever its status. Raises TryLater for a network
        fault, NeedsPerson for a redirect to somewhere else."""
        with self.open(method, url, token=token, headers=headers, data=data) as stream:
            return Answer(stream.status, stream.headers, stream.read_all())

    def _follow(
        self,
        method: str,
        url: str,
        *,
        token: Secret | None,
        headers: Mapping[str, str],
        data: bytes | Mapping[str, str] | None,
    ) -> Stream:
        for _ in range(_MOST_REDIRECTS):
            stream = self._start(method, url, token=token, headers=headers, data=data)
            target = stream.headers.get("Location")
            if stream.status not in (301, 302, 303, 307, 308) or target is None:
                return stream
            stream.close()
            url = self._redirected(method, url, urljoin(url, target), token)
        raise TryLater(
            f"{urlsplit(url).netloc} redirects without end.",
            fix="Check the org's My Domain address.",
            code="REDIRECTED",
        )

    def _redirected(self, method: str, url: str, target: str, token: Secret | None) -> str:
        """The redirect's target if it may be followed. Raises otherwise."""
        old, new = urlsplit(url), urlsplit(target)
        if (old.scheme, old.netloc) == (new.scheme, new.netloc) and method == "GET":
            return target
        there = self.address(f"{new.scheme}://{new.netloc}")  # raises outside the allow-list
        if there.url != f"{new.scheme}://{new.netloc}".lower() or method != "GET":
            raise NeedsPerson(
                f"{old.netloc} sends us on to {new.netloc}.",
                fix=f"If that is the same org, connect it again with the address {there.url}.",
                code="REDIRECTED",
            )
        if token is not None:
            # The org has moved. A renewed sign-in names the new host; the token stays home.
            raise SessionExpired(f"The org has moved to {new.netloc}.", code="MOVED")
        return target

    def _start(
        self,
        method: str,
        url: str,
        *,
        token: Secret | None,
        headers: Mapping[str, str],
        data: bytes | Mapping[str, str] | None,
    ) -> Stream:
        address = self.address("{0.scheme}://{0.netloc}".format(urlsplit(url)))
        self._restraint(address.url).retries.note_call()
        sent = {"User-Agent": f"Orgwarden/{__version__}", "Accept": "*/*", **headers}
        sent.setdefault("Accept-Encoding", "identity" if address.is_loopback else "gzip")
        if token is not None:
            sent["Authorization"] = f"Bearer {token.reveal()}"
        with named_faults(address.host):
            response = self._session.request(
                method,
                url,
                headers=sent,
                data=data,
                timeout=self._timeout,
                stream=True,
                allow_redirects=False,
                proxies={} if address.is_loopback else get_environ_proxies(url),
            )
        return Stream(response)

    # ── Several tries ────────────────────────────────────────────────────────────────────────────

    def repeat(
        self,
        attempt: Callable[[], T],
        *,
        address: Address,
        endpoint: str,
        idempotent: bool = True,
        tries: int = MOST_TRIES,
    ) -> T:
        """`attempt`'s result, tried up to `tries` times while it fails in a way that passes.

        Waits with full jitter (at most 0.5 s, 1 s, 2 s, 4 s), or as long as `Retry-After` asks; a
        wait above a minute is not slept here but raised, with `after` telling how long. Raises
        TryLater without an attempt while the org's `endpoint` (a name of ours) is left alone.
        """
        restraint = self._restraint(address.url)
        if not restraint.breaker.admit(endpoint):
            tries = 1
        for number in range(1, tries + 1):
            try:
                found = attempt()
            except TryLater as problem:
                _note(restraint.breaker, endpoint, problem)
                pause = 0.5 * 2 ** (number - 1) * self._chance()
                if problem.after is not None:
                    pause = max(pause, problem.after.total_seconds())
                if (
                    number == tries
                    or not worth_repeating(problem, idempotent=idempotent)
                    or pause > _LONGEST_WAIT.total_seconds()
                    or not restraint.retries.take()
                ):
                    raise
                log.info(
                    "repeating a request to %s: %s (try %d, in %.1f s)",
                    address.host, problem.code, number + 1, pause,
                )  # fmt: skip
                self.wait(pause)
            except Problem:
                restraint.breaker.answered(endpoint)
                raise
            else:
                restraint.breaker.answered(endpoint)
                return found
        raise AssertionError("unreachable: the last try returns or raises")

    def send(
        self,
        method: str,
        address: Address,
        path: str,
        *,
        token: Secret | None = None,
        headers: Mapping[str, str] | None = None,
        data: Mapping[str, str] | None = None,
        idempotent: bool = True,
        tries: int = MOST_TRIES,
    ) -> Answer:
        """A request that no budget counts (OAuth, identity), repeated as `repeat` does.

        Raises the problem that an answer other than 2xx means.
        """

        def attempt() -> Answer:
            answer = self.exchange(
                method, address.url + path, token=token, headers=headers, data=data
            )
            page = bool(answer.body) and is_web_page(answer.headers, answer.body)
            if not 200 <= answer.status < 300 or page:
                raise problem_from(answer.status, answer.headers, answer.body, endpoint=path)
            return answer

        return self.repeat(
            attempt, address=address, endpoint=path, idempotent=idempotent, tries=tries
        )

    def forgive(self, address: Address) -> None:
        """A person asks for something: endpoints that are left alone are tried again at once."""
        self._restraint(address.url).breaker.forget()

    def _restraint(self, origin: str) -> Restraint:
        return self._restraints.setdefault(origin, Restraint(self.clock))


def _note(breaker: Breaker, endpoint: str, problem: TryLater) -> None:
    """What a failed try says of the endpoint; a call that was not made says nothing."""
    if isinstance(problem, OverBudget):
        return
    if worth_repeating(problem, idempotent=True):
        breaker.failed(endpoint)
    else:
        breaker.answered(endpoint)


class Stream:
    """An answer whose body is still on the wire."""

    def __init__(self, response: requests.Response) -> None:
        self._response = response
        self.status: int = response.status_code
        self.headers: Mapping[str, str] = response.headers
        raw: Any = response.raw
        self._raw: urllib3.response.BaseHTTPResponse = raw

    @property
    def date(self) -> datetime | None:
        """The server's clock when it answered."""
        return http_date(self.headers.get("Date", ""))

    def read_raw(self, amount: int = CHUNK) -> bytes:
        """Up to `amount` bytes as they are on the wire (content encoding kept); b"" at the end."""
        return self._raw.read(amount, decode_content=False)

    def read_all(self, *, largest: int = LARGEST_BODY) -> bytes:
        """The decoded body. Raises TryLater when it is larger than `largest` bytes."""
        parts: list[bytes] = []
        size = 0
        while part := self._raw.read(CHUNK, decode_content=True):
            size += len(part)
            if size > largest:
                raise TryLater(
                    f"An answer is larger than {largest // 2**20} MB.",
                    fix="It is read again in smaller parts.",
                    code="TOO_LARGE",
                )
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        self._response.close()
