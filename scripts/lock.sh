#!/bin/sh
# Compile requirements/*.in into *.txt: pinned, with hashes, for every platform, without a registry address.
# dev.txt is compiled first and constrains the others, so that one package has one version everywhere.
set -eu
cd "$(dirname "$0")/.."
command -v uv >/dev/null 2>&1 || { echo "python3 -m pip install uv"; echo "make lock compiles with uv, which is not in PATH." >&2; exit 2; }
compile() {
    uv pip compile --quiet --no-config --generate-hashes --universal --python-version 3.11 \
        --no-emit-index-url --no-emit-find-links --custom-compile-command "make lock" "$@"
}
cd requirements
compile "$@" dev.in -o dev.txt
compile "$@" --constraint dev.txt runtime.in -o runtime.txt
compile "$@" --constraint dev.txt orgsim.in -o orgsim.txt
compile "$@" --constraint dev.txt spark.in -o spark.txt
# Those whom we are measured against have their own versions of everything.
compile "$@" ../benchmarks/requirements-peers.in -o ../benchmarks/requirements-peers.txt
echo "compiled requirements/dev.txt, runtime.txt, orgsim.txt, spark.txt and benchmarks/requirements-peers.txt"
