#!/bin/sh
# Make .venv in the checkout: the pinned dependencies with their hashes, then this project, editable.
# Does nothing when nothing changed. If something is missing, the first line printed is the command
# that mends it. PYTHON=/path/to/python chooses the interpreter.
set -eu
cd "$(dirname "$0")/.."

say() { printf 'setup: %s\n' "$*"; }

# $1: the command that mends it, $2: what is wrong
mend() {
    printf '%s\n' "$1"
    printf 'setup: %s Run the line above, then the same command again.\n' "$2" >&2
    exit 2
}

debian() {
    if [ "$(id -u)" = 0 ]; then echo "apt-get update && apt-get install -y $1"
    else echo "sudo apt-get update && sudo apt-get install -y $1"; fi
}

new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

# Sets $python to the first interpreter that will do, or to nothing.
find_python() {
    python=""
    if [ -n "${PYTHON:-}" ]; then
        command -v "$PYTHON" >/dev/null 2>&1 || mend "make setup PYTHON=python3" "PYTHON=$PYTHON is not a program."
        new_enough "$PYTHON" || mend "make setup PYTHON=python3" "PYTHON=$PYTHON is older than 3.11."
        python=$PYTHON
        return
    fi
    for name in python3 python3.14 python3.13 python3.12 python3.11; do
        if command -v "$name" >/dev/null 2>&1 && new_enough "$name"; then python=$name; return; fi
    done
}

uv=""
if command -v uv >/dev/null 2>&1 && uv --version >/dev/null 2>&1; then uv=uv; fi
find_python
if [ -z "$python" ]; then
    if [ -n "$uv" ]; then mend "uv python install 3.12" "No Python 3.11 or newer was found."; fi
    if command -v python3 >/dev/null 2>&1; then
        mend "$(debian 'python3.11 python3.11-venv')" "The python3 in PATH is older than 3.11."
    fi
    mend "$(debian 'python3 python3-venv')" "No python3 was found."
fi
if [ -z "$uv" ] && ! "$python" -c 'import ensurepip, venv' >/dev/null 2>&1; then
    case "$python" in
        python3) mend "$(debian python3-venv)" "Python's venv module is missing." ;;
        *) mend "$(debian "$(basename "$python")-venv")" "The venv module of $python is missing." ;;
    esac
fi

stamp=.venv/.set-up
now=$( { cat requirements/dev.txt pyproject.toml; pwd; "$python" -V; } | cksum)
if [ -x .venv/bin/orgwarden ] && [ "$(cat "$stamp" 2>/dev/null)" = "$now" ]; then
    say "the environment in .venv is up to date"
    exit 0
fi

if [ -n "$uv" ]; then
    [ -x .venv/bin/python ] || { say "making .venv with uv"; uv venv --quiet --python "$python" .venv; }
    say "installing the pinned dependencies (about 900 MB on disk; the first time takes a minute or two)"
    uv pip install --quiet --python .venv/bin/python --require-hashes -r requirements/dev.txt
    uv pip install --quiet --python .venv/bin/python --no-deps --no-build-isolation -e .
else
    # An environment that uv made has no pip; one whose interpreter is gone does not run.
    if ! .venv/bin/python -m pip --version >/dev/null 2>&1; then
        say "making .venv with $python"
        "$python" -m venv --clear .venv
    fi
    say "installing the pinned dependencies (about 900 MB on disk; the first time takes some minutes)"
    pip=".venv/bin/python -m pip --disable-pip-version-check --no-input"
    $pip install --quiet --require-hashes -r requirements/dev.txt
    $pip install --quiet --no-deps --no-build-isolation -e .
fi
printf '%s\n' "$now" >"$stamp"
say "ready: .venv/bin/python, .venv/bin/orgwarden, .venv/bin/orgsim"
