"""Secrets as careless code could have written them, and the search for them in files."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from pathlib import Path
from urllib.parse import quote


def spellings(canary: str) -> dict[str, bytes]:
    """The canary raw, in hex, percent-encoded, in UTF-16 and in base64 at three alignments."""
    plain = canary.encode()
    found = {
        "raw": plain,
        "hex": plain.hex().encode(),
        "HEX": plain.hex().upper().encode(),
        "percent": quote(canary, safe="").encode(),
        "utf-16": canary.encode("utf-16-le"),
    }
    for shift in range(3):
        coded = base64.b64encode(b"\0" * shift + plain)
        inner = coded[4 if shift else 0 : -4]
        found[f"base64+{shift}"] = inner
        found[f"base64url+{shift}"] = inner.translate(bytes.maketrans(b"+/", b"-_"))
    return found


def assert_absent(canaries: Iterable[str], folder: Path, *texts: bytes) -> None:
    """No canary lies in any file under `folder`, nor in any of the texts."""
    blobs = {str(f): f.read_bytes() for f in folder.rglob("*") if f.is_file()}
    blobs |= {f"text {n}": text for n, text in enumerate(texts)}
    assert blobs
    for canary in canaries:
        assert len(canary) >= 20, "too short to be looked for"
        for name, spelling in spellings(canary).items():
            for where, blob in blobs.items():
                assert spelling not in blob, f"a secret lies {name} in {where}"
