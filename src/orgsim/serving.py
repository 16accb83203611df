"""Runs orgs on consecutive ports of loopback in one event loop, until a signal."""

from __future__ import annotations

import asyncio
import signal
import ssl
from collections.abc import Sequence
from typing import Any

import uvloop
from uvicorn import Config
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol
from uvicorn.server import ServerState

from orgsim import tls
from orgsim.build import make_org
from orgsim.org import Options, Org
from orgsim.server import OrgServer

HOST = "127.0.0.1"
BACKLOG = 2048


class Protocol(HttpToolsProtocol):
    """uvicorn's, handing on the connection, which some faults have to end."""

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self.scope["state"]["transport"] = self.transport


def base_url(options: Options) -> str:
    return f"{'https' if options.tls else 'http'}://{HOST}:{options.port}"


async def listen(server: OrgServer, port: int, context: ssl.SSLContext | None) -> asyncio.Server:
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
    return await loop.create_server(connection, HOST, port, ssl=context, backlog=BACKLOG)


async def _serve(orgs: Sequence[Org], verbose: bool) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    servers: list[OrgServer] = []
    listening: list[asyncio.Server] = []
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
            one.close()
        for server in servers:
            server.close()


def serve(all_options: Sequence[Options], *, verbose: bool = False) -> None:
    """Build the orgs, then serve them until SIGINT or SIGTERM."""
    orgs = [make_org(options) for options in all_options]
    uvloop.run(_serve(orgs, verbose))
