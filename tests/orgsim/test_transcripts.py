"""Calls and answers in the shapes that Salesforce's public documentation shows, key by key.

In `transcripts/*.json`, `<id>`, `<time>`, `<number>`, `<digits>`, `<word>` and `<text>` stand for
any such value; `"..."` for more of the same in a list; `partial` allows keys that are not named.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest
import requests

from tests.orgsim.conftest import Caller

TRANSCRIPTS = sorted((Path(__file__).parent / "transcripts").glob("*.json"))
KINDS = {
    "<id>": r"[A-Za-z0-9]{18}",
    "<time>": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+0000",
    "<number>": r"\d+",
    "<digits>": r"\d+",
    "<word>": r"\w+",
    "<text>": r"(?s:.*)",
}


def check(found: Any, wanted: Any, *, partial: bool, at: str = "$") -> None:
    if isinstance(wanted, dict):
        assert isinstance(found, dict), at
        assert wanted.keys() <= found.keys() if partial else wanted.keys() == found.keys(), at
        for key, value in wanted.items():
            check(found[key], value, partial=partial, at=f"{at}.{key}")
    elif isinstance(wanted, list):
        assert isinstance(found, list), at
        more = wanted[-1:] == ["..."]
        assert len(found) >= len(wanted) if more else len(found) == len(wanted), at
        for n, value in enumerate(wanted[:-1] if more else wanted):
            check(found[n], value, partial=partial, at=f"{at}[{n}]")
    elif wanted == "<number>":
        assert isinstance(found, int | float), at
    elif isinstance(wanted, str):
        parts = re.split(f"({'|'.join(KINDS)})", wanted)
        pattern = "".join(KINDS.get(part, re.escape(part)) for part in parts)
        assert isinstance(found, str), at
        assert re.fullmatch(pattern, found), f"{at}: {found!r} is not {wanted!r}"
    else:
        assert (found, type(found)) == (wanted, type(wanted)), at


@pytest.mark.parametrize("path", TRANSCRIPTS, ids=lambda p: p.stem)
def test_a_call_is_answered_as_documented(path: Path, anna: Caller) -> None:
    script = json.loads(path.read_text())
    asked, wanted = script["request"], script["response"]
    http = anna.http if asked.get("session", True) else requests.Session()
    answer = http.request(
        asked["method"],
        anna.url + asked["path"],
        json=asked.get("json"),
        data=asked.get("form"),
        timeout=20,
    )
    assert answer.status_code == wanted["status"], answer.text
    for name, value in wanted.get("headers", {}).items():
        check(answer.headers[name], value, partial=False, at=name)
    if "text" in wanted:
        assert answer.text == wanted["text"]
        return
    body = answer.json()
    check(body, wanted["body"], partial=script.get("partial", False))
    assert [key for key in wanted.get("absent", ()) if key in body] == []
