"""What goes over the wire: one request, one reply, and the errors that become replies.

Bodies of errors differ by family: REST answers an array, OAuth an object, the identity URL a
bare word.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import msgspec

JSON = "application/json;charset=UTF-8"
Headers = list[tuple[str, str]]

encode = msgspec.json.Encoder().encode


class Refusal(Exception, ABC):
    """The call is answered with an error instead of a result."""

    @abstractmethod
    def reply(self) -> Reply:
        """The error as this family of calls spells it."""


class ApiError(Refusal):
    """A REST error: an array of one object with `message` and `errorCode`."""

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        *,
        fields: list[str] | None = None,
        headers: Headers | None = None,
    ) -> None:
        super().__init__(f"{code}: {message}")
        self.status, self.code, self.message = status, code, message
        self.fields, self.headers = fields, headers or []

    def body(self) -> list[dict[str, Any]]:
        error: dict[str, Any] = {"message": self.message, "errorCode": self.code}
        if self.fields is not None:
            error["fields"] = self.fields
        return [error]

    def reply(self) -> Reply:
        return Reply(encode(self.body()), self.status, headers=list(self.headers))


class OAuthError(Refusal):
    """An OAuth error: an object with `error` and `error_description`, 400 unless told."""

    def __init__(self, error: str, description: str, status: int = 400) -> None:
        super().__init__(f"{error}: {description}")
        self.error, self.description, self.status = error, description, status

    def reply(self) -> Reply:
        body = {"error": self.error, "error_description": self.description}
        return Reply(encode(body), self.status, headers=[("Cache-Control", "no-cache, no-store")])


class TextError(Refusal):
    """An error in one word of plain text, as the identity URL gives it."""

    def __init__(self, status: int, text: str) -> None:
        super().__init__(text)
        self.status, self.text = status, text

    def reply(self) -> Reply:
        return Reply(self.text.encode(), self.status, "text/html;charset=UTF-8")


@dataclass(slots=True)
class Reply:
    """An answer: bytes, or a slice of a file (after `body`), or a stream of chunks."""

    body: bytes = b""
    status: int = 200
    content_type: str = JSON
    headers: Headers = field(default_factory=list)
    file: Path | None = None
    start: int = 0
    length: int = 0  # of the slice of the file
    stream: AsyncIterator[bytes] | None = None
    cut: int | None = None  # a fault: the connection ends after so many bytes of body
    trickle: int | None = None  # a fault: bytes a second
    drop: bool = False  # a fault: the connection ends without an answer


class Request:
    """One call. Header names are lower-case; `client` is the caller's address."""

    def __init__(
        self,
        method: str,
        path: str,
        query: str,
        headers: dict[str, str],
        body: bytes = b"",
        client: str = "127.0.0.1",
    ) -> None:
        self.method, self.path, self.query = method, path, query
        self.headers, self.body, self.client = headers, body, client

    @cached_property
    def params(self) -> dict[str, str]:
        """The query string's last value by name."""
        return dict(parse_qsl(self.query, keep_blank_values=True))

    @cached_property
    def form(self) -> dict[str, str]:
        """The form in the body, over the query string's values."""
        try:
            text = self.body.decode()
        except UnicodeDecodeError as error:
            raise OAuthError("invalid_request", "malformed request body") from error
        return self.params | dict(parse_qsl(text, keep_blank_values=True))

    def json(self) -> Any:
        """The JSON body; ApiError JSON_PARSER_ERROR when it is none."""
        try:
            return msgspec.json.decode(self.body)
        except msgspec.DecodeError as error:
            raise ApiError(400, "JSON_PARSER_ERROR", str(error)) from error

    def bearer(self) -> str | None:
        """The token of `Authorization: Bearer` (or OAuth), None without one."""
        value = self.headers.get("authorization")
        if value is None:
            return None
        scheme, _, token = value.partition(" ")
        return token.strip() if scheme.lower() in ("bearer", "oauth") else ""


def answer(value: Any, status: int = 200, headers: Headers | None = None) -> Reply:
    """A JSON reply."""
    return Reply(encode(value), status, headers=headers or [])
