"""The `orgsim` command: serve orgs, print an app, a token or the certificate authority."""

from __future__ import annotations

import argparse
import json
import os
import socket
import sys
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from orgsim import __version__

EDITIONS = (
    "Developer Edition",
    "Enterprise Edition",
    "Unlimited Edition",
    "Performance Edition",
    "Professional Edition",
    "Team Edition",
)


def _time(text: str) -> int:
    """Epoch ms of an ISO-8601 time; without a zone it is UTC."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"not an ISO 8601 time: {text}") from None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return round(moment.timestamp() * 1000)


def _natural(text: str) -> int:
    if not text.isdigit() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"not a positive whole number: {text}")
    return int(text)


def _folder(text: str) -> Path:
    if not Path(text).is_dir():
        raise argparse.ArgumentTypeError(f"no such folder: {text}")
    return Path(text)


def _file(text: str) -> Path:
    if not Path(text).is_file():
        raise argparse.ArgumentTypeError(f"no such file: {text}")
    return Path(text)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="orgsim",
        description="A Salesforce org on loopback, for testing what talks to Salesforce.",
        epilog="example: orgsim serve --port 8900 --users 50",
    )
    parser.add_argument("--version", action="version", version=f"orgsim {__version__}")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "serve",
        help="serve one or more orgs",
        epilog="example: orgsim serve --port 8900 --orgs 2 --seed 7 --event-monitoring licensed",
    )
    add = serve.add_argument
    add("--port", type=_natural, default=8900, help="the first org's port (8900)")
    add("--orgs", type=_natural, default=1, help="how many orgs, on consecutive ports (1)")
    add("--seed", type=int, default=1, help="equal seeds give equal orgs (1)")
    add("--users", type=_natural, default=200, help="people in the org (200)")
    add("--days", type=_natural, default=60, help="how far back its history goes (60)")
    add("--edition", choices=EDITIONS, default="Enterprise Edition")
    add("--event-monitoring", choices=("none", "licensed"), default="none")
    add("--daily-api-limit", type=_natural, default=100_000, help="API calls in 24 h (100000)")
    add("--files", type=_folder, help="folder whose CSVs are event log files, byte for byte")
    add("--speed", type=float, default=1.0, help="how fast the org lives; 0 freezes it (1)")
    add("--now", type=_time, help="the org's time at the start (the machine's)")
    add("--language", default="en_US", help="the org's language (en_US)")
    add("--tls", action="store_true", help="speak https; see `orgsim ca`")
    add("--verbose", action="store_true", help="print each call to stderr")
    for name, what, example in (
        ("app", "print the org's external client app as JSON", "orgsim app --port 8900"),
        ("token", "print an access token for scripts", "orgsim token --port 8900"),
    ):
        command = commands.add_parser(name, help=what, epilog=f"example: {example}")
        command.add_argument("--port", type=int, default=8900, help="where orgsim serves (8900)")
        if name == "app":
            command.add_argument(
                "--certificate", type=_file, help="PEM whose key signs the app's JWTs from now on"
            )
            command.add_argument(
                "--private-key",
                action="store_true",
                help="also print a ready private key for the JWT bearer flow, made from the seed",
            )
        if name == "token":
            command.add_argument("--user", help="username to act as (the app's run-as user)")
    commands.add_parser(
        "ca",
        help="print the certificate of the local authority as PEM",
        epilog="example: orgsim ca > orgsim-ca.pem",
    )
    return parser


def _is_free(port: int) -> bool:
    """Whether a port can be listened on: asked before the orgs are made, which takes a while."""
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            one.bind(("127.0.0.1", port))
            one.listen(1)
        except (OSError, OverflowError):
            return False
    return True


def _serve(args: argparse.Namespace) -> int:
    from orgsim.org import Options
    from orgsim.serving import serve

    now_ms = args.now if args.now is not None else time.time_ns() // 1_000_000
    options = [
        Options(
            now_ms=now_ms,
            port=args.port + number,
            number=number,
            seed=args.seed,
            users=args.users,
            days=args.days,
            edition=args.edition,
            event_monitoring=args.event_monitoring,
            daily_api_limit=args.daily_api_limit,
            files=args.files,
            speed=args.speed,
            language=args.language,
            tls=args.tls,
        )
        for number in range(args.orgs)
    ]
    taken = next((o.port for o in options if not _is_free(o.port)), None)
    if taken is not None:
        print(f"orgsim: port {taken} is in use; choose another with --port", file=sys.stderr)
        return 1
    try:
        serve(options, verbose=args.verbose)
    except (OSError, ValueError) as error:
        print(f"orgsim: {error}", file=sys.stderr)
        return 1
    return 0


def _ask(port: int, path: str, body: dict[str, str] | None = None) -> Any:
    """A control answer from a serving orgsim, by https first and then by http; with a body by
    POST."""
    import ssl
    from urllib.error import HTTPError, URLError
    from urllib.request import HTTPSHandler, ProxyHandler, build_opener

    from orgsim import tls

    ca = tls.home() / "ca.pem"
    context = ssl.create_default_context(cafile=str(ca)) if ca.exists() else None
    handlers = [ProxyHandler({})] + ([HTTPSHandler(context=context)] if context else [])
    opener = build_opener(*handlers)
    data = None if body is None else json.dumps(body).encode()
    for scheme in ("https", "http"):
        try:
            with opener.open(f"{scheme}://127.0.0.1:{port}{path}", data, timeout=10) as reply:
                return json.load(reply)
        except HTTPError as error:
            raise SystemExit(f"orgsim: {_said(error.read())}") from None
        except (URLError, OSError, ValueError):
            continue
    raise SystemExit(f"orgsim: nothing answers on port {port}; start it with `orgsim serve`")


def _said(body: bytes) -> str:
    """The sentence in an error's body."""
    try:
        return str(json.loads(body)[0]["message"])
    except (ValueError, LookupError, TypeError):
        return body.decode(errors="replace")


def _app(args: argparse.Namespace) -> int:
    if args.certificate:
        pem = args.certificate.read_text(errors="replace")
        shown = _ask(args.port, "/_sim/certificate", {"pem": pem})
    else:
        shown = _ask(args.port, "/_sim/private-key" if args.private_key else "/_sim/app")
    print(json.dumps(shown, indent=2))
    return 0


def _token(args: argparse.Namespace) -> int:
    from urllib.parse import quote

    query = f"?user={quote(args.user)}" if args.user else ""
    print(_ask(args.port, f"/_sim/token{query}")["access_token"])
    return 0


def _ca(args: argparse.Namespace) -> int:
    from orgsim import tls

    print(tls.authority().read_text(), end="")
    return 0


COMMANDS: dict[str, Callable[[argparse.Namespace], int]] = {
    "serve": _serve,
    "app": _app,
    "token": _token,
    "ca": _ca,
}


def main(argv: Sequence[str] | None = None) -> int:
    args = _parser().parse_args(argv)
    try:
        return COMMANDS[args.command](args)
    except KeyboardInterrupt:
        return 130  # Ctrl-C while the orgs are being made
    except BrokenPipeError:  # whoever read the answer has read enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0


if __name__ == "__main__":
    sys.exit(main())
