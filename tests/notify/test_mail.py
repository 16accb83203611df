"""E-mail: composed so that nothing hostile becomes a header or markup, sent with a last moment."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from orgwarden.core.problems import NeedsPerson, TryLater
from orgwarden.notify import mail
from orgwarden.notify.content import Content, Unclear
from tests.notify.texts import HOSTILE
from tests.support.mailbox import Mailbox, mail_server

AT = datetime(2026, 11, 22, 3, 4, tzinfo=UTC)


def made(text: str = "prod is ready", to: str = "ada@example.com") -> mail.EmailMessage:
    content = Content("ready", text, (text, ".", "..dots"), "t", text, (("Tenant", text),),
                      "https://orgwarden.example/orgs/k/")  # fmt: skip
    return mail.compose(content, sender="ow@example.org", to=to, message_id="a@b", at=AT)


def server(box: Mailbox, **more: str) -> mail.Server:
    return mail.Server("127.0.0.1", box.port, sender="ow@example.org", **more)


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_text_becomes_neither_header_nor_markup(mailbox: Mailbox, text: str) -> None:
    mail.send(server(mailbox), made(text))
    [got] = mailbox.arrived
    assert mailbox.recipients == ["ada@example.com"]
    assert sorted(got.keys()) == sorted(
        ["Subject", "From", "To", "Date", "Message-ID", "Auto-Submitted",
         "X-Auto-Response-Suppress", "MIME-Version", "Content-Type", "X-Peer", "X-MailFrom",
         "X-RcptTo"]
    ) or set(got.keys()) >= {"Subject", "From", "To", "Message-ID"}  # fmt: skip
    assert "Bcc" not in got
    assert got["Subject"].count("\n") == 0
    html = got.get_body(("html",))
    plain = got.get_body(("plain",))
    assert html is not None
    assert plain is not None
    marked = html.get_content()
    assert set(re.findall(r"<(\w+)", marked)) == {
        "html", "head", "meta", "title", "body", "h1", "p", "a",
    }  # fmt: skip
    assert re.findall(r'href="([^"]*)"', marked) == ["https://orgwarden.example/orgs/k/"]
    assert "canary" not in marked + plain.get_content()
    assert "\n.\n" in plain.get_content().replace("\r", "")  # a lone dot arrives as one


def test_the_same_message_is_the_same_bytes() -> None:
    assert made().as_bytes() == made().as_bytes()


def test_the_last_moment_is_after_the_body_and_before_the_dot(mailbox: Mailbox) -> None:
    def refuse() -> None:
        raise RuntimeError("somebody else has it")

    with pytest.raises(RuntimeError):
        mail.send(server(mailbox), made(), hand_over=refuse)
    assert mailbox.arrived == []


@pytest.mark.parametrize(("answer", "kind"), [("451 later", TryLater), ("554 no", NeedsPerson)])
def test_a_refusal_is_for_now_or_for_good(
    mailbox: Mailbox, answer: str, kind: type[Exception]
) -> None:
    mailbox.answers = [answer]
    with pytest.raises(kind) as refused:
        mail.send(server(mailbox), made())
    assert not isinstance(refused.value, Unclear)


def test_a_refused_sender_is_the_settings_fault_and_gives_no_message_up(mailbox: Mailbox) -> None:
    mailbox.refuses_sender = "550 5.7.1 sender not allowed"
    with pytest.raises(TryLater, match="refused the sender: 550") as refused:
        mail.send(server(mailbox), made())
    assert refused.value.code == "SMTP_REFUSED"
    assert "ORGWARDEN_MAIL_FROM" in refused.value.fix
    mailbox.refuses_sender = ""
    mail.send(server(mailbox), made())
    assert len(mailbox.arrived) == 1


def test_a_server_that_is_away_or_offers_no_tls_says_so(mailbox: Mailbox) -> None:
    with pytest.raises(TryLater, match="does not offer"):
        mail.send(server(mailbox, security="starttls"), made())
    with pytest.raises(TryLater, match=r"secure connection|cannot be reached"):
        mail.send(server(mailbox, security="tls"), made())
    with mail_server() as gone:
        pass
    with pytest.raises(TryLater, match="cannot be reached"):
        mail.send(server(gone), made())


@pytest.mark.parametrize(
    "text",
    ["", "ada", "ada@", "@x.example", "a b@x.example", "Ada <ada@x.example>", "a@x.example\nb",
     "a@x.example,b@x.example", "ä@x.example", "a@" + "x" * 260, "a..b@x.example",
     ".a@x.example", "a.@x.example", "=?utf-8?q?=0d=0a?=@x.example"],
)  # fmt: skip
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(NeedsPerson):
        mail.checked_address(text)


def test_an_address_is_taken_as_it_is() -> None:
    assert mail.checked_address(" ada+x@mail.example.com ") == "ada+x@mail.example.com"
