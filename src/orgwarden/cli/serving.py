"""`orgwarden serve`, `web` and `worker`: the processes that stay."""

from __future__ import annotations

import signal
import threading
from typing import Annotated

import typer

from orgwarden.cli.output import say, start

Host = Annotated[str, typer.Option(help="Address to listen on.")]
Port = Annotated[int, typer.Option(help="Port to listen on.")]
THREADS = 8


def serve(host: Host = "127.0.0.1", port: Port = 8800) -> None:
    """Pages and a worker in one process.

    Example: orgwarden serve --port 8800
    """
    stop = _prepare()
    thread = threading.Thread(target=_work, args=(stop,), name="worker")
    thread.start()
    try:
        _serve(host, port, stop)
    finally:
        stop.set()
        thread.join()


def web(host: Host = "127.0.0.1", port: Port = 8800) -> None:
    """The pages only; a worker runs elsewhere.

    Example: orgwarden web --host 127.0.0.1 --port 8800
    """
    _serve(host, port, _prepare())


def worker() -> None:
    """A worker only. Any number may run, on any number of machines.

    Example: orgwarden worker
    """
    stop = _prepare()
    say("The worker is running. Ctrl-C ends it after the org in hand.")
    _work(stop)


def _prepare() -> threading.Event:
    start()
    from orgwarden.records.setup import prepare_database

    prepare_database()
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    return stop


def _work(stop: threading.Event) -> None:
    from orgwarden.worker.loop import run

    run(stop)


def _serve(host: str, port: int, stop: threading.Event) -> None:
    import waitress

    from orgwarden.core.problems import NeedsPerson
    from orgwarden.site.wsgi import application

    try:
        server = waitress.create_server(
            application, host=host, port=port, threads=THREADS, ident=None
        )
    except OSError as error:
        raise NeedsPerson(
            f"Port {port} on {host} is not free ({error.strerror}).", fix="Choose another --port."
        ) from None
    listening = threading.Thread(target=server.run, name="web", daemon=True)
    listening.start()
    say(f"Orgwarden answers at http://{host}:{port}")
    stop.wait()
    server.close()
