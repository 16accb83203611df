"""`orgwarden serve`, `web` and `worker`: the processes that stay."""

from __future__ import annotations

import logging
import os
import signal
import threading
from typing import Annotated, Any

import typer

from orgwarden.cli.output import say, start

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="Port to listen on.")]
THREADS = 8
GRACE = 5.0  # seconds for the work in hand to reach its next commit
LARGEST_REQUEST = 1 << 20  # bytes: forms are small, and strangers may send them
CLOSING = 1.0  # seconds for answers on their way


def serve(host: Host = "127.0.0.1", port: Port = 8800) -> None:
    """Pages and a worker in one process.

    Example: orgwarden serve --port 8800
    """
    stop = _prepare()
    server = _listen(host, port)
    worker = _work(stop)
    _answer(server, host, port, stop)
    _end(worker)


def web(host: Host = "127.0.0.1", port: Port = 8800) -> None:
    """The pages only; a worker runs elsewhere.

    Example: orgwarden web --host 127.0.0.1 --port 8800
    """
    stop = _prepare()
    _answer(_listen(host, port), host, port, stop)


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
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
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


def _listen(host: str, port: int) -> Any:
    import waitress

    from orgwarden.core.problems import NeedsPerson
    from orgwarden.site.wsgi import application

    try:
        return waitress.create_server(
            application,
            host=host,
            port=port,
            threads=THREADS,
            ident=None,
            max_request_body_size=LARGEST_REQUEST,
        )
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or str(error)
        raise NeedsPerson(
            f"Port {port} on {host} cannot be listened on ({why}).",
            fix="Choose another --port or --host.",
        ) from None


def _answer(server: Any, host: str, port: int, stop: threading.Event) -> None:
    listening = threading.Thread(target=server.run, name="web", daemon=True)
    listening.start()
    say(f"Orgwarden answers at http://{host}:{port}")
    stop.wait()
    server.task_dispatcher.shutdown(cancel_pending=True, timeout=CLOSING)
    # What an answer that is still on its way meets from here on is no news.
    logging.getLogger("waitress").disabled = True
    server.close()
    listening.join(CLOSING)
