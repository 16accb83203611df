"""Every page is well-formed: elements close, ids are unique, labels and headings are there."""

from __future__ import annotations

from html.parser import HTMLParser

import pytest

from orgwarden.records.models import Org
from tests.web.conftest import SignedIn

VOID = set("area base br col embed hr img input link meta source track wbr".split())
# Elements whose end tag HTML lets one leave out are closed here all the same.
PATHS = (
    "/",
    "/integrations/?open=salesforce",
    "/integrations/add/salesforce/",
    "/orgs/{key}/",
    "/orgs/{key}/?part=live",
    "/orgs/{key}/delete/",
    "/activity/?range=30d",
    "/activity/?range=30d&actor=nobody",
    "/not-there/",
)


class Checker(HTMLParser):
    """Collects what is wrong with a page."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.ids: list[str] = []
        self.labels: set[str] = set()
        self.fields: list[dict[str, str | None]] = []
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        held = dict(attrs)
        if len(held) != len(attrs):
            self.wrong.append(f"<{tag}> has an attribute twice")
        if identity := held.get("id"):
            self.ids.append(identity)
        if tag == "label" and held.get("for"):
            self.labels.add(str(held["for"]))
        if tag in ("input", "select", "textarea") and held.get("type") not in (
            "hidden",
            "radio",
            "checkbox",
        ):
            self.fields.append(held)
        if "style" in held:
            self.wrong.append(f"<{tag}> has a style attribute")
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)
        if tag not in VOID:
            self.open.pop()

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.wrong.append(f"</{tag}> closes {self.open[-1:]} at {self.getpos()}")
        else:
            self.open.pop()


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.usefixtures("lake")
def test_the_page_is_well_formed(path: str, tenants: dict[str, Org], signed_in: SignedIn) -> None:
    answer = signed_in("admin").get(path.format(key=tenants["fine"].key))
    checker = Checker()
    checker.feed(answer.content.decode())
    assert checker.wrong == []
    assert checker.open == []
    assert len(checker.ids) == len(set(checker.ids))
    unlabelled = [f for f in checker.fields if f.get("id") not in checker.labels]
    assert unlabelled == []
