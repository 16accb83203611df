"""`orgwarden serve`, `web` and `worker`: the processes that stay."""

from __future__ import annotations

import logging
import os
import queue
import signal
import ssl
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from orgwarden.cli.output import say, start
from orgwarden.cli.tls import Relay, behind, context
from orgwarden.core.problems import NeedsPerson

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
Cert = Annotated[
    Path | None, typer.Option("--tls-cert", help="Certificate with its chain, PEM: serve https.")
]
Key = Annotated[Path | None, typer.Option("--tls-key", help="The certificate's key, PEM.")]
THREADS = 8
CONNECTIONS = 1000
GRACE = 5.0  # seconds for the work in hand to reach its next commit
LARGEST_REQUEST = 1 << 20  # bytes: forms are small, and strangers may send them
CLOSING = 1.0  # seconds for answers on their way


def serve(
    host: Host = "127.0.0.1", port: Port = 8800, tls_cert: Cert = None, tls_key: Key = None
) -> None:
    """Pages and a worker in one process.

    Example: orgwarden serve --port 8800
    """
    stop = _prepare()
    pages = _listen(host, port, tls_cert, tls_key)
    worker = _work(stop)
    _answer(pages, stop)
    _end(worker)


def web(
    host: Host = "127.0.0.1", port: Port = 8800, tls_cert: Cert = None, tls_key: Key = None
) -> None:
    """The pages only; a worker runs elsewhere.

    Example: orgwarden web --host 127.0.0.1 --port 8800
    """
    stop = _prepare()
    _answer(_listen(host, port, tls_cert, tls_key), stop)


def worker() -> None:
    """A worker only. Any number may run, on any number of machines.

    Example: orgwarden worker
    """
    stop = _prepare()
    thread = _work(stop)
    say("The worker is running. Ctrl-C ends it after the next commit.")
    stop.wait()
    _end(thread)


def _prepare() -> threading.Event:
    start()
    from orgwarden.records.setup import prepare_database

    stop = threading.Event()
    # Not set by the handler: that runs in the middle of this thread, which may hold the event's
    # lock just then. A SimpleQueue may be put into anywhere.
    asked = queue.SimpleQueue[int]()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda number, _: asked.put(number))

    def obey() -> None:
        asked.get()
        stop.set()

    threading.Thread(target=obey, name="told to end", daemon=True).start()
    prepare_database()
    return stop


def _work(stop: threading.Event) -> threading.Thread:
    from orgwarden.worker.loop import run

    thread = threading.Thread(target=run, args=(stop,), name="worker", daemon=True)
    thread.start()
    return thread


def _end(worker: threading.Thread) -> None:
    """Wait for the worker, not for ever: one that dies mid-way loses nothing, and its lease is
    taken over at once because its process is gone."""
    worker.join(GRACE)
    if worker.is_alive():
        say("The work in hand was left; the next run goes on from the last commit.")
        os._exit(0)


@dataclass
class Pages:
    """What answers: the server, and the TLS relay before it when there is one."""

    server: Any
    address: str
    relay: Relay | None = None


def _listen(host: str, port: int, cert: Path | None, key: Path | None) -> Pages:
    from django.conf import settings

    from orgwarden.site.wsgi import application

    if cert is None and key is None:
        return Pages(_server(application, host, port), f"http://{host}:{port}")
    if cert is None or key is None:
        raise NeedsPerson(
            "TLS needs both a certificate and its key.", fix="Give --tls-cert and --tls-key."
        )
    if not settings.ORGWARDEN_PUBLIC_URL.startswith("https://"):
        raise NeedsPerson(
            f"The public address is {settings.ORGWARDEN_PUBLIC_URL}, which is not https.",
            fix="Set ORGWARDEN_PUBLIC_URL to the https address people open, so that cookies and "
            "the consent's way back use it.",
        )
    tls = context(cert, key)
    held: list[Relay] = []
    server = _server(behind(lambda: held[0], application), "127.0.0.1", 0)
    relay = Relay(host, port, server.effective_port, tls)
    held.append(relay)
    try:
        relay.start()
    except OSError as error:
        server.close()
        raise _not_listening(host, port, error) from None
    if hasattr(signal, "SIGHUP"):
        # A renewed certificate is taken up without a restart.
        signal.signal(signal.SIGHUP, lambda *_: _renew(tls, cert, key))
    return Pages(server, f"https://{host}:{port}", relay)


def _renew(tls: ssl.SSLContext, cert: Path, key: Path) -> None:
    try:
        context(cert, key)  # what cannot be used leaves the old one in place
        tls.load_cert_chain(cert, key)
    except NeedsPerson as problem:
        say(problem.sentence())
    else:
        say("The certificate was read again.")


def _server(application: Any, host: str, port: int) -> Any:
    import waitress
    from django.conf import settings

    try:
        return waitress.create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_REQUEST,
            connection_limit=CONNECTIONS,
            channel_timeout=60,
            asyncore_use_poll=True,
            # Left to web.proxies, which believes them of the proxies that are named and drops
            # them otherwise.
            clear_untrusted_proxy_headers=not settings.ORGWARDEN_TRUSTED_PROXIES,
        )
    except (OSError, ValueError) as error:
        raise _not_listening(host, port, error) from None


def _not_listening(host: str, port: int, error: Exception) -> NeedsPerson:
    why = getattr(error, "strerror", None) or str(error)
    return NeedsPerson(
        f"Port {port} on {host} cannot be listened on ({why}).",
        fix="Choose another --port or --host.",
    )


def _answer(pages: Pages, stop: threading.Event) -> None:
    server = pages.server
    listening = threading.Thread(target=server.run, name="web", daemon=True)
    listening.start()
    say(f"Orgwarden answers at {pages.address}")
    stop.wait()
    if pages.relay is not None:
        pages.relay.stop()
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=CLOSING)
    # What an answer that is still on its way meets from here on is no news.
    logging.getLogger("waitress").disabled = True
    server.close()
    listening.join(CLOSING)
