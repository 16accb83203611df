"""TLS in front of the pages, for an installation without a proxy of its own.

The server of the pages speaks plain HTTP, so it listens on a loopback port that only this process
uses, and an asyncio relay in front of it does the TLS: slow visitors cost a coroutine, not one of
the threads that render pages. The relay notes which of its connections belongs to which visitor;
`behind` gives the pages that address and the scheme, and refuses a connection to the loopback port
that did not come through the relay.
"""

from __future__ import annotations

import asyncio
import contextlib
import ssl
import threading
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from orgwarden.core.problems import NeedsPerson

HANDSHAKE = 10.0  # seconds a visitor has for the TLS handshake
MOST = 800  # connections at once; more are closed at once
PIECE = 65_536  # bytes relayed at a time
STALLED = 120.0  # seconds without a byte in either direction
Wsgi = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


def context(cert: Path, key: Path) -> ssl.SSLContext:
    """TLS 1.2 or later with this certificate chain and key (PEM). Raises NeedsPerson."""
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.set_alpn_protocols(["http/1.1"])
    try:
        # A key under a passphrase would be asked for on the terminal; nobody may be there.
        made.load_cert_chain(cert, key, password=lambda: b"")
    except (OSError, ValueError) as e:
        why = getattr(e, "strerror", None) or getattr(e, "reason", None) or str(e)
        raise NeedsPerson(
            f"The certificate {cert} and the key {key} cannot be used ({why}).",
            fix="Give --tls-cert the certificate with its chain, --tls-key the key that belongs to "
            "it, both PEM, the key without a passphrase, readable by this user.",
            code="TLS",
        ) from None
    return made


class Relay:
    """Listens with TLS and passes on to `inner`, a loopback port."""

    def __init__(self, host: str, port: int, inner: int, tls: ssl.SSLContext) -> None:
        self._where, self._inner, self._tls = (host, port), inner, tls
        self._visitors: dict[int, str] = {}
        self._open: set[asyncio.Task[None]] = set()
        self._loop = asyncio.new_event_loop()
        self._loop.set_exception_handler(lambda *_: None)  # visitors that break off are no news
        self._thread = threading.Thread(target=self._loop.run_forever, name="tls", daemon=True)

    def start(self) -> None:
        """Listen. Raises OSError when the port cannot be had."""
        self._server = self._loop.run_until_complete(
            asyncio.start_server(
                self._serve,
                *self._where,
                ssl=self._tls,
                ssl_handshake_timeout=HANDSHAKE,
                limit=PIECE,
            )
        )
        self._thread.start()

    def visitor(self, port: object) -> str | None:
        """Whose connection reaches the pages from this port of ours; None: not through here."""
        return self._visitors.get(int(str(port))) if str(port).isdecimal() else None

    def stop(self) -> None:
        """Close everything."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(timeout=5)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)
        self._loop.close()

    async def _end(self) -> None:
        self._server.close()
        for task in list(self._open):
            task.cancel()
        await asyncio.gather(*self._open, return_exceptions=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        inner: asyncio.StreamWriter | None = None
        port = 0
        try:
            if len(self._open) > MOST:
                return
            back, inner = await asyncio.open_connection("127.0.0.1", self._inner)
            port = inner.get_extra_info("sockname")[1]
            self._visitors[port] = str(writer.get_extra_info("peername")[0])
            there = asyncio.ensure_future(_pump(reader, inner))
            here = asyncio.ensure_future(_pump(back, writer))
            # The pages end a connection by closing theirs; a visitor who stops sending may still
            # want the answer.
            done, left = await asyncio.wait({here}, timeout=None)
            del done, left
            there.cancel()
            await asyncio.gather(there, here, return_exceptions=True)
        except OSError:
            pass
        finally:
            self._visitors.pop(port, None)
            self._open.discard(task)
            for end in (inner, writer):
                if end is not None:
                    end.close()
                    with contextlib.suppress(OSError, TimeoutError, asyncio.CancelledError):
                        await asyncio.wait_for(end.wait_closed(), 2)


async def _pump(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    """Pass on until the end; what the reader cannot take slows the writer down."""
    with contextlib.suppress(OSError, TimeoutError):
        while piece := await asyncio.wait_for(source.read(PIECE), STALLED):
            sink.write(piece)
            await asyncio.wait_for(sink.drain(), STALLED)
        if sink.can_write_eof():
            sink.write_eof()


def behind(relay: Callable[[], Relay], application: Wsgi) -> Wsgi:
    """The application as the relay's visitors meet it."""

    def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
        visitor = relay().visitor(environ.get("REMOTE_PORT"))
        if visitor is None:
            start_response("421 Misdirected Request", [("Content-Length", "0")])
            return []
        environ["REMOTE_ADDR"] = visitor
        environ["wsgi.url_scheme"] = "https"
        return application(environ, start_response)

    return answer
