"""`make demo`: an emulated org, Orgwarden beside it, connected and collecting.

1. Start the emulator where the last demo left it: same seed, same start, its clock set to now.
2. Make Orgwarden's home, with an administrator whose password is generated once.
3. Connect the org through its real OAuth flow, unless that was done before.
4. Start pages and workers, say where they are, show the progress until Ctrl-C.
5. End all that was started.

`demo/env` holds the settings, for a shell that shall work on the same installation.

Everything lies in ./demo; `make demo-reset` removes it. Nothing but loopback is listened on.
"""

from __future__ import annotations

import argparse
import json
import os
import secrets
import shlex
import signal
import subprocess
import sys
import time
import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType
from typing import Any

from scripts.processes import Programs, Stopped, end, is_ours, port_is_free
from scripts.progress import watch

ROOT = Path(__file__).resolve().parent.parent
DEMO = ROOT / "demo"
BIN = Path(sys.executable).parent
STATE = DEMO / "state.json"
SIGN_IN = DEMO / "sign-in.txt"
ENV = DEMO / "env"
FIRST_PORT = 8900
OPTIONS = {"users": 200, "days": 60, "seed": 1, "speed": 20, "event-monitoring": "licensed"}


class Refused(Exception):
    """The demo cannot go on. The message is one sentence with the fix."""


def load_state() -> dict[str, Any]:
    """What the first demo chose: the org must be the same one every time."""
    if STATE.is_file():
        kept: dict[str, Any] = json.loads(STATE.read_text())
        return kept
    port = next((p for p in range(FIRST_PORT, FIRST_PORT + 100) if port_is_free(p)), None)
    if port is None:
        raise Refused(f"No port from {FIRST_PORT} on is free; end what listens there.")
    return {"now": timestamp(), "port": port, "options": OPTIONS, "pids": {}}


def save_state(state: dict[str, Any]) -> None:
    beside = STATE.with_suffix(".new")
    beside.write_text(json.dumps(state, indent=2) + "\n")
    beside.replace(STATE)


def timestamp() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def end_leftovers(state: dict[str, Any]) -> None:
    """A demo that was killed could not end what it started."""
    for name, pid in state.get("pids", {}).items():
        if is_ours(pid, str(BIN / name)):
            print(f"demo: ending the {name} that an earlier demo left behind")
            end(pid)


def sign_in() -> tuple[str, str]:
    """The administrator's name and password, made once."""
    if not SIGN_IN.is_file():
        opened = os.open(SIGN_IN, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(opened, "w") as file:
            file.write(f"user admin\npassword {secrets.token_urlsafe(12)}\n")
    words = SIGN_IN.read_text().split()
    return words[1], words[3]


def settings(org_port: int, port: int) -> dict[str, str]:
    """How the demo's Orgwarden is set. Another process on its records needs the same."""
    return {
        "ORGWARDEN_HOME": str(DEMO / "home"),
        "ORGWARDEN_PACE": "30",  # sign-ins every 30 s, so that the pages move
        "ORGWARDEN_ALLOWED_SALESFORCE_HOSTS": f"127.0.0.1:{org_port}",
        "ORGWARDEN_PUBLIC_URL": f"http://127.0.0.1:{port}",
    }


def exported(chosen: dict[str, str]) -> str:
    """The settings as a shell reads them."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in chosen.items())


def environment(chosen: dict[str, str]) -> dict[str, str]:
    """The settings and the administrator's sign-in, whatever the person's own settings are."""
    env = {name: value for name, value in os.environ.items() if not name.startswith("ORGWARDEN_")}
    user, password = sign_in()
    first = {"ORGWARDEN_ADMIN_USER": user, "ORGWARDEN_ADMIN_PASSWORD": password}
    return env | chosen | first


def run(program: str, *arguments: str, env: dict[str, str], stdin: str | None = None) -> str:
    """Run a command to its end and return what it printed."""
    done = subprocess.run(
        [str(BIN / program), *arguments],
        env=env,
        input=stdin,
        stdin=subprocess.DEVNULL if stdin is None else None,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = (done.stderr or done.stdout).strip()
        raise Refused(f"`{program} {arguments[0]}` ended with {done.returncode}: {said}")
    return done.stdout


def start_org(programs: Programs, state: dict[str, Any]) -> None:
    port = state["port"]
    if not port_is_free(port):
        raise Refused(
            f"Port {port}, where the demo's org lives, is taken: end what listens there, or run "
            "`make demo-reset` for a new org on another port."
        )
    command = [str(BIN / "orgsim"), "serve", "--port", str(port), "--now", state["now"]]
    for name, value in state["options"].items():
        command += [f"--{name}", str(value)]
    programs.start("orgsim", command, dict(os.environ))
    log = programs.log("orgsim")
    programs.wait_for("The emulated org", lambda: "orgsim ready" in log.read_text(), 180)
    if STATE.is_file():
        # The same org as at its first start; the time since then now passes in it.
        post(f"http://127.0.0.1:{port}/_sim/clock", {"set": timestamp()})


def post(url: str, body: dict[str, Any]) -> None:
    request = urllib.request.Request(  # noqa: S310  a loopback address made here
        url, json.dumps(body).encode(), {"Content-Type": "application/json"}
    )
    with urllib.request.urlopen(request, timeout=300):  # noqa: S310
        pass


def connect(state: dict[str, Any], env: dict[str, str]) -> None:
    """Connect the org as a person would: OAuth with the app that its administrator made."""
    listed = json.loads(run("orgwarden", "org", "list", "--json", env=env))
    if any(org["name"] == "demo" for org in listed):
        return
    app = json.loads(run("orgsim", "app", "--port", str(state["port"]), env=env))
    where = ("--url", app["url"], "--client-id", app["consumer_key"])
    how = ("--client-secret-stdin", "--flow", "client-credentials")
    seen = ("--tier", "sign_ins", "--tier", "tokens")
    run(
        *("orgwarden", "org", "connect", "demo", *where, *how, *seen),
        env=env,
        stdin=app["consumer_secret"],
    )


def serves(address: str) -> bool:
    """Whether the pages are there. How the tenants stand does not matter: the pages tell that."""
    url = f"{address}/health/?part=pages"
    try:
        with urllib.request.urlopen(url, timeout=5):  # noqa: S310  a loopback address made here
            return True
    except OSError:  # an answer of 500 and above is one too
        return False


def status(env: dict[str, str]) -> dict[str, Any]:
    """What Orgwarden says of itself. One answer that cannot be had does not end the demo."""
    try:
        said: dict[str, Any] = json.loads(run("orgwarden", "status", "--json", env=env))
    except (Refused, json.JSONDecodeError) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return {"orgs": []}
    return said


def demo(programs: Programs, port: int) -> None:
    state = load_state()
    end_leftovers(state)
    if not port_is_free(port):
        raise Refused(f"Port {port} is taken; choose another: PORT={port + 1} make demo")
    if STATE.is_file():
        print(
            f"demo: going on with the org first made at {state['now']}; this takes up to half"
            " a minute",
            flush=True,
        )
    else:
        print("demo: making an emulated org (200 people, 60 days)", flush=True)
    start_org(programs, state)
    state["pids"] = {name: process.pid for name, process in programs.running.items()}
    save_state(state)
    chosen = settings(state["port"], port)
    ENV.write_text(exported(chosen))
    env = environment(chosen)
    print("demo: starting Orgwarden", flush=True)
    run("orgwarden", "init", env=env)
    del env["ORGWARDEN_ADMIN_PASSWORD"]  # only `init` needs it
    connect(state, env)
    address = f"http://127.0.0.1:{port}"
    serve = [str(BIN / "orgwarden"), "serve", "--host", "127.0.0.1", "--port", str(port)]
    programs.start("orgwarden", serve, env)
    state["pids"] = {name: process.pid for name, process in programs.running.items()}
    save_state(state)
    programs.wait_for("Orgwarden", lambda: serves(address), 60)
    user, password = sign_in()
    print(f"\n  Orgwarden   {address}")
    print(f"  Sign in as  {user} with {password}   (kept in demo/sign-in.txt)")
    print(f"  The org     http://127.0.0.1:{state['port']}")
    print("  Commands    . demo/env; .venv/bin/orgwarden status")
    print("  Ctrl-C ends it; `make demo` goes on, `make demo-reset` starts afresh.\n", flush=True)
    watch(lambda: status(env), programs.check)


def main() -> int:
    parser = argparse.ArgumentParser(description="An emulated org with Orgwarden beside it")
    parser.add_argument("--port", type=int, default=8800, help="where the pages answer")
    chosen = parser.parse_args()

    def terminated(number: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, terminated)
    signal.signal(signal.SIGHUP, terminated)
    # A shell that starts this in the background leaves SIGINT ignored.
    signal.signal(signal.SIGINT, signal.default_int_handler)
    DEMO.mkdir(mode=0o700, exist_ok=True)
    programs = Programs(DEMO)
    begun = time.monotonic()
    try:
        demo(programs, chosen.port)
    except KeyboardInterrupt:
        print(
            f"\ndemo: ending after {time.monotonic() - begun:.0f} s; waiting for what is being"
            " written",
            flush=True,
        )
        return 0
    except (Refused, Stopped) as problem:
        print(f"demo: {problem}", file=sys.stderr)
        return 1
    finally:
        # A second Ctrl-C must not leave a program behind.
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        programs.end_all()
    return 0


if __name__ == "__main__":
    sys.exit(main())
