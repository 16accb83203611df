"""The examples of docs/api.md work as they stand there."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import pytest
from django.test import Client
from django.utils import timezone

from orgwarden.core.roles import Role
from tests.web import seeds
from tests.web.api.callers import person, token

PAGE = Path(__file__).parents[3] / "docs" / "api.md"


def examples() -> list[str]:
    blocks = re.findall(r"^```\n(.*?)^```", PAGE.read_text(encoding="utf-8"), re.M | re.S)
    lines = "".join(blocks).replace("\\\n", " ").splitlines()
    return [line for line in lines if line.startswith("curl ")]


def test_there_are_examples() -> None:
    assert len(examples()) >= 9


@pytest.mark.django_db
@pytest.mark.parametrize("example", examples(), ids=lambda e: e.split()[-1].rsplit("/", 1)[-1])
def test_the_examples_of_the_documentation_work(example: str) -> None:
    org = seeds.org(now=timezone.now())
    typed = example.replace("$TENANT", org.key)
    typed = typed.replace("$ORGWARDEN_TOKEN", token(person("ann", Role.ADMINISTRATOR)))
    method, sent, headers, query = "GET", "", {}, []
    words = iter(shlex.split(typed)[1:])
    address = ""
    for word in words:
        match word:
            case "-X":
                method = next(words)
            case "-G":
                query.append(("", ""))
            case "-H":
                name, _, value = next(words).partition(": ")
                headers[name] = value
            case "-d" if query:
                query.append(tuple(next(words).split("=", 1)))
            case "-d":
                sent, method = next(words), "POST" if method == "GET" else method
            case _:
                address = word
    parts = urlsplit(address)
    kind = headers.pop("Content-Type", "application/json")
    answer = Client().generic(
        method,
        f"{parts.path}?{parts.query or urlencode(query[1:])}".rstrip("?"),
        sent,
        content_type=kind,
        headers=headers,
    )
    assert answer.status_code in (200, 202), answer.content
