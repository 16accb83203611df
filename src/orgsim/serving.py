"""Runs orgs on consecutive ports of loopback in one event loop, until a signal."""

from __future__ import annotations

import asyncio
import gc
import signal
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import uvloop
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from orgsim import tls
from orgsim.build import make_org
from orgsim.org import Options, Org
from orgsim.server import OrgServer
from orgsim.soql.parse import parse

HOST = "127.0.0.1"
BACKLOG = 2048


class Protocol(HttpToolsProtocol):
    """uvicorn's, handing on the connection, which some faults have to end."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


def base_url(options: Options) -> str:
    return f"{'https' if options.tls else 'http'}://{HOST}:{options.port}"


@dataclass(frozen=True)
class Listening:
    """One port being answered."""

    socket: asyncio.Server
    state: ServerState

    async def end(self) -> None:
        """Take no more calls, end those that run, close every connection."""
        self.socket.close()
        for task in list(self.state.tasks):
            task.cancel()
        for connection in list(self.state.connections):
            if isinstance(connection, Protocol) and connection.transport is not None:
                connection.transport.abort()
        # Connections are gone once the loop has told each of them.
        for _ in range(50):
            if not self.state.connections:
                return
            await asyncio.sleep(0.01)


async def listen(server: OrgServer, port: int, context: ssl.SSLContext | None) -> Listening:
    """Answer for one org on one port."""
    config = Config(
        server,
        lifespan="off",
        access_log=False,
        log_config=None,
        log_level="critical",
        server_header=False,
        date_header=False,
        timeout_keep_alive=75,
        ws="none",
        interface="asgi3",
    )
    config.load()
    state = ServerState()

    def connection() -> Any:
        return Protocol(config=config, server_state=state, app_state={})

    loop = asyncio.get_running_loop()
    made = await loop.create_server(connection, HOST, port, ssl=context, backlog=BACKLOG)
    return Listening(made, state)


async def _serve(orgs: Sequence[Org], verbose: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    servers: list[OrgServer] = []
    listening: list[Listening] = []
    try:
        for org in orgs:
            options = org.options
            server = OrgServer(org, base_url(options), verbose=verbose)
            servers.append(server)
            context = tls.context() if options.tls else None
            listening.append(await listen(server, options.port, context))
            print(f"orgsim ready {server.base_url}", flush=True)
        await stop.wait()
    finally:
        for one in listening:
            await one.end()
        for server in servers:
            server.close()


def serve(all_options: Sequence[Options], *, verbose: bool = False) -> None:
    """Build the orgs, then serve them until SIGINT or SIGTERM."""
    orgs = [make_org(options) for options in all_options]
    parse("SELECT Id FROM User")  # makes the parser, so that no caller waits for it
    gc.collect()
    gc.freeze()  # the history is never garbage: do not look through it again and again
    uvloop.run(_serve(orgs, verbose))
