"""One org's data API for one credential: reading, and nothing but reading.

Rules it obeys:
- Every request is announced to the meter before it is made and reported after it, repetitions and
  failures included; the meter may forbid it.
- An expired token is renewed once and the same request made once more, whatever the request.
- By construction it cannot write: requests are GETs, a composite of GETs, and the creation and
  deletion of our own Bulk query jobs. There is no public method that sends anything else.
- A result that is not complete is an error, never a short list.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TypeVar

import msgspec

from orgwarden.core.problems import GrantExpired, NeedsPerson, Problem, TryLater
from orgwarden.salesforce.address import Address
from orgwarden.salesforce.answers import (
    CompositeAnswer,
    Described,
    Field,
    Limit,
    Page,
    QueryAnswer,
    Records,
    composite_result,
    decoded,
    limits_from,
)
from orgwarden.salesforce.bodies import is_web_page
from orgwarden.salesforce.bulk import PAGE_ROWS, BulkResult
from orgwarden.salesforce.download import Download, save
from orgwarden.salesforce.errors import SessionExpired, problem_from
from orgwarden.salesforce.http import MOST_TRIES, Answer, Stream, Transport
from orgwarden.salesforce.oauth import Tokens
from orgwarden.salesforce.paths import api_path
from orgwarden.salesforce.ports import Credentials, Meter
from orgwarden.salesforce.soql import Query, name
from orgwarden.salesforce.usage import Usage, usage_from

T = TypeVar("T")

TOGETHER = 5  # queries a composite call takes (fact sheet 2.3)
_LONGEST_ERROR = 4 * 1024 * 1024
# A file that keeps failing costs a call each time, and a gigabyte.
_DOWNLOAD_TRIES = 3


class Client:
    """Reads one org. May be used by several threads. `api_version` is like "62.0".

    Methods raise: SessionExpired never; GrantExpired when even a renewed token is refused;
    TryLater, NotAllowed, NotThere, NeedsPerson as `problem_from` tells; OverBudget by the meter;
    a plain Problem for what is a fault of ours.
    """

    def __init__(
        self,
        transport: Transport,
        address: Address,
        credentials: Credentials,
        meter: Meter,
        *,
        api_version: str = "62.0",
    ) -> None:
        self.address = address
        self.api_version = api_version
        self._transport = transport
        self._credentials = credentials
        self._meter = meter
        self._clock: tuple[datetime, float] | None = None

    # ── Reading ──────────────────────────────────────────────────────────────────────────────────

    def get(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        lane: str = "event_logs",
        endpoint: str = "get",
    ) -> bytes:
        """The body at a path: absolute (`/services/data/…`), or relative to the API version."""
        return self._get(self._path(path, params), lane=lane, endpoint=endpoint).body

    def get_json(
        self,
        path: str,
        type: type[T],
        params: Mapping[str, str] | None = None,
        *,
        lane: str = "event_logs",
        endpoint: str = "get",
    ) -> T:
        """The body at a path, decoded into a type that msgspec knows."""
        return decoded(self.get(path, params, lane=lane, endpoint=endpoint), type)

    def query(
        self,
        soql: str | Query,
        *,
        tooling: bool = False,
        batch_size: int = 2000,
        lane: str = "event_logs",
        begun: Page | None = None,
    ) -> Iterator[Page]:
        """The pages of a query, one call each. The last one is yielded only if the pages together
        hold as many records as Salesforce says the result has; else TryLater (INCOMPLETE_RESULT).
        `begun` is its first page, if that was answered with others' already (`composite`).
        """
        path = self._query_path(soql, tooling)
        headers = {"Sforce-Query-Options": f"batchSize={batch_size}"}
        seen: set[str] = set()
        records = 0
        endpoint = "query"
        body = begun.body if begun is not None else None
        while True:
            if body is None:
                body = self._get(path, lane=lane, endpoint=endpoint, headers=headers).body
            page = decoded(body, QueryAnswer)
            records += len(page.records)
            if page.done or page.next_records_url is None:
                if records != page.total_size:
                    raise TryLater(
                        f"A query gave {records:,} of {page.total_size:,} records.",
                        fix="It is read again.",
                        code="INCOMPLETE_RESULT",
                    )
                yield Page(body, len(page.records), page.total_size, done=True)
                return
            yield Page(body, len(page.records), page.total_size, done=False)
            path, body = self._path(page.next_records_url), None
            endpoint = "query_more"
            if path in seen:
                raise TryLater(
                    "A query's pages repeat without end.",
                    fix="It is read again from its start.",
                    code="REPEATED_LOCATOR",
                )
            seen.add(path)

    def records(
        self,
        soql: str | Query,
        type: type[T],
        *,
        tooling: bool = False,
        lane: str = "event_logs",
    ) -> list[T]:
        """All records of a small query, decoded into a msgspec Struct (or any type it knows)."""
        found: list[T] = []
        for page in self.query(soql, tooling=tooling, lane=lane):
            found += decoded(page.body, Records[type]).records  # type: ignore[valid-type]
        return found

    def count(self, soql: str | Query, *, tooling: bool = False, lane: str = "event_logs") -> int:
        """The number a `SELECT COUNT() FROM …` gives. One call."""
        answer = self._get(self._query_path(soql, tooling), lane=lane, endpoint="query")
        return decoded(answer.body, QueryAnswer).total_size

    def composite(
        self, queries: Mapping[str, str | Query], *, first: bool = False, lane: str = "event_logs"
    ) -> dict[str, Page | Problem]:
        """Up to five queries in one call. Each name gets its page, or the problem it met; a result
        of more than one page is a problem (TOO_MANY_RECORDS), never a short page. With `first` a
        page may have others after it: give it to `query` as what is begun."""
        if not 1 <= len(queries) <= TOGETHER:
            raise ValueError("a composite call holds one to five queries")
        sent = msgspec.json.encode({
            "allOrNone": False,
            "compositeRequest": [
                {"method": "GET", "url": self._query_path(soql, False), "referenceId": f"q{n}"}
                for n, soql in enumerate(queries.values())
            ],
        })  # fmt: skip
        answer = self._call(
            "POST",
            self._path("composite"),
            lane=lane,
            endpoint="composite",
            headers={"Content-Type": "application/json"},
            data=sent,
            read=_whole,
        )
        items = decoded(answer.body, CompositeAnswer).composite_response
        by_reference = {item.reference_id: item for item in items}
        return {
            key: composite_result(by_reference.get(f"q{n}"), first=first)
            for n, key in enumerate(queries)
        }

    def limits(self, *, lane: str = "event_logs") -> dict[str, Limit]:
        """The org's limits by Salesforce's names. An entry in a shape we do not know is left out,
        because Salesforce adds and renames them; a name may therefore be missing."""
        entries = self.get_json("limits", dict[str, msgspec.Raw], lane=lane, endpoint="limits")
        return limits_from(entries)

    def describe(
        self, object_name: str, *, tooling: bool = False, lane: str = "event_logs"
    ) -> frozenset[str]:
        """The names of the object's fields that the connected user may see.

        Raises NotThere or NotAllowed where it may not see the object.
        """
        return frozenset(self.describe_fields(object_name, tooling=tooling, lane=lane))

    def describe_fields(
        self, object_name: str, *, tooling: bool = False, lane: str = "event_logs"
    ) -> dict[str, Field]:
        """The object's fields by name, in Salesforce's order."""
        root = "tooling/sobjects" if tooling else "sobjects"
        described = self.get_json(
            f"{root}/{name(object_name)}/describe", Described, lane=lane, endpoint="describe"
        )
        return {field.name: field for field in described.fields}

    def server_time(self) -> datetime | None:
        """The org's clock now: its last `Date` header and the time since. None before any call."""
        if self._clock is None:
            return None
        then, at = self._clock
        return then + timedelta(seconds=self._transport.clock() - at)

    # ── Files and Bulk ───────────────────────────────────────────────────────────────────────────

    def download(
        self,
        path: str,
        to: Path,
        *,
        expected: int | None,
        progress: Callable[[int], None] | None = None,
        hashed: bool = False,
        lane: str = "event_logs",
        endpoint: str = "log_file",
    ) -> Download:
        """A file at a path, decoded, into `to` (the caller's temporary file, not flushed).

        `expected` is its decoded length in bytes (`LogFileLength`), None where unknown. `progress`
        gets the bytes written so far and starts again from 0 when the file is fetched again.
        Raises TryLater after three tries that came cut, short or long; NotThere when it is gone.
        """

        def read(stream: Stream) -> Download:
            return save(stream, to, expected=expected, progress=progress, hashed=hashed)

        return self._call(
            "GET",
            self._path(path),
            lane=lane,
            endpoint=endpoint,
            read=read,
            tries=_DOWNLOAD_TRIES,
        )

    def bulk_query(
        self,
        soql: str | Query,
        *,
        max_records: int = PAGE_ROWS,
        deadline: timedelta = timedelta(hours=1),
        lane: str = "event_logs",
    ) -> BulkResult:
        """Starts a Bulk API 2.0 query and returns at once; `pages` of the result waits for it.

        `max_records` is the size of a page, `deadline` how long the job may take. Raises
        NotAllowed (INVALIDENTITY) for an object that Bulk does not serve.
        """
        return BulkResult.create(
            self, str(soql), max_records=max_records, deadline=deadline, lane=lane
        )

    def bulk_resume(
        self,
        job_id: str,
        *,
        max_records: int = PAGE_ROWS,
        deadline: timedelta = timedelta(hours=1),
        lane: str = "event_logs",
    ) -> BulkResult:
        """A job started earlier, perhaps by a run that crashed. Results are kept for 7 days."""
        return BulkResult(self, job_id, max_records=max_records, deadline=deadline, lane=lane)

    # ── The one way out ──────────────────────────────────────────────────────────────────────────

    def _get(
        self, path: str, *, lane: str, endpoint: str, headers: Mapping[str, str] | None = None
    ) -> Answer:
        return self._call("GET", path, lane=lane, endpoint=endpoint, headers=headers, read=_whole)

    def _call(
        self,
        method: str,
        path: str,
        *,
        lane: str,
        endpoint: str,
        read: Callable[[Stream], T],
        headers: Mapping[str, str] | None = None,
        data: bytes | Callable[[Tokens], bytes] | None = None,
        idempotent: bool = True,
        tries: int = MOST_TRIES,
    ) -> T:
        """One request, repeated where that helps and its token renewed once; `read` takes the body
        of a successful answer. `data` may be made from the tokens: SOAP wants them inside."""

        def with_tokens(tokens: Tokens) -> T:
            address = self._transport.address(tokens.instance_url)
            return self._transport.repeat(
                lambda: self._once(
                    method, address, path, tokens, lane, endpoint, headers or {}, data, read
                ),
                address=address,
                endpoint=endpoint,
                idempotent=idempotent,
                tries=tries,
            )

        tokens = self._signed_in(None)
        try:
            return with_tokens(tokens)
        except SessionExpired:
            renewed = self._signed_in(tokens)
        try:
            return with_tokens(renewed)
        except SessionExpired as refused:
            if refused.code == "MOVED":
                fix = "Connect it again with that address."
                raise NeedsPerson(refused.what, fix=fix, code="MOVED") from refused
            raise GrantExpired(
                "Salesforce refuses even a token that it has just issued.",
                fix="Check the connected user's session settings and login IP ranges: a session may"
                " be locked to its first address, and ours may change. Then reconnect the org.",
                code=refused.code,
            ) from refused

    def _signed_in(self, refused: Tokens | None) -> Tokens:
        """The tokens there are, or newer ones than these."""
        try:
            return self._credentials.renew(refused) if refused else self._credentials.current()
        except TryLater as problem:
            problem.signing_in = True
            raise

    def _once(
        self,
        method: str,
        address: Address,
        path: str,
        tokens: Tokens,
        lane: str,
        endpoint: str,
        headers: Mapping[str, str],
        data: bytes | Callable[[Tokens], bytes] | None,
        read: Callable[[Stream], T],
    ) -> T:
        self._meter.before(lane, endpoint)
        usage: Usage | None = None
        try:
            with self._transport.open(
                method,
                address.url + path,
                token=tokens.access_token,
                headers={"Sforce-Call-Options": "client=Orgwarden", **headers},
                data=data(tokens) if callable(data) else data,
            ) as stream:
                usage = usage_from(stream.headers)
                if stream.date is not None:
                    self._clock = (stream.date, self._transport.clock())
                page = stream.status != 204 and is_web_page(stream.headers, b"")
                if not 200 <= stream.status < 300 or page:
                    body = stream.read_all(largest=_LONGEST_ERROR)
                    raise problem_from(
                        stream.status, stream.headers, body, endpoint=path.partition("?")[0]
                    )
                return read(stream)
        finally:
            # Also when nothing came back: Salesforce may have counted what we could not hear.
            self._meter.after(endpoint, usage)

    def _path(self, path: str, params: Mapping[str, str] | None = None) -> str:
        return api_path(self.api_version, path, params)

    def _query_path(self, soql: str | Query, tooling: bool) -> str:
        return self._path("tooling/query" if tooling else "query", {"q": str(soql)})


def _whole(stream: Stream) -> Answer:
    body = stream.read_all()
    if is_web_page(stream.headers, body):
        raise problem_from(stream.status, stream.headers, body, endpoint="a request for data")
    if "json" in stream.headers.get("Content-Type", "") and body.rstrip()[-1:] not in (b"}", b"]"):
        # A body without a stated length that was cut: asked again here, not by the caller.
        raise TryLater("An answer of Salesforce was cut off.", code="CUT_SHORT")
    return Answer(stream.status, stream.headers, body)
